"""What a look recognises, whatever order its messages come in and however often it is repeated."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from lambdas.gate.decide.recognition import recognise
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.observed import Observed, Package
from tests.lambdas.builders import NOW, arn, endpoint, package

NUMBERS = (1, 2, 3)
HEAD = Head("fraud-detection", SpecSeen(1, NOW - 100), NOW - 100)
moments = st.integers(-60, 0).map(lambda seconds: NOW + seconds / 2)
hints = st.lists(st.builds(ApprovalHint, st.sampled_from(NUMBERS).map(arn), moments.map(float)), min_size=2, max_size=6)
statuses = st.sampled_from(("Approved", "Approved", "Rejected"))


@st.composite
def looks(draw: st.DrawFn) -> Observed:
    """Each version is Approved, or not, or deleted; events tell of what was until it was read."""
    packages: dict[str, Package | None] = {}
    for number in NUMBERS:
        gone = draw(st.integers(0, 9)) == 0
        read = package(number, approval_status=draw(statuses), modified_at=draw(moments))
        packages[arn(number)] = None if gone else read
    listed = tuple(version for version, seen in packages.items() if seen and seen.is_approved)
    told = tuple(h for h in draw(hints) if (seen := packages[h.version]) and h.at <= seen.modified_at)
    return Observed(endpoint=endpoint(), listed=listed, packages=packages, hints=told)


@given(looks(), looks(), st.data())
def test_the_order_of_the_messages_makes_no_difference(first: Observed, second: Observed, data: st.DataObject) -> None:
    head, _ = recognise(HEAD, first, NOW)
    shuffled = tuple(data.draw(st.permutations(second.hints)))
    again = dataclasses.replace(second, hints=(*shuffled, *shuffled))
    assert recognise(head, again, NOW) == recognise(head, second, NOW)


@given(looks(), looks())
def test_what_was_recognised_is_not_recognised_again(first: Observed, second: Observed) -> None:
    head, _ = recognise(HEAD, first, NOW)
    once, _ = recognise(head, second, NOW)
    assert recognise(once, second, NOW) == (once, ())
