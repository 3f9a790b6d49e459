"""What the ledger says of the gate, whatever a decision makes of the head."""

import dataclasses
from typing import Any

from lambdas.gate.decide.action import Hold, Refuse, Update
from lambdas.gate.policy.verdict import Answer, Check, Result, Verdict
from lambdas.gate.state.attempt import Purpose
from lambdas.gate.state.evidence import Evidence, Report
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.transitions import notice, opening
from tests.lambdas.builders import NOW, PIN, approval, arn, attempt, head, live, observed, package

VERDICT = Verdict(Answer.PASSED, "all is well", (Check("pin", Result.PASSED, "as approved", "what was approved"),))
AUTHOR = Identity(arn="arn:aws:iam::123456789012:user/author")
DESCRIBED = {
    "MetadataProperties": {"CommitId": "c0ffee"},
    "CustomerMetadataProperties": {"ticket": "7"},
    "SourceUri": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/p/execution/e",
    "ModelCard": {"ModelCardStatus": "Approved"},
    "ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"},
    "CreationTime": "2027-01-14T08:00:00+00:00",
}
REPORT = Report("s3://example-models/fraud/f1.json", "e", 2, "f", "v", NOW, "metrics.ModelQuality.Statistics")
GATE_DETAIL = {
    "answer": Answer.PASSED,
    "reason": "all is well",
    "checks": [
        {
            "name": "pin",
            "result": Result.PASSED,
            "found": "as approved",
            "wanted": "what was approved",
            "advisory": False,
            "overridden": None,
        }
    ],
    "reports": [dataclasses.asdict(REPORT)],
    "provenance": {
        "metadata_properties": {"CommitId": "c0ffee"},
        "customer_metadata": {"ticket": "7"},
        "source_uri": "arn:aws:sagemaker:us-east-1:123456789012:pipeline/p/execution/e",
        "model_card_status": "Approved",
        "lifecycle": {"Stage": "Production", "StageStatus": "Approved"},
        "created_by": dataclasses.asdict(AUTHOR),
        "created_at": "2027-01-14T08:00:00+00:00",
    },
    "pin": dataclasses.asdict(PIN),
}


def test_each_row_about_the_gate_carries_its_verdict_and_the_evidence() -> None:
    evidence = Evidence(pin=PIN, reports=(REPORT,))
    version = package(3, description=DESCRIBED, registered_by=AUTHOR)
    seen = observed(packages={arn(3): version}, evidence=evidence)
    of_gate: dict[str, Any] = {"approval": approval(3), "verdict": VERDICT}
    held = Hold("because", notice=Notice(Code.CHECKS_FAILED, "3: "), **of_gate)
    row = head(approvals=(approval(3),))
    rows = [
        opening.opened(row, attempt(3), Update("because", purpose=Purpose.UPDATE, **of_gate), seen, NOW)[1],
        notice.refused(row, Refuse("because", **of_gate), seen, NOW)[1],
        notice.noticed(row, held, seen, NOW)[1],
    ]
    assert [fact.detail["gate"] for (fact,) in rows] == [GATE_DETAIL] * 3


def test_what_does_not_pass_the_gate_anew_says_nothing_of_it() -> None:
    decision = Update("2 was revoked", approval=approval(1), purpose=Purpose.REVERT)
    _, (fact,) = opening.opened(head(live=live(2)), attempt(1), decision, observed(), NOW)
    assert "gate" not in fact.detail
