"""The endpoint that every schedule is about: its name, its spec, its versions, and their files."""

import dataclasses

from lambdas.gate import names
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.judge import Judge, JudgeMode
from lambdas.gate.spec.spec import Gate, RollbackOn, Rollout, Size, SizeType, Spec, Strategy, Variant
from simulation.world.registry import ACCOUNT, ARN, REGION
from simulation.world.resources import ROLE, VARIANT

START = 1_800_000_000.0
NAME = "fraud-detection"
GROUP = "FraudDetectionGroup"
KPI = "business-kpi"
"""The user's own alarm."""
SPARES = (8, 9)
"""Versions that are approved only by a fault."""
VERSIONS = (1, 2, 3, *SPARES)
"""The versions that are registered at the beginning."""
BYSTANDER = "churn"
"""An endpoint that is not opted in."""
SPEC = Spec(
    endpoint=NAME,
    model_package_group=GROUP,
    variant=Variant(VARIANT, "ml.m5.large", 2),
    execution_role_arn=ROLE,
    model_artifacts="s3://example-models/fraud/",
    rollout=Rollout(Strategy.CANARY, Size(SizeType.CAPACITY_PERCENT, 50), 300, 300, 3600),
    rollback_on=RollbackOn(error_rate_percent=1, p99_latency_ms=500, alarms=(KPI,), watch_seconds=3600),
    gate=Gate(),
    judge=Judge(JudgeMode.OFF),
)
DIGEST = "ab" * 32
"""The digest of the golden requests, if the spec has any."""
PLAIN = {"Containers": [{"ContainerHostname": "model"}], "SupportedContentTypes": ["text/csv"]}
"""The InferenceSpecification of versions without files, which keep the runs short."""
STANDING = alarms.standing_names(SPEC)[-1]
"""The standing alarm of the latency, which serverless endpoints have too."""
STAGING = dataclasses.replace(SPEC, endpoint="fraud-staging")
"""The spec of the endpoint that versions soak on. It has only what the gate reads."""
ORDERS_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{names.ORDERS}"
COPIES = names.copy_bucket(ACCOUNT, REGION)


def arn(number: int, group: str = GROUP) -> str:
    return f"{ARN}:model-package/{group}/{number}"


def artifact(number: int) -> str:
    return f"{SPEC.model_artifacts}{number}.tar.gz"


def second_artifact(number: int) -> str:
    """Return the artifact of the second container of a version that has two."""
    return f"{SPEC.model_artifacts}{number}-second.tar.gz"


def code(number: int) -> str:
    """Return the code of a version whose environment names some."""
    return f"{SPEC.model_artifacts}{number}-code.tar.gz"


def report(number: int) -> str:
    return f"{SPEC.model_artifacts}{number}.json"


def short(version: str | None) -> str:
    """Return a short name for messages."""
    return "nothing" if version is None else "/".join(version.rsplit("/", 2)[-2:]) if "/" in version else version
