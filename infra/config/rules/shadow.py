"""The rules for the shadow section, together with the rollout. Paths start at the entry.

https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests.html lists what AWS does not support there.
"""

from collections.abc import Iterator

from infra.config.problem import Problem
from infra.config.sections.rollout import AnyRollout, Rolling


def rollout(keys: AnyRollout) -> Iterator[Problem]:
    """The rule for the rollout of a version that was a shadow."""
    if isinstance(keys, Rolling):
        allowed = (
            "another strategy with shadow. SageMaker excludes endpoints with several variants from rolling updates: "
            "all traffic would move at once, and no alarm would be watched."
        )
        yield Problem(("rollout", "strategy"), "rolling", allowed, "write `strategy: canary`, or remove shadow")
