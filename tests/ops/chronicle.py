"""Five days of an endpoint, written by the product's own functions: the audit tests ask about them."""

import dataclasses
from typing import Any

from lambdas.gate.aws.ledger import row_from_item, row_item
from lambdas.gate.decide import baseline, witness
from lambdas.gate.decide.action import Alert, Close, Hold, Update
from lambdas.gate.decide.recognition import recognise
from lambdas.gate.policy import checks
from lambdas.gate.spec.spec import Condition, Gate, SpecSeen
from lambdas.gate.state import chain
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.attempt import Attempt, Fleet, Outcome, Purpose
from lambdas.gate.state.evidence import Evidence, Report
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint, Witness
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Container, Endpoint, Observed, Package
from lambdas.gate.state.pin import Artifact, Image, Pin
from lambdas.gate.transitions import closing, intervention, manual_change, notice, opening
from tests.lambdas.builders import SPEC, arn, endpoint

T = 1763899200.0
"""2025-11-23T12:00:00Z; day N of the chronicle begins N days later."""
DAY = 86400.0
ALICE = Identity(arn="arn:aws:sts::123456789012:assumed-role/Reviewer/alice")
CAROL = Identity(arn="arn:aws:sts::123456789012:assumed-role/Science/carol")
BOB = "arn:aws:sts::123456789012:assumed-role/Operator/bob"
ENFORCED = dataclasses.replace(SPEC, gate=Gate(four_eyes=True, require=(Condition("f1", "metrics.f1 >= `0.8`"),)))
REPORT = Report("s3://example-models/fraud/2/quality.json", "e1", 120, "ab" * 32)


def pin(number: int) -> Pin:
    artifact = Artifact(f"s3://example-models/fraud/{number}/model.tar.gz", f"etag{number}", "v1", T - DAY)
    return Pin(f"spec{number}", (artifact,), (Image("xgboost:1.7", "sha256:feed"),))


def package(number: int, at: float, comment: str | None = None, modified_at: float | None = None) -> Package:
    return Package(
        version=arn(number),
        group=SPEC.model_package_group,
        approval_status="Approved",
        status="Completed",
        modified_at=modified_at or at,
        modified_by=ALICE.label,
        comment=comment,
        modifier=ALICE,
        registered_by=CAROL,
        specification=f"spec{number}",
        containers=(Container("xgboost:1.7", model_data=f"s3://example-models/fraud/{number}/model.tar.gz"),),
        description={
            "MetadataProperties": {"CommitId": f"c0ffee{number}", "GeneratedBy": f"arn:pipeline/execution/{number}"},
            "CustomerMetadataProperties": {"dataset": f"2025-1{number}"},
            "CreationTime": "2025-11-20T08:00:00Z",
        },
        registered_at=0.0,
    )


class Chronicle:
    """`head` and `rows` as the ledger has them; each step says when it is."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        seen = Observed(None, listed=(arn(1),), packages={arn(1): package(1, T - 60, "the first")})
        head, facts = baseline.baseline(ENFORCED, SpecSeen(1, T - 90), seen, None, T)
        self.head = Head(head.endpoint, head.spec, head.horizon)
        self.write(head, facts)

    def write(self, head: Head, facts: tuple[Fact, ...]) -> None:
        before = dataclasses.replace(head, rows=self.head.rows, hash=self.head.hash)
        self.head, rows = chain.append(before, facts)
        self.rows += [row_from_item(row_item(row)) for row in rows]

    def approve(self, number: int, at: float, comment: str | None, edited_at: float | None = None) -> None:
        """Approved by Alice, and pinned. `edited_at`: her edit of the package before a reconcile saw it."""
        described = package(number, at, comment, edited_at)
        seen = Observed(endpoint(), packages={arn(number): described}, hints=(ApprovalHint(arn(number), at),))
        self.write(*recognise(self.head, seen, at + 5))
        approval = dataclasses.replace(self.approval(number), pin=pin(number))
        detail = {"approval": approval.order, "pin": dataclasses.asdict(pin(number))}
        fact = Fact(Kind.APPROVAL_PINNED, at + 5, "pinned", version=approval.version, detail=detail)
        self.write(self.head.with_revised(approval), (fact,))

    def approval(self, number: int) -> Approval:
        return next(approval for approval in self.head.approvals if approval.version == arn(number))

    def judged(self, number: int, at: float, f1: float | None) -> tuple[Any, Observed]:
        """What the gate says of a version whose model has this f1."""
        approval, described = self.approval(number), package(number, at)
        evidence = Evidence({"metrics": {"f1": f1}}, approval.pin, (REPORT,))
        question = checks.Question(ENFORCED, described, approval, evidence, at)
        verdict = checks.evaluate(question, self.head.overrides_of(approval))
        of_gate: dict[str, Any] = {"approval": approval, "verdict": verdict}
        held = Hold(f"put it live: {verdict.reason}", notice=Notice(Code.CHECKS_FAILED, verdict.reason), **of_gate)
        decision = Update(held.reason, purpose=Purpose.UPDATE, **of_gate) if verdict.answer == "passed" else held
        return decision, Observed(endpoint(), packages={arn(number): described}, evidence=evidence)

    def hold(self, number: int, at: float, f1: float | None) -> None:
        self.write(*notice.noticed(self.head, *self.judged(number, at, f1), at))

    def open(self, number: int, at: float, purpose: Purpose, f1: float | None = 0.9, back: Any = None) -> Attempt:
        if back:
            decision, seen = Update("back to it", approval=back, purpose=purpose), Observed(endpoint())
        else:
            decision, seen = self.judged(number, at, f1)
        approval = back or self.approval(number)
        fleet = Fleet(f"gate-{self.head.attempts + 1}", SPEC.settings, "ml.m5.large", 2)
        attempt = Attempt(self.head.attempts + 1, approval, purpose, fleet, (), at, 1500)
        self.write(*opening.opened(self.head, attempt, decision, seen, at))
        self.write(*opening.accepted(self.head, attempt, "Approved", at))
        return attempt

    def close(self, at: float, outcome: Outcome, reason: str, serves: Endpoint | None) -> None:
        attempt = self.head.attempt
        assert attempt is not None
        bad = outcome is Outcome.ROLLED_BACK
        decision = Close(reason, outcome=outcome, quarantine=bad)
        self.write(*closing.closed(self.head, attempt, decision, serves, at))


def five_days() -> tuple[Row, ...]:
    told = Chronicle()
    # Day 0: version 1 creates the endpoint.
    told.write(told.head.with_revised(dataclasses.replace(told.approval(1), pin=pin(1))), ())
    told.open(1, T + 10, Purpose.CREATE)
    told.close(T + 320, Outcome.SUCCEEDED, "1 is live", endpoint("gate-1", modified_at=T + 300))
    # Day 1: version 2 is held, the trail says who approved it, an operator lets it pass, and it goes live.
    told.approve(2, T + DAY, "f1 is not the whole story", edited_at=T + DAY + 3)
    told.hold(2, T + DAY + 5, f1=0.75)
    seen = Witness(arn(2), ALICE, T + DAY, status="Approved")
    told.write(*witness.settle(told.head, (seen,), None, T + DAY + 600))
    change = intervention.override(
        told.head, "2", "require.f1", checks.overridable(ENFORCED), "recall is what counts", BOB, T + DAY + 700
    )
    told.write(change[0], (change[1],))
    told.open(2, T + DAY + 710, Purpose.UPDATE, f1=0.75)
    told.close(T + DAY + 2220, Outcome.SUCCEEDED, "2 is live", endpoint("gate-2", modified_at=T + DAY + 2200))
    # Day 2: version 3 is rolled back.
    told.approve(3, T + 2 * DAY, None)
    told.open(3, T + 2 * DAY + 10, Purpose.UPDATE)
    told.close(T + 2 * DAY + 900, Outcome.ROLLED_BACK, "5xx fired", endpoint("gate-2"))
    # Day 3: the trail contradicts who approved version 2, and its way back is gone.
    other = dataclasses.replace(seen, identity=Identity(arn="arn:aws:iam::123456789012:user/mallory"))
    told.write(*witness.settle(told.head, (other,), None, T + 3 * DAY))
    back = next(good.approval for good in told.head.good if good.approval)
    told.open(1, T + 3 * DAY + 60, Purpose.REVERT, back=back)
    told.close(T + 3 * DAY + 660, Outcome.SUCCEEDED, "1 is live", endpoint("gate-4", modified_at=T + 3 * DAY + 600))
    # Day 4: somebody puts a config of their own there, and then deletes the endpoint.
    told.write(*manual_change.recorded(told.head, Observed(endpoint("hotfix")), "it serves hotfix", T + 4 * DAY))
    gone = Alert("the endpoint was deleted by hand", notice=Notice(Code.ENDPOINT_DELETED, "hotfix"))
    told.write(*notice.noticed(told.head, gone, Observed(None), T + 4 * DAY + 3600))
    return tuple(told.rows)
