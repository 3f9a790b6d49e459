"""Which overrides count: those of as many people as the gate asks for, and for a check about people only those of
people who are neither author nor approver. Pure."""

from lambdas.gate.spec.spec import Gate
from lambdas.gate.state.identity import Comparison, Identity, compare_operator, operator
from lambdas.gate.state.orders import Override

People = dict[str, Identity | None]
"""What somebody did with the version → who; None if AWS does not say who."""


def counted(given: tuple[Override, ...], people: People, gate: Gate) -> tuple[tuple[Override, ...], str | None]:
    """Return the overrides that let a check pass, and why there are none, if there are orders that do not suffice.

    1. An operator who may be one of the `people` does not count. Neither does anybody, if AWS does not name them all.
       Nor does a role that no person uses, such as a chat channel's, if the check is about people or needs several.
    2. As many people as `gate.override_people` are needed. Whoever may be another of them is no other person.
    """
    needed = gate.override_people or 1
    asks_for_people = bool(people) or needed > 1
    left: list[Override] = []
    doubts: list[str] = []
    for override in given:
        doubt = (_automatic(override, gate) if asks_for_people else None) or _doubt(override, people, gate)
        others = [] if doubt else [_compared(override, operator(each.by), gate) for each in left]
        if doubt:
            doubts.append(doubt)  # 1
        elif all(other.is_same is False for other in others):
            left.append(override)  # 2
    if len(left) >= needed:
        return tuple(left), None
    missing = [f"overridden by {len(left)} of {needed} people"] if left else []
    return (), "; ".join((*missing, *doubts)) or None


def lets_pass(check: str, overrides: tuple[Override, ...], gate: Gate) -> bool:
    """True if enough operators let an approval pass a check that is not about people. `overrides`: the approval's."""
    return bool(counted(of(check, overrides), {}, gate)[0])


def of(check: str, overrides: tuple[Override, ...]) -> tuple[Override, ...]:
    """Return the overrides of one check."""
    return tuple(each for each in overrides if each.check == check)


def _automatic(override: Override, gate: Gate) -> str | None:
    """Return why an override may be by a role that no person uses; None if it is not. SQS names a role by its unique
    id, so its name is known only if the operator's client claimed it, and IAM confirmed that."""
    if not gate.automation:
        return None
    who = operator(override.by)
    if who.arn is None:
        is_role = override.by.startswith(_ROLE_ID)
        return f"the override by {override.by} does not count: the name of its role is not known" if is_role else None
    if who.matches(gate.automation, who.arn.split(":")[4]):
        return f"the override by {override.by} does not count: no person uses its role"
    return None


_ROLE_ID = "AROA"
"""The beginning of the unique ids of roles.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"""


def _doubt(override: Override, people: People, gate: Gate) -> str | None:
    for did, person in people.items():
        if person is None:
            return f"the override by {override.by} does not count: AWS does not say who {did} it"
        found = _compared(override, person, gate)
        if found.is_same is not False:
            return f"the override by {override.by} does not count: who {did} it is {person.label} ({found.by})"
    return None


def _compared(override: Override, person: Identity, gate: Gate) -> Comparison:
    return compare_operator(operator(override.by), person, gate.identity or ())
