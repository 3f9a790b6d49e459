"""A version does not change once it is registered."""

import pytest

from lambdas.gate import codec
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.registration import Registration
from lambdas.gate.state.specification import FilledIn
from tests.lambdas.builders import NOW, arn, package

FIRST, LAST = FilledIn("Containers[0].ImageDigest", "sha256:1"), FilledIn("Containers[2].ImageDigest", "sha256:2")
BO = Identity(arn="arn:aws:iam::123456789012:user/bo")
CHANGED = "its InferenceSpecification was changed"
DIGEST_CHANGED = "Containers[2].ImageDigest of its InferenceSpecification was changed"


@pytest.mark.parametrize(
    ("then", "fixed", "now", "expected"),
    [
        ((), "f", (), None),
        ((), "f", (FIRST, LAST), None),  # AWS looked them up later
        ((FIRST,), "f", (FIRST, LAST), None),
        ((FIRST, LAST), "f", (FIRST, LAST), None),
        ((FIRST, LAST), "f", (FIRST, FilledIn(LAST.path, "sha256:3")), DIGEST_CHANGED),
        ((FIRST, LAST), "f", (FIRST,), DIGEST_CHANGED),
        ((FIRST, LAST), "g", (FIRST, LAST), CHANGED),
        ((), "f" * 12, (), CHANGED),
    ],
)
def test_what_changed_since(
    then: tuple[FilledIn, ...], fixed: str, now: tuple[FilledIn, ...], expected: str | None
) -> None:
    registration = Registration.of(package(1, fixed="f", filled_in=then), NOW)
    assert registration == Registration(arn(1), NOW - 90_000, NOW, "f", then)
    assert registration.change(package(1, fixed=fixed, filled_in=now)) == expected


@pytest.mark.parametrize(("is_modified", "changed_by"), [(False, None), (True, BO)])
def test_who_changed_the_version_last_before_it_was_recorded_is_part_of_the_record(
    is_modified: bool, changed_by: Identity | None
) -> None:
    registration = Registration.of(package(1, modifier=BO, is_modified=is_modified), NOW)
    assert codec.decode(Registration, codec.encode(registration)).changed_by == changed_by
