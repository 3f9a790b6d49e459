"""The rules for the shadow section, together with the rollout. Paths start at the entry.

https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests.html lists what AWS does not support there.
"""

from collections.abc import Iterator

from infra.config.entry import Entry
from infra.config.problem import Problem
from infra.config.rules import expression
from infra.config.sections.rollout import AnyRollout, Rolling
from infra.config.sections.shadow import Differ


def differ(keys: Differ) -> Iterator[Problem]:
    """The rule for the expression by which answers are compared."""
    if keys.at is not None:
        problems = [*expression.braces(keys.at)] or expression.faults(keys.at)
        yield from (each.below("shadow", "differ", "at") for each in problems)


def captures(entry: Entry) -> Iterator[Problem]:
    """The rules for the capture of the answers that are compared."""
    is_compared = entry.shadow is not None and entry.shadow.differ is not None
    capture = entry.serving.data_capture
    if is_compared and capture is None:
        yield Problem(
            ("serving", "data_capture"),
            "nothing",
            "data capture with shadow.differ: it says where SageMaker writes the answers that are compared. With "
            "`percent: 0` nothing is captured but while a shadow runs.",
            "add `serving: {data_capture: {percent: 0, destination: s3://BUCKET/PREFIX/}}`",
        )
    if capture is not None and capture.percent == 0 and not is_compared:
        yield Problem(
            ("serving", "data_capture", "percent"),
            "0",
            "1 to 100. 0 is for the shadow's captures alone, and the entry has no shadow.differ.",
            "write `percent: 1`, remove data_capture, or add shadow.differ",
        )


def rollout(keys: AnyRollout) -> Iterator[Problem]:
    """The rule for the rollout of a version that was a shadow."""
    if isinstance(keys, Rolling):
        allowed = (
            "another strategy with shadow. SageMaker excludes endpoints with several variants from rolling updates: "
            "all traffic would move at once, and no alarm would be watched."
        )
        yield Problem(("rollout", "strategy"), "rolling", allowed, "write `strategy: canary`, or remove shadow")
