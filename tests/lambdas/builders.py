"""Values for the tests, with only what a test is about to be named."""

import dataclasses
from typing import Any

from lambdas.gate import names
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.judge import Judge, JudgeMode
from lambdas.gate.spec.spec import Gate, RollbackOn, Rollout, Size, SizeType, Spec, SpecSeen, Strategy, Variant
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Attempt, Fleet, Purpose
from lambdas.gate.state.evidence import Evidence
from lambdas.gate.state.head import Head
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import Container, Endpoint, FiredAlarm, Observed, Package
from lambdas.gate.state.pin import Pin
from lambdas.gate.state.versions_seen import VersionsSeen

NOW = 1_800_000_000.0
GROUP = "FraudDetectionGroup"
PREFIX = f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{GROUP}/"
REVIEWER = "arn:aws:iam::123456789012:user/reviewer"
APPROVER = Identity(arn=REVIEWER)
PIN = Pin(4 * "0123456789abcdef")
"""Of every package that has neither artifact nor image."""

SPEC = Spec(
    endpoint="fraud-detection",
    model_package_group=GROUP,
    variant=Variant("AllTraffic", "ml.m5.large", 2),
    execution_role_arn="arn:aws:iam::123456789012:role/approval-gate/approval-gate-us-east-1-fraud-detection",
    model_artifacts="s3://example-models/fraud/",
    rollout=Rollout(Strategy.CANARY, Size(SizeType.CAPACITY_PERCENT, 50), 300, 300, 3600),
    rollback_on=RollbackOn(error_rate_percent=1, p99_latency_ms=500, alarms=("kpi",), watch_seconds=3600),
    gate=Gate(),
    judge=Judge(JudgeMode.OFF),
)


def arn(number: int) -> str:
    return f"{PREFIX}{number}"


def approval(number: int, order: int | None = None, **fields: Any) -> Approval:
    """Given 1000 s ago by the reviewer, and pinned."""
    defaults: dict[str, Any] = {
        "order": order or number,
        "version": arn(number),
        "at": NOW - 1000,
        "by": REVIEWER,
        "approver": APPROVER,
        "pin": PIN,
    }
    return Approval(**defaults | fields)


def package(number: int, **fields: Any) -> Package:
    defaults: dict[str, Any] = {
        "version": arn(number),
        "group": GROUP,
        "approval_status": "Approved",
        "status": "Completed",
        "modified_at": NOW - 1000,
        "modified_by": REVIEWER,
        "modifier": APPROVER,
        "specification": PIN.specification,
        "created_at": NOW - 90_000,
        "containers": (Container(None),),
    }
    return Package(**defaults | fields)


def model_name(of: Package) -> str:
    """The name that the fake hosting gives to the model of a version. The real one depends on the same and on more."""
    return f"{of.version}/{of.specification}/{of.modified_at}"


def config_name(number: int, *, order: int, attempt: int, spec: Spec = SPEC, **fields: Any) -> str:
    """The name of the config of an attempt to roll out that approval. `fields`: of the version's package."""
    content = spec.settings + model_name(package(number, **fields))
    return names.endpoint_config(spec.endpoint, arn(number), order, content, attempt)


def endpoint(config: str = "gate-v1", **fields: Any) -> Endpoint:
    defaults: dict[str, Any] = {
        "arn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud-detection",
        "status": "InService",
        "config": config,
        "created_at": NOW - 9000,
        "modified_at": NOW - 5000,
        "variants": ("AllTraffic",),
    }
    return Endpoint(**defaults | fields)


def live(number: int | None = 1, config: str | None = None, **fields: Any) -> Live:
    """Version `number` live on `gate-vNUMBER`, put there by the gate; None is a config that is not the gate's."""
    if number is None:
        return Live(config=config or "by-hand", since=NOW - 5000)
    defaults: dict[str, Any] = {
        "config": config or f"gate-v{number}",
        "since": NOW - 5000,
        "approval": approval(number),
        "settings": SPEC.settings,
        "instance_type": "ml.m5.large",
        "instance_count": 2,
    }
    return Live(**defaults | fields)


def seen(newest: float = 0.0, recent: tuple[int, ...] = (), **fields: Any) -> VersionsSeen:
    defaults: dict[str, Any] = {"group": GROUP, "with_content": True}
    return VersionsSeen(newest, recent, **defaults | fields)


def head(**fields: Any) -> Head:
    """Of an endpoint whose first look is long past; `approved` defaults to versions 1 to 9."""
    defaults: dict[str, Any] = {
        "endpoint": SPEC.endpoint,
        "spec": SpecSeen(1, NOW - 9000),
        "horizon": NOW - 9000,
        "revision": 7,
        "rows": 5,
        "hash": "abc",
        "orders": 9,
        "attempts": 3,
        "approved": tuple(range(1, 10)),
        "prefix": PREFIX,
        "versions": seen(NOW - 9000),
    }
    return Head(**defaults | fields)


def attempt(number: int = 2, **fields: Any) -> Attempt:
    """Version `number` on its way from gate-v1 to gate-v2, opened 1000 s ago and accepted."""
    defaults: dict[str, Any] = {
        "number": 3,
        "approval": approval(number),
        "purpose": Purpose.UPDATE,
        "fleet": Fleet(f"gate-v{number}", SPEC.settings, "ml.m5.large", 2),
        "alarms": (*alarms.rollout_names(SPEC, f"gate-v{number}"), "kpi"),
        "opened_at": NOW - 1000,
        "expected_seconds": 1500,
        "previous_config": "gate-v1",
        "modified_at": NOW - 5000,
        "accepted_at": NOW - 1000,
    }
    return Attempt(**defaults | fields)


def fired(name: str = "approval-gate/fraud-detection/gate-v2/model-errors", at: float = NOW - 100) -> FiredAlarm:
    return FiredAlarm(name, at, "Threshold Crossed")


def observed(**fields: Any) -> Observed:
    """The endpoint InService on gate-v1; every version of `described` is Approved and as it was pinned. Its last change
    is that of its last event, or 1000 s ago."""
    changed: dict[str, float] = {}
    for hint in fields.get("hints", ()):
        changed[hint.version] = max(hint.at, changed.get(hint.version, NOW - 1000))
    described = {arn(number): package(number) for number in fields.pop("described", ())}
    packages = {
        version: dataclasses.replace(each, modified_at=changed.get(version, each.modified_at))
        for version, each in described.items()
    } | fields.pop("packages", {})
    return dataclasses.replace(Observed(endpoint=endpoint(), packages=packages, evidence=Evidence(pin=PIN)), **fields)
