"""The second app of the scenarios: endpoints with gates, each asking for something else, a ledger with a copy, and a
janitor that deletes."""

from typing import Any

from sandbox.demo.people import IMAGE
from tests.e2e.world import Entries, World

BUCKET = "e2e-governed"
REMOVED_BUCKET = "e2e-removed"
"""Of an endpoint whose entry is removed from the file, and of no other."""
JANITOR = {"mode": "delete", "retention_days": 1, "keep_good": 1, "failed_endpoint_days": 1}
LEDGER = {"copy": {"mode": "GOVERNANCE", "retention_days": 30}, "annotate_registry": True, "seal": True}
FREEZE_SECONDS = 3600
FREEZE_PERIOD_SECONDS = 7200
SOAK_SECONDS = 3600
PRODUCTION = {"Stage": "Production", "StageStatus": "Approved"}
F1 = "metrics.ModelQuality.Statistics.binary_classification_metrics.f1.value"
NO_WORSE = f"live == `null` || sum([{F1}, `0.01`]) >= live.{F1}"


def _entry(endpoint: str, gate: dict[str, Any]) -> dict[str, Any]:
    return {
        "model_package_group": f"{endpoint}-models",
        "variant": {"instance_type": "ml.m5.large", "instance_count": 2},
        "model_artifacts": f"s3://{BUCKET}/{endpoint}/",
        "rollout": {"strategy": "all-at-once", "bake_seconds": 300},
        "gate": gate,
    }


_GATES: dict[str, dict[str, Any]] = {
    "accessed": {},
    "accused": {"approvers": ["user/reviewer"]},
    "advised": {"mode": "advise", "four_eyes": True},
    "copied": {},
    "attacked": {
        "approvers": ["user/reviewer"],
        "images": [IMAGE],
        "require": [{"name": "good", "that": f"{F1} >= `0.8`"}],
    },
    "audited": {"four_eyes": True},
    "cleaned": {},
    "chosen": {"approvers": ["user/reviewer"]},
    "contested": {"four_eyes": True},
    "disowned": {"approvers": ["user/reviewer"]},
    "doubted": {"approvers": ["user/reviewer"]},
    "filled-in": {},
    "first-seen": {},
    "from-hub": {},
    "forged": {"four_eyes": True},
    "frozen": {"freeze": [{"cron": "0 */2 * * *", "hours": 1, "time_zone": "UTC"}]},
    "guarded": {},
    "looked-after": {},
    "measured": {"require": [{"name": "no-worse-than-live", "that": NO_WORSE}]},
    "paired": {"four_eyes": True},
    "paused": {},
    "pinned": {},
    "respecified": {},
    "restored": {},
    "shown": {},
    "staged": {"stage": {"name": PRODUCTION["Stage"], "status": PRODUCTION["StageStatus"]}},
    "staging": {},
    "stillborn": {"pin": False},
    "studio": {"four_eyes": True, "identity": ["user_profile"]},
    "unreported": {"require": [{"name": "no-worse-than-live", "that": NO_WORSE}]},
    "untagged": {},
    "vouched": {"witness": "cloudtrail"},
    "witnessed": {"four_eyes": True},
}

ENTRIES: Entries = {endpoint: _entry(endpoint, gate) for endpoint, gate in _GATES.items()} | {
    "soaked": _entry("staging", {"soak": {"endpoint": "staging", "hours": 1}}),
    "removed": _entry("removed", {}) | {"model_artifacts": f"s3://{REMOVED_BUCKET}/removed/"},
    "disputed": _entry("disputed", {"four_eyes": True})
    | {"rollout": {"strategy": "all-at-once", "bake_seconds": 1800}},
}
"""`soaked` follows the group that `staging` follows, as the endpoint of production follows that of a staging.
The rollouts of `disputed` take longer than CloudTrail."""


def prepare(world: World) -> None:
    """Before the deployment: the buckets of all models, which keep the versions of their objects."""
    s3 = world.client("s3")
    for bucket in (BUCKET, REMOVED_BUCKET):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
