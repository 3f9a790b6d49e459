"""What an entry may not ask for where its endpoint is asynchronous, each with the reason. Paths are below the entry.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html lists all that AWS measures there.
"""

from collections.abc import Iterator

from infra.config.problem import Problem
from infra.config.rules.unsupported import Reasons
from infra.config.sections.serving import Serving

_MEND = "remove it, or remove serving.asynchronous"
REASONS = Reasons(
    "asynchronous",
    {
        "autoscaling": "it follows InvocationsPerInstance, which SageMaker does not publish for asynchronous endpoints",
        "golden_requests": "an asynchronous endpoint refuses InvokeEndpoint, by which they are played",
    },
    _MEND,
)


def serving(keys: Serving) -> Iterator[Problem]:
    if keys.data_capture:
        allowed = "none: SageMaker documents it for real-time endpoints alone; requests and answers are in S3 anyway"
        yield Problem(("serving", "data_capture"), "the key `data_capture`", allowed, _MEND)


def serverless() -> Problem:
    """Of an entry whose variant is serverless."""
    allowed = "none: SageMaker documents asynchronous endpoints on instances alone"
    mend = "remove it, or give the variant an instance_type in place of serverless"
    return Problem(("serving", "asynchronous"), "the key `asynchronous`", allowed, mend)


def average_latency(milliseconds: int) -> Problem:
    """Of an entry whose endpoint is not asynchronous."""
    allowed = "none: the latency of any other endpoint is bounded by p99_latency_ms, which tells more"
    mend = f"write `p99_latency_ms: {milliseconds}`"
    return Problem(("rollback_on", "average_latency_ms"), str(milliseconds), allowed, mend)
