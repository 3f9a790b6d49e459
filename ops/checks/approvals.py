"""Do events report approvals, and does the registry name the approver?"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.gate.state.approval import version_label
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.text import counted, time_text
from ops.checks.expectation import Answer, Expectation, compared, either, not_seen

FEW = 3
"""If so many approvals had no event, the events are not as assumed. Fewer may have been lost."""
MARGIN = timedelta(minutes=2)


class ApprovalCheck:
    """`clients` returns the boto3 client of a service. `rows` are those of the endpoint."""

    def __init__(self, clients: Any, rows: tuple[Row, ...]) -> None:
        self._clients = clients
        self._seen = [row for row in rows if row.fact.kind is Kind.APPROVAL_SEEN]

    def assumptions(self) -> list[Expectation]:
        """Return what is assumed about approvals."""
        return [
            either("an approval's event has UpdatedModelPackageFields and LastModifiedTime", self._events),
            either("LastModifiedBy is the approver that CloudTrail names", self._approver),
        ]

    def _events(self) -> Answer:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html"""
        reported = [row for row in self._seen if not row.fact.detail["inferred"]]
        seen = f"events reported {len(reported)} of {counted(len(self._seen), 'approval')}; listing found the others"
        if not reported and len(self._seen) < FEW:
            return not_seen(seen)
        return compared(bool(reported), seen)

    def _approver(self) -> Answer:
        """CloudTrail's event history has the last 90 days.
        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html"""
        certain = [row for row in self._seen if not row.fact.detail["approver_uncertain"]]
        if not certain:
            return not_seen("the ledger has no approval with a certain approver")
        last = certain[-1]
        at = datetime.fromtimestamp(last.fact.detail["approved_at"], UTC)
        answer = self._clients("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "UpdateModelPackage"}],
            StartTime=at - MARGIN,
            EndTime=at + MARGIN,
        )
        events = (json.loads(event["CloudTrailEvent"]) for event in answer["Events"])
        version = last.fact.version or ""
        callers = [event["userIdentity"] for event in events if _approves(event, version)]
        label = version_label(version)
        if not callers:
            return not_seen(f"CloudTrail shows no call that approved {label} at {time_text(at.timestamp())}")
        arn, who = callers[0].get("arn"), last.fact.who
        source = callers[0].get("sessionContext", {}).get("sourceIdentity")
        seen = f"{label}: {arn} made the call, the ledger has {who}"
        if who not in (arn, source) and not who.startswith("arn:"):
            return not_seen(f"{seen}, a Studio user profile. Compare them by hand")
        return compared(who in (arn, source), seen)


def _approves(event: dict[str, Any], version: str) -> bool:
    asked = event.get("requestParameters") or {}
    values = {str(value).lower() for value in asked.values()}
    return {version.lower(), "approved"} <= values and "errorCode" not in event
