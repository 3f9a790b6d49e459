"""The first look never surprises production."""

import dataclasses

import pytest

from lambdas.gate.decide import baseline
from lambdas.gate.decide.recognition import recognise
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state.head import NOT_RECONCILED, Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import Observed, Package, Served, ServedVariant
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, endpoint, head, live, package

SEEN = SpecSeen(1, NOW - 60)
TEN = tuple(arn(n) for n in range(1, 11))


def test_an_existing_endpoint_keeps_what_it_serves_and_nothing_approved_is_a_candidate() -> None:
    seen = Observed(endpoint("by-hand"), listed=TEN)
    first, (fact,) = baseline.baseline(SPEC, SEEN, seen, None, NOW)
    assert (first.live, first.approvals, first.approved) == (Live("by-hand", NOW), (), tuple(range(1, 11)))
    assert fact.summary == "First reconcile: adopted with config by-hand"


def test_the_version_an_adopted_endpoint_serves_is_known_if_it_is_approved() -> None:
    seen = Observed(endpoint("by-hand"), listed=TEN, served=Served(arn(4)))
    first, (fact,) = baseline.baseline(SPEC, SEEN, seen, None, NOW)
    assert first.live
    assert first.live.version == arn(4)
    assert fact.summary == "First reconcile: adopted with config by-hand, which serves FraudDetectionGroup/4"
    assert (fact.version, fact.detail) == (arn(4), {"approved": 10, "endpoint_config": "by-hand"})


def test_the_version_an_adopted_endpoint_serves_is_known_if_it_is_approved_and_the_list_is_behind() -> None:
    seen = Observed(endpoint("by-hand"), listed=TEN[:3], packages={arn(4): package(4)}, served=Served(arn(4)))
    first, (fact,) = baseline.baseline(SPEC, SEEN, seen, None, NOW)
    assert first.live
    assert first.live.version == arn(4)
    assert fact.summary == "First reconcile: adopted with config by-hand, which serves FraudDetectionGroup/4"


def test_the_variants_of_an_adopted_endpoint_are_on_the_record() -> None:
    own, copies = (ServedVariant(name, name == "S", arn(n), 1.0, "ml.m5.large", 2) for name, n in (("A", 4), ("S", 9)))
    seen = Observed(endpoint("by-hand", shadows=("S",)), listed=TEN, served=Served(arn(4), (own, copies)))
    first, (fact,) = baseline.baseline(SPEC, SEEN, seen, None, NOW)
    assert first.live
    assert first.live.version == arn(4)
    assert fact.summary == (
        "First reconcile: adopted with config by-hand, which serves FraudDetectionGroup/4; "
        "its variants are A (FraudDetectionGroup/4), S (shadow, FraudDetectionGroup/9)"
    )
    assert [(each["name"], each["version"]) for each in fact.detail["variants"]] == [("A", arn(4)), ("S", arn(9))]


@pytest.mark.parametrize("packages", [{}, {arn(4): package(4, approval_status="Rejected")}], ids=["gone", "rejected"])
def test_an_adopted_version_that_is_not_approved_is_said_to_be(packages: dict[str, Package | None]) -> None:
    seen = Observed(endpoint("x"), packages=packages, served=Served(arn(4)))
    first, (fact,) = baseline.baseline(SPEC, SEEN, seen, None, NOW)
    assert first.live
    assert first.live.version is None
    assert fact.summary == (
        "First reconcile: adopted with config x, which serves FraudDetectionGroup/4, which is not Approved"
    )


def test_an_approval_given_after_the_spec_was_deployed_is_a_candidate_even_at_the_first_look() -> None:
    seen = Observed(
        endpoint("by-hand"),
        listed=TEN,
        packages={arn(3): package(3, modified_at=NOW - 5)},
        hints=(ApprovalHint(arn(3), NOW - 5),),
    )
    first, _ = baseline.baseline(SPEC, SEEN, seen, None, NOW)
    after, _ = recognise(first, seen, NOW)
    assert [a.version for a in after.approvals] == [arn(3)]


def test_an_approval_given_before_the_spec_was_deployed_is_none() -> None:
    seen = Observed(
        endpoint("by-hand"),
        listed=TEN,
        packages={arn(3): package(3, modified_at=NOW - 61)},
        hints=(ApprovalHint(arn(3), NOW - 61),),
    )
    first, _ = baseline.baseline(SPEC, SEEN, seen, None, NOW)
    assert recognise(first, seen, NOW) == (first, ())


def test_a_missing_endpoint_is_to_be_created_from_the_newest_created_approved_version() -> None:
    seen = Observed(None, listed=TEN, packages={arn(10): package(10)})
    first, (fact,) = baseline.baseline(SPEC, SEEN, seen, None, NOW)
    assert first.approvals == (approval(10, order=1, inferred=True, pin=None),)
    assert first.approved == tuple(range(1, 11))
    assert fact.summary == (
        "First reconcile: the endpoint does not exist; FraudDetectionGroup/10 is the newest Approved version"
    )


@pytest.mark.parametrize("is_modified", [True, False])
def test_who_approved_a_first_version_is_not_certain_if_it_was_changed_since_it_was_registered(
    *, is_modified: bool
) -> None:
    """No event told of the approval, so the last change may be an edit by somebody else."""
    seen = Observed(None, listed=TEN, packages={arn(10): package(10, is_modified=is_modified)})
    first, _ = baseline.baseline(SPEC, SEEN, seen, None, NOW)
    assert [a.uncertain for a in first.approvals] == [is_modified]


def test_with_nothing_there_nothing_is_wanted() -> None:
    first, (fact,) = baseline.baseline(SPEC, SEEN, Observed(None), None, NOW)
    assert (first.live, first.approvals, first.approved) == (None, (), ())
    assert fact.summary == "First reconcile: the endpoint does not exist, and no version is Approved"


def test_beginning_anew_keeps_the_place_in_the_chain_the_pause_the_janitors_claim_and_nothing_else() -> None:
    janitor = {"previous_config": "gate-v1", "cleaning_until": NOW + 90}
    old = head(
        live=live(2),
        good=(live(1),),
        approvals=(approval(3),),
        paused="audit",
        paused_until=NOW + 60,
        notice="x",
        look_at=NOW,
        **janitor,
    )
    again, (fact,) = baseline.baseline(SPEC, SEEN, Observed(endpoint("by-hand"), listed=TEN), old, NOW)
    kept = {
        "revision": 7,
        "rows": 5,
        "hash": "abc",
        "orders": 9,
        "attempts": 3,
        "paused": "audit",
        "paused_until": NOW + 60,
    } | janitor
    kept["previous_config"] = live(2).config
    fresh, _ = baseline.baseline(SPEC, SEEN, Observed(endpoint("by-hand"), listed=TEN), None, NOW)
    assert again == dataclasses.replace(fresh, **kept)  # type: ignore[arg-type]
    assert fact.summary == "Begun again: adopted with config by-hand"


def test_beginning_anew_keeps_what_was_served_before_where_nobody_changed_the_endpoint() -> None:
    old = head(live=live(2), previous_config="gate-before")
    for there in (Observed(endpoint(live(2).config), listed=TEN), Observed(None, listed=())):
        again, _ = baseline.baseline(SPEC, SEEN, there, old, NOW)
        assert again.previous_config == "gate-before"


KNOWN = SpecSeen(3, NOW - 9000)


@pytest.mark.parametrize(
    ("row", "seen", "expected"),
    [
        pytest.param(head(spec=KNOWN), KNOWN, False, id="the same parameter"),
        pytest.param(head(spec=KNOWN), SpecSeen(4, NOW), False, id="the spec was edited"),
        pytest.param(head(spec=KNOWN), SpecSeen(1, NOW), True, id="the version started over"),
        pytest.param(head(spec=KNOWN), SpecSeen(3, NOW), True, id="another parameter reached the same version"),
        pytest.param(head(spec=KNOWN), SpecSeen(2, NOW - 9900), False, id="an answer from before the last edit"),
        pytest.param(head(spec=KNOWN), SpecSeen(3, NOW - 9900), False, id="an answer from before it was made anew"),
        pytest.param(
            Head(SPEC.endpoint, NOT_RECONCILED, 0.0), KNOWN, True, id="an operator's order came before any look"
        ),
        pytest.param(
            head(spec=KNOWN, attempt=attempt()), SpecSeen(1, NOW), False, id="an open attempt is judged first"
        ),
    ],
)
def test_is_new(row: Head, seen: SpecSeen, expected: bool) -> None:
    assert baseline.is_new(row, seen) is expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [(KNOWN, False), (SpecSeen(4, NOW), False), (SpecSeen(1, NOW), False), (SpecSeen(2, NOW - 9900), True)],
    ids=["the same", "edited", "made anew", "before the last edit"],
)
def test_is_behind(seen: SpecSeen, *, expected: bool) -> None:
    assert baseline.is_behind(head(spec=KNOWN), seen) is expected
