"""What the account's trail adds to what the registry says about who approved."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.decide.witness import settle
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.fact import GATE, Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import Witness
from lambdas.gate.state.identity import Identity
from tests.lambdas.builders import APPROVER, NOW, REVIEWER, approval, arn, attempt, head, live

ANN = Identity("arn:aws:sts::123456789012:assumed-role/Reviewer/ann", "AROA:ann", "ann")
STAGE = Stage("Production", "Approved")
AT = NOW - 1000


def witness(number: int = 2, identity: Identity = APPROVER, **fields: Any) -> Witness:
    defaults: dict[str, Any] = {"at": AT, "status": "Approved"}
    return Witness(arn(number), identity, **defaults | fields)


def waiting(*approvals: Approval) -> Head:
    return head(live=live(1), approvals=approvals)


def known(number: int = 2, **fields: Any) -> Approval:
    return approval(number, **fields)


DISPUTED = known(approver=None, uncertain=True)
NAMED = known(approver=ANN, by="ann")

CASES: list[tuple[str, Approval, Witness, Approval, Kind | None]] = [
    ("both name the same: nothing to say", known(), witness(), known(), None),
    (
        "the registry is not certain: the trail is",
        known(uncertain=True),
        witness(2, ANN),
        NAMED,
        Kind.APPROVER_WITNESSED,
    ),
    ("uncertain, and the trail names the same", known(uncertain=True), witness(), known(), Kind.APPROVER_WITNESSED),
    ("the registry names nobody", known(approver=None, by=None), witness(2, ANN), NAMED, Kind.APPROVER_WITNESSED),
    ("they name different people: nobody is certain", known(), witness(2, ANN), DISPUTED, Kind.APPROVER_DISPUTED),
    ("disputed before: no trail settles it", DISPUTED, witness(2, ANN), DISPUTED, None),
    ("another version's", known(), witness(3, ANN), known(), None),
    ("another time's", known(), witness(2, ANN, at=AT - 2.1), known(), None),
    ("another time's, later", known(), witness(2, ANN, at=AT + 2.1), known(), None),
    ("clocks differ", known(), witness(2, ANN, at=AT + 2), DISPUTED, Kind.APPROVER_DISPUTED),
    ("a rejection approves nothing", known(), witness(2, ANN, status="Rejected"), known(), None),
    ("nor does an edit", known(), witness(2, ANN, status=None), known(), None),
    (
        "the trail spells the version as the caller did",
        known(version=arn(2).lower()),
        witness(2, ANN),
        dataclasses.replace(DISPUTED, version=arn(2).lower()),
        Kind.APPROVER_DISPUTED,
    ),
    (
        "a Studio user is no disagreement: the trail knows only the role",
        known(approver=dataclasses.replace(ANN, user_profile="arn:studio", source_identity=None)),
        witness(2, dataclasses.replace(ANN, source_identity=None)),
        known(approver=dataclasses.replace(ANN, user_profile="arn:studio", source_identity=None)),
        None,
    ),
    (
        "one role, two sessions by their principal",
        known(approver=Identity(principal_id="AROA:bo")),
        witness(2, ANN),
        DISPUTED,
        Kind.APPROVER_DISPUTED,
    ),
]


@pytest.mark.parametrize(
    ("given", "told", "expected", "kind"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_trail_s_word(given: Approval, told: Witness, expected: Approval, kind: Kind | None) -> None:
    after, facts = settle(waiting(given), (told,), None, NOW)
    assert after == waiting(expected)
    assert [fact.kind for fact in facts] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("stage", "told", "kinds"),
    [
        (STAGE, witness(2, ANN, status=None, stage=STAGE), [Kind.APPROVER_DISPUTED]),
        (STAGE, witness(2, ANN, status=None, stage=Stage("Production", "Pending")), []),
        (None, witness(2, ANN, status=None, stage=STAGE), []),
        (STAGE, witness(2, ANN), [Kind.APPROVER_DISPUTED]),
        (STAGE, witness(2, ANN, status="Rejected", stage=STAGE), []),
    ],
)
def test_a_move_to_the_stage_approves_where_the_spec_names_it(
    stage: Stage | None, told: Witness, kinds: list[Kind]
) -> None:
    assert [fact.kind for fact in settle(waiting(known()), (told,), stage, NOW)[1]] == kinds


def test_what_people_are_told() -> None:
    _, (disputed,) = settle(waiting(known()), (witness(2, ANN),), None, NOW)
    assert (disputed.summary, disputed.who, disputed.version) == (
        f"FraudDetectionGroup/2 has two approvers: ann according to CloudTrail, {REVIEWER} according to the registry",
        GATE,
        arn(2),
    )
    _, (named,) = settle(waiting(known(approver=None)), (witness(2, ANN),), None, NOW)
    assert (named.summary, named.who) == ("FraudDetectionGroup/2 was approved by ann, according to CloudTrail", "ann")
    assert named.detail == {"approval": 2, "registry": None, "trail": dataclasses.asdict(ANN)}


def test_of_two_approvals_the_nearer_one_is_meant() -> None:
    row = waiting(known(2, order=2, at=AT - 1.5), known(2, order=3, at=AT))
    after, _ = settle(row, (witness(2, ANN),), None, NOW)
    assert [a.uncertain for a in after.approvals] == [False, True]


def test_two_calls_within_a_moment_by_two_people_are_a_dispute_and_stay_one() -> None:
    told = (witness(2, ANN, at=AT + 1), witness(2, at=AT))
    after, facts = settle(waiting(known()), told, None, NOW)
    assert (after.approvals, [fact.kind for fact in facts]) == ((DISPUTED,), [Kind.APPROVER_DISPUTED])
    assert settle(after, told, None, NOW) == (after, ())


def test_an_approval_is_revised_wherever_it_is() -> None:
    given = known(uncertain=True)
    settled = dataclasses.replace(given, uncertain=False)

    def row(of: Approval) -> Head:
        return head(live=live(2, approval=of), good=(live(2, approval=of),), attempt=attempt(2, approval=of))

    after, (fact,) = settle(row(given), (witness(),), None, NOW)
    assert after == row(settled)
    assert fact.kind is Kind.APPROVER_WITNESSED
