"""What an entry of an asynchronous endpoint cannot have, each with the reason. Paths start at the entry.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html lists the metrics that AWS publishes.
"""

from collections.abc import Iterator

from infra.config.problem import Problem
from infra.config.rules.unsupported import Reasons
from infra.config.sections.rollback_on import RollbackOn
from infra.config.sections.serving import Serving

_FIX = "remove it, or remove serving.asynchronous"
REASONS = Reasons(
    "asynchronous",
    {
        "autoscaling": "It follows InvocationsPerInstance. SageMaker does not publish it for asynchronous endpoints.",
        "golden_requests": "They are played with InvokeEndpoint, which an asynchronous endpoint refuses.",
        "shadow": "SageMaker supports no shadow variants for asynchronous endpoints.",
        "judge": "SageMaker does not publish its requests and model errors for asynchronous endpoints.",
    },
    _FIX,
)


def serving(keys: Serving) -> Iterator[Problem]:
    """The rule for the serving section of an asynchronous endpoint."""
    if keys.data_capture:
        allowed = "none. SageMaker documents it only for real-time endpoints. Requests and answers are in S3 anyway."
        yield Problem(("serving", "data_capture"), "the key `data_capture`", allowed, _FIX)


def serverless() -> Problem:
    """Return the problem of an asynchronous endpoint with a serverless variant."""
    allowed = "none. SageMaker documents asynchronous endpoints only on instances."
    fix = "remove it, or give the variant an instance_type instead of serverless"
    return Problem(("serving", "asynchronous"), "the key `asynchronous`", allowed, fix)


def percentile(keys: RollbackOn) -> Iterator[Problem]:
    """The rule for the latency of an asynchronous endpoint, which has no percentiles."""
    if "p99_latency_ms" in keys.model_fields_set:
        allowed = "none. An asynchronous endpoint has no percentiles, so this key would guard nothing."
        given = keys.average_latency_ms is not None
        fix = "remove it" if given else f"write `average_latency_ms: {keys.p99_latency_ms}`"
        yield Problem(("rollback_on", "p99_latency_ms"), str(keys.p99_latency_ms), allowed, fix)


def average_latency(keys: RollbackOn) -> Iterator[Problem]:
    """The rule for the latency of an endpoint that is not asynchronous."""
    if keys.average_latency_ms is not None:
        allowed = "none. An endpoint that is not asynchronous has p99_latency_ms, which says more."
        given = "p99_latency_ms" in keys.model_fields_set
        fix = "remove it" if given else f"write `p99_latency_ms: {keys.average_latency_ms}`"
        yield Problem(("rollback_on", "average_latency_ms"), str(keys.average_latency_ms), allowed, fix)
