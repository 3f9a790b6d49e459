"""What an entry with a serverless variant cannot have, each with the reason. Paths start at the entry.

https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html lists what AWS does not support there.
"""

from collections.abc import Iterator

from infra.config.problem import Problem
from infra.config.rules.unsupported import Reasons
from infra.config.sections.evidence import Evidence
from infra.config.sections.rollout import AllAtOnce, AnyRollout
from infra.config.sections.serving import Serving
from infra.config.sections.variant import ServerlessVariant
from infra.config.validation import found

_FIX = "remove it, or give the variant an instance_type instead of serverless"
_ONCE = (
    "all-at-once without a bake. SageMaker has no deployment guardrails for serverless endpoints, so all traffic moves "
    "to the new version at once."
)
SAFETY = {
    "data_capture": "none. SageMaker does not capture the data of serverless endpoints.",
    "kms_key": "none. A serverless variant has no instances, and so no storage volumes.",
    "vpc": "none. SageMaker does not support a VPC for serverless endpoints.",
    "network_isolation": "false. SageMaker does not support network isolation for serverless endpoints.",
}
START = {
    "container_startup_seconds": "none. SageMaker documents it only for instances.",
    "model_download_seconds": "none. SageMaker documents it only for instances.",
}

REASONS = Reasons(
    "serverless",
    {
        "autoscaling": "A serverless variant has no instances. SageMaker scales it by itself.",
        "golden_requests": "The update of a serverless endpoint has no bake, so a wrong answer could not roll it back.",
        "judge": "The update of a serverless endpoint has no minutes in which both versions serve.",
        "shadow": "SageMaker supports no shadow variants for serverless endpoints.",
        "traffic": "It is for the plan of a rollout with steps, and a serverless endpoint has no steps.",
    },
    _FIX,
)


def variant(keys: ServerlessVariant) -> Iterator[Problem]:
    """The rule for the variant alone."""
    given, most = keys.serverless.provisioned_concurrency, keys.serverless.max_concurrency
    if given is not None and given > most:
        path = ("variant", "serverless", "provisioned_concurrency")
        fix = f"write `provisioned_concurrency: {most}`"
        yield Problem(path, str(given), f"at most max_concurrency, which is {most}", fix)


def rollout(keys: AnyRollout) -> Iterator[Problem]:
    """The rules for a rollout section that the entry or the defaults give."""
    if not isinstance(keys, AllAtOnce):
        fix = "remove rollout, or write `rollout: {strategy: all-at-once}`"
        yield Problem(("rollout",), f"the strategy {keys.strategy}", _ONCE, fix)
    elif "bake_seconds" in keys.model_fields_set and keys.bake_seconds:
        yield Problem(("rollout", "bake_seconds"), str(keys.bake_seconds), _ONCE, "remove it")
    if keys.maximum_seconds is not None and isinstance(keys, AllAtOnce):
        allowed = "none. SageMaker takes a time limit only for a rollout with deployment guardrails."
        yield Problem(("rollout", "maximum_seconds"), str(keys.maximum_seconds), allowed, "remove it")


def serving(keys: Serving) -> Iterator[Problem]:
    """The rules for what keeps data and networks safe. It is not left out even if the defaults ask for it."""
    return _unsupported(keys, SAFETY)


def start(keys: Serving) -> Iterator[Problem]:
    """The rules for the time limits of a start."""
    return _unsupported(keys, START)


def _unsupported(keys: Serving, reasons: dict[str, str]) -> Iterator[Problem]:
    for key, allowed in reasons.items():
        if given := getattr(keys, key):
            what = found(given) if isinstance(given, str | int) else f"the key `{key}`"
            yield Problem(("serving", key), what, allowed, _FIX)


def evidence(keys: Evidence) -> Iterator[Problem]:
    """The rule for the minimum of requests."""
    if keys.min_requests:
        allowed = "0. The update of a serverless endpoint has no bake in which requests could judge the new version."
        yield Problem(("evidence", "min_requests"), str(keys.min_requests), allowed, "remove it")
    if "otherwise" in keys.model_fields_set:
        allowed = "none. The update of a serverless endpoint is never inconclusive."
        yield Problem(("evidence", "otherwise"), f"the key `otherwise: {keys.otherwise}`", allowed, "remove it")
