"""The app that the scenarios act on: an endpoint and a model package group of its own for each."""

import json
import shutil
from pathlib import Path
from typing import Any

from sandbox.app.deployment import REPOSITORY

CRASHING = tuple(f"crashing-{number:02d}" for number in range(12))
KPI = "checkout-conversion-low"
SHARED = "orders-per-minute-low"
"""Of two endpoints."""
ADOPTED = ("adopted", "not-opted-in", "equipped")
"""Made by hand before the app is deployed, the second without the tag, the third with settings that its entry lacks."""
PAGED = "paged"
"""Its group has more Approved versions than ListModelPackages gives in one page."""

JANITOR = {"retention_days": 1, "keep_good": 1}
"""And no mode: it only says what it would delete."""

PLAIN = (
    "annotated",
    "attacked",
    "autoscaled",
    "burning",
    "busy",
    "checked",
    "counted",
    "deleted",
    "delivered",
    "denied",
    "destroyed",
    "disconnected",
    "dusty",
    "edited",
    "forged",
    "interrupted",
    "meddled",
    "older",
    "misled",
    "only",
    "ordered",
    "outage",
    "pending",
    "piped",
    "prompt",
    "reapproved",
    "reconsidered",
    "refused",
    "repeated",
    "resized",
    "resubmitted",
    "rolled-back",
    "shadowed",
    "throttled",
    "undocumented",
    "unheard",
    "watched",
)
"""Those of the default entry: two instances, all at once."""

_CANARY = {"strategy": "canary", "canary_percent": 50, "wait_seconds": 300, "bake_seconds": 300}
_LINEAR = {"strategy": "linear", "step_percent": 25, "wait_seconds": 300, "bake_seconds": 300}
_ROLLING = {"strategy": "rolling", "batch_percent": 25, "wait_seconds": 300}
_ALL_AT_ONCE = {"strategy": "all-at-once", "bake_seconds": 300}


def group(endpoint: str) -> str:
    """The name of its model package group."""
    return f"{endpoint}-models"


def _entry(endpoint: str, rollout: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "model_package_group": group(endpoint),
        "variant": {"instance_type": "ml.m5.large", "instance_count": 2},
        "model_artifacts": f"s3://e2e-models/{endpoint}/",
        "rollout": rollout or _ALL_AT_ONCE,
    } | more


def _variant(instance_type: str, count: int) -> dict[str, Any]:
    return {"variant": {"instance_type": instance_type, "instance_count": count}}


GOLDEN = REPOSITORY / "golden" / "fraud-detection.jsonl"


def _golden(rollout: dict[str, Any]) -> dict[str, Any]:
    return {"rollout": rollout, "golden_requests": GOLDEN.name}


_UNPINNED: dict[str, Any] = {"gate": {"pin": False}}
"""Of endpoints whose models cannot be read: they shall fail where they are launched, not at the gate."""

SERVING: dict[str, Any] = {
    "environment": {"LOG_LEVEL": "info"},
    "vpc": {"subnets": ["subnet-0123456789abcdef0"], "security_groups": ["sg-0123456789abcdef0"]},
    "network_isolation": True,
    "kms_key": "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f",
    "data_capture": {"percent": 20, "destination": "s3://e2e-capture/configured/"},
    "container_startup_seconds": 600,
    "model_download_seconds": 900,
}

SERVERLESS: dict[str, Any] = {
    "variant": {"serverless": {"memory_mb": 2048, "max_concurrency": 20}},
    "rollout": {"strategy": "all-at-once"},
}

ASYNCHRONOUS: dict[str, Any] = {
    "rollback_on": {"average_latency_ms": 500},
    "evidence": {"min_requests": 100, "otherwise": "revert"},
    "serving": {
        "asynchronous": {
            "input": "s3://e2e-models/in/",
            "output": "s3://e2e-models/out/",
            "failures": "s3://e2e-models/failed/",
        }
    },
}

SHADOW: dict[str, Any] = {"percent": 50, "hours": 1, "min_requests": 100}
CAPTURES = "s3://e2e-models/captured/"

AUTOSCALING: dict[str, Any] = {
    "min": 2,
    "max": 8,
    "invocations_per_instance": 1000,
    "scheduled": [{"name": "morning", "schedule": "cron(0 8 * * ? *)", "min": 4, "max": 8}],
}

ENTRIES: dict[str, dict[str, Any]] = {
    name: _entry(name, **fields)
    for name, fields in {
        **{name: {} for name in (*PLAIN, PAGED, *ADOPTED, *CRASHING)},
        "prompt": {"contacts": {"owner": "Fraud Analytics"}},
        "artifacts": _UNPINNED,
        "stillborn": _UNPINNED,
        "story": {"rollout": _CANARY, "rollback_on": {"error_rate_percent": 1, "p99_latency_ms": 500}},
        "slow": {"rollout": _CANARY, "rollback_on": {"error_rate_percent": 1, "p99_latency_ms": 500}},
        **{name: {"rollout": _CANARY, "judge": {"mode": "revert"}} for name in ("judged", "noisy")},
        "climbing": {"rollout": _CANARY, "shadow": SHADOW, "evidence": {"otherwise": "revert"}},
        "differing": {
            "rollout": _CANARY,
            "shadow": SHADOW | {"differ": {"at": "score", "within": {"absolute": 0.01}, "max_percent": 1}},
            "serving": {"data_capture": {"percent": 0, "destination": CAPTURES}},
            "evidence": {"otherwise": "revert"},
        },
        "timed": {
            "rollout": _CANARY,
            "judge": {"mode": "revert", "latency": "revert", "slower_than_ms": 30},
        },
        "linear": {"rollout": _LINEAR} | _variant("ml.m5.large", 4),
        "rolling": {"rollout": _ROLLING} | _variant("ml.m5.large", 4),
        "overlooked": {"rollout": _ALL_AT_ONCE | {"bake_seconds": 900}},
        "overtaken": {"rollout": _CANARY},
        "recalled": {"rollout": _CANARY},
        "watchful": {"rollout": _CANARY, "metrics": {"publish_seconds": 10}},
        "ordered-off": {"rollout": _CANARY},
        "stopped": {"rollout": _CANARY},
        "guarded": {"rollback_on": {"alarms": [KPI], "watch_seconds": 0}},
        "minded": {"rollback_on": {"alarms": [SHARED]}},
        "neighbour": {"rollback_on": {"alarms": [SHARED], "watch_seconds": 600}},
        "misnamed": {"rollback_on": {"alarms": ["nobody-made-it"]}},
        "unproven": {"evidence": {"min_requests": 100, "otherwise": "revert"}},
        "settled": {"rollback_on": {"watch_seconds": 0}},
        **{name: _golden(_CANARY) for name in ("answering", "babbling", "unprobed")},
        "mute": _golden(_ALL_AT_ONCE),
        "configured": {"serving": SERVING},
        **dict.fromkeys(("momentary", "momentary-recalled"), SERVERLESS),
        "unhurried": {"rollout": _CANARY} | ASYNCHRONOUS,
        "elastic": {"autoscaling": AUTOSCALING},
        "scarce": _variant("ml.g5.xlarge", 2),
        "exhausted": {"capacity": {"retry_seconds": 4800}} | _variant("ml.p4d.24xlarge", 2),
    }.items()
}

_EDITS: dict[str, dict[str, Any]] = {
    "autoscaled": {"model_artifacts": "s3://example-models/moved/"},
    "configured": {
        "serving": SERVING
        | {"environment": {"LOG_LEVEL": "debug"}, "data_capture": SERVING["data_capture"] | {"percent": 5}}
    },
    "elastic": _variant("ml.m5.xlarge", 2) | {"autoscaling": AUTOSCALING | {"max": 16, "scheduled": []}},
    "piped": _variant("ml.m5.large", 3),
    "resized": _variant("ml.m5.large", 3),
}
EDITED = ENTRIES | {name: ENTRIES[name] | edit for name, edit in _EDITS.items()}
"""The same entries once operators edited some. Each edit is deployed by a scenario of its own."""


def write(folder: Path, entries: dict[str, dict[str, Any]], sections: dict[str, Any] | None = None) -> Path:
    """Write endpoints.yaml into the folder, with the golden requests beside it."""
    shutil.copy(GOLDEN, folder)
    file = folder / "endpoints.yaml"
    file.write_text(json.dumps({"endpoints": entries} | (sections or {})))
    return file
