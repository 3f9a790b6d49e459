"""The rules for the other sections of an entry, and for the size of what is made of it. Paths start at the entry."""

import dataclasses
from collections.abc import Iterator

from infra.config import limits, plan
from infra.config.declared import written
from infra.config.entry import Entry
from infra.config.problem import Path, Problem
from infra.config.rules.rollout import bake
from infra.config.sections.rollback_on import RollbackOn
from infra.config.sections.variant import ServerlessVariant, Variant
from infra.config.spec import spec
from infra.config.suggestion import ALLOWED
from infra.config.validation import found
from infra.event_patterns import event_pattern, length
from lambdas.gate import names
from lambdas.gate.spec.shadow import Comparer
from lambdas.gate.spec.spec import Golden

LONGEST_VERSIONS = f"arn:aws-us-gov:sagemaker:ap-southeast-99:{'0' * 12}:model-package/"
LONGEST_GOLDEN = Golden("0" * 64, limits.GOLDEN_REQUESTS, role_id="0" * 32, namespace=names.golden_namespace("e" * 63))
LONGEST_COMPARER = Comparer("0" * 32, f"https://sqs.ap-southeast-99.amazonaws.com.cn/{'0' * 12}/{'q' * 47}")
LONGEST_ROLE_ARN = f"arn:aws-us-gov:iam::{'0' * 12}:role{names.ROLE_PATH}{'r' * 64}"


def variant(keys: Variant) -> Iterator[Problem]:
    """The rule for a variant with instances."""
    if keys.instance_type.startswith("ml.inf1."):
        yield Problem(
            ("variant", "instance_type"),
            found(keys.instance_type),
            "any type but ml.inf1. SageMaker has no deployment guardrails for it: all traffic would move at once, and "
            "no alarm would be watched.",
            "use ml.inf2 or another type",
        )


def rollback_on(keys: RollbackOn) -> Iterator[Problem]:
    """The rules for the names of the user's alarms."""
    for index, alarm in enumerate(keys.alarms):
        path: Path = ("rollback_on", "alarms", index)
        if alarm in keys.alarms[:index]:
            yield Problem(path, f"{found(alarm)} again", "each alarm once", "remove it")
        if alarm.startswith(f"{names.PREFIX}/"):
            allowed = f"an alarm of your own. The names of Approval Gate's alarms start with {names.PREFIX}/."
            yield Problem(path, found(alarm), allowed, "remove it")
        if alarm.startswith("arn:"):
            allowed = "the name of an alarm. SageMaker takes no ARN here."
            named = alarm.partition(":alarm:")[2]
            yield Problem(path, found(alarm), allowed, f"write `- {written(named)}`" if named else ALLOWED)
        if "{{" in alarm:
            allowed = "a name without `{{`, which SSM refuses in a parameter"
            yield Problem(path, found(alarm), allowed, "rename the alarm")


def sizes(endpoint: str, entry: Entry) -> Iterator[Problem]:
    """The rules for the size of what the EndpointStack makes of the entry."""
    alarms = entry.rollback_on.alarms
    characters = length(event_pattern("0" * 12, LONGEST_VERSIONS, endpoint, entry.model_package_group, alarms))
    if characters > limits.PATTERN_CHARACTERS:
        yield Problem(
            ("rollback_on", "alarms"),
            f"alarm names that make the rule's event pattern {characters} characters long",
            f"at most {limits.PATTERN_CHARACTERS} characters, EventBridge's limit",
            "use shorter alarm names, or fewer",
        )
    golden = LONGEST_GOLDEN if entry.golden_requests else None
    if golden and len(alarms) > limits.USER_ALARMS_BESIDE_GOLDEN:
        yield Problem(
            ("rollback_on", "alarms"),
            f"{len(alarms)} alarms, and golden_requests",
            f"at most {limits.USER_ALARMS_BESIDE_GOLDEN} alarms with golden_requests. SageMaker takes "
            f"{limits.ROLLBACK_ALARMS} for a rollout, and {limits.OWN_ALARMS + 1} are Approval Gate's own.",
            "remove one of them",
        )
    if golden and not isinstance(entry.variant, ServerlessVariant):
        yield from bake(plan.rollout(entry.rollout, entry.variant.instance_count))
    yield from _parameter(endpoint, entry, golden)


def _parameter(endpoint: str, entry: Entry, golden: Golden | None) -> Iterator[Problem]:
    written = spec(endpoint, entry, LONGEST_ROLE_ARN, golden)
    if entry.shadow and entry.shadow.differ:
        written = dataclasses.replace(written, comparer=LONGEST_COMPARER)
    size = len(written.to_json().encode())
    if size <= limits.PARAMETER_BYTES:
        return
    alarms = sum(map(len, entry.rollback_on.alarms))
    conditions = sum(len(each.that) for each in entry.gate.require)
    variables = sum(len(name) + len(value) for name, value in entry.serving.environment.items())
    longest = max(
        (alarms, ("rollback_on", "alarms"), "alarm names"),
        (conditions, ("gate", "require"), "expressions"),
        (variables, ("serving", "environment"), "variables"),
        key=lambda part: part[0],
    )
    yield Problem(
        longest[1],
        f"an entry of {size} bytes as an SSM parameter",
        f"at most {limits.PARAMETER_BYTES} bytes, SSM's limit",
        f"use shorter {longest[2]}, or fewer",
    )
