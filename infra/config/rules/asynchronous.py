"""What an entry of an asynchronous endpoint cannot have, each with the reason. Paths start at the entry.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html lists the metrics that AWS publishes.
"""

from collections.abc import Iterator

from infra.config.problem import Problem
from infra.config.rules.unsupported import Reasons
from infra.config.sections.serving import Serving

_FIX = "remove it, or remove serving.asynchronous"
REASONS = Reasons(
    "asynchronous",
    {
        "autoscaling": "It follows InvocationsPerInstance. SageMaker does not publish it for asynchronous endpoints.",
        "golden_requests": "They are played with InvokeEndpoint, which an asynchronous endpoint refuses.",
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


def average_latency(milliseconds: int) -> Problem:
    """Return the problem of an average latency at an endpoint that is not asynchronous."""
    allowed = "none. An endpoint that is not asynchronous has p99_latency_ms, which says more."
    fix = f"write `p99_latency_ms: {milliseconds}`"
    return Problem(("rollback_on", "average_latency_ms"), str(milliseconds), allowed, fix)
