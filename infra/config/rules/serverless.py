"""What an entry may not ask for beside a serverless variant, each with the reason. Paths are below the entry.

https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html lists what AWS leaves out there.
"""

from collections.abc import Iterator

from infra.config.plan import Keys
from infra.config.problem import Problem
from infra.config.rules.unsupported import Reasons
from infra.config.sections.evidence import Evidence
from infra.config.sections.rollout import AllAtOnce
from infra.config.sections.serving import Serving
from infra.config.sections.variant import ServerlessVariant
from infra.config.validation import found

_MEND = "remove it, or give the variant an instance_type in place of serverless"
_ONCE = (
    "all-at-once without a bake: SageMaker has no deployment guardrails for serverless endpoints, so all traffic goes "
    "to the new version at once"
)
_SERVING = {
    "data_capture": "none: SageMaker captures no data of serverless endpoints",
    "kms_key": "none: a serverless variant has no instances, and so no storage volumes to encrypt",
    "vpc": "none: SageMaker has no VPC configuration for serverless endpoints",
    "network_isolation": "false: SageMaker has no network isolation for serverless endpoints",
    "container_startup_seconds": "none: SageMaker documents it for instances alone",
    "model_download_seconds": "none: SageMaker documents it for instances alone",
}

REASONS = Reasons(
    "serverless",
    {
        "autoscaling": "a serverless variant has no instances, and follows its requests by itself",
        "golden_requests": "the update of a serverless endpoint has no bake, so no wrong answer would roll it back",
    },
    _MEND,
)


def variant(keys: ServerlessVariant) -> Iterator[Problem]:
    asked, most = keys.serverless.provisioned_concurrency, keys.serverless.max_concurrency
    if asked is not None and asked > most:
        path = ("variant", "serverless", "provisioned_concurrency")
        yield Problem(
            path, str(asked), f"at most max_concurrency, which is {most}", f"write `provisioned_concurrency: {most}`"
        )


def rollout(keys: Keys) -> Iterator[Problem]:
    """Of an entry that has the section, of its own or by the defaults."""
    if not isinstance(keys, AllAtOnce):
        mend = "remove rollout, or write `rollout: {strategy: all-at-once}`"
        yield Problem(("rollout",), f"the strategy {keys.strategy}", _ONCE, mend)
    elif "bake_seconds" in keys.model_fields_set and keys.bake_seconds:
        yield Problem(("rollout", "bake_seconds"), str(keys.bake_seconds), _ONCE, "remove it")


def serving(keys: Serving) -> Iterator[Problem]:
    for key, allowed in _SERVING.items():
        if asked := getattr(keys, key):
            given = found(asked) if isinstance(asked, str | int) else f"the key `{key}`"
            yield Problem(("serving", key), given, allowed, _MEND)


def evidence(keys: Evidence) -> Iterator[Problem]:
    if keys.min_requests:
        why = "the update of a serverless endpoint has no bake, in which requests could judge the new version"
        yield Problem(("evidence", "min_requests"), str(keys.min_requests), f"0: {why}", "remove it")
