"""The notification about a change of an alarm's state, which EventBridge reports. Pure.

CloudWatch's own messages about alarms say neither what the alarm means nor what to do.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from lambdas.gate import names
from lambdas.publisher.console import Console
from lambdas.publisher.message import Circumstances, Message, local_time
from lambdas.publisher.severity import Severity

DETAIL_TYPE = "CloudWatch Alarm State Change"
KIND = "alarm"
"""The message attribute `kind`."""
_FIRED = "ALARM"
_STANDING = (
    "During a rollout wait for its outcome. After it the version's watch alarm decides, and this alarm only notifies. "
    "On a serverless or an asynchronous endpoint a revert follows within the watch window. If the version is at fault, "
    "reject it, which restores the last good version. To see what happens: approval-gate status {endpoint}"
)
_LATENCY = (
    "Within the watch window nothing: a revert follows. During a rollout wait for its outcome. At any other time the "
    "alarm changes nothing: look at traffic, instances and what the model depends on, and if the version is at fault, "
    "reject it. To see what happens: approval-gate status {endpoint}"
)
_OWN = {
    names.DEAD_LETTERS: (
        "A message could not be handled, and waits in the queue approval-gate-dead-letters. No approval and no row is "
        "lost. To see it, and what to do about it: approval-gate dead-letters"
    ),
    names.ORDERS_DEAD_LETTERS_ALARM: (
        "An operator's order was not carried out, and waits in the queue approval-gate-orders-dead-letters.fifo. Fix "
        "what the deployer's log names, give the order again if it is still needed, and purge the queue. Do not "
        "redrive its messages."
    ),
    names.LEDGER_CHANGED: (
        "Treat it as an incident: somebody changed an endpoint's ledger, and the endpoint is stopped. It keeps "
        "serving. The deployer's log names it. To see what was changed: approval-gate verify NAME"
    ),
}
"""The alarms of the stack that all endpoints share → what to do."""
_SEVERITIES = {names.DEAD_LETTERS: Severity.WARNING}
_IS_OVER = "Nothing. The alarm's cause is over. The runbook says how to find out what it was."


@dataclass(frozen=True)
class AlarmChange:
    """`state`, `before`: what the alarm is and was, in CloudWatch's words. `reason`: CloudWatch's. `at`: in seconds
    since 1970."""

    name: str
    state: str
    before: str
    reason: str
    at: float

    @classmethod
    def of(cls, event: dict[str, Any]) -> Self:
        """Return the change that an event reports. Raises KeyError or ValueError if it reports none."""
        detail = event["detail"]
        at = datetime.fromisoformat(event["time"]).timestamp()
        before = detail.get("previousState", {}).get("value", "")
        return cls(detail["alarmName"], detail["state"]["value"], before, detail["state"].get("reason", ""), at)

    @property
    def endpoint(self) -> str:
        """The endpoint that the alarm is about."""
        found = names.standing_alarm_parts(self.name)
        return found[0] if found else names.ALL

    @property
    def is_notified(self) -> bool:
        """True if a notification is sent: an alarm of this product fired, or its cause is over. A changed ledger is
        not over when its alarm is OK again, so nobody is told that."""
        is_own = self.name in _OWN or names.standing_alarm_parts(self.name) is not None
        is_over = (self.state, self.before) == ("OK", _FIRED) and self.name != names.LEDGER_CHANGED
        return is_own and (self.state == _FIRED or is_over)


def alarm_message(change: AlarmChange, topic_arn: str, circumstances: Circumstances) -> Message:
    """Return the message about a change that is notified. The topic's ARN names the account."""
    region, account = topic_arn.split(":")[3:5]
    standing = names.standing_alarm_parts(change.name)
    has_fired = change.state == _FIRED
    happened = "fired" if has_fired else "is OK again"
    if standing:
        endpoint, signal = standing
        subject, headline = f"{endpoint}: alarm {signal}", f"The standing alarm {signal} of the endpoint {endpoint}"
        place, entry = f"the endpoint {endpoint}", f"approval-gatenamestanding{signal}"
        advice = (_LATENCY if "latency" in signal else _STANDING).format(endpoint=endpoint)
    else:
        subject, headline = f"all endpoints: alarm {change.name}", f"The alarm {change.name}"
        place, entry, advice = "all endpoints", change.name, _OWN[change.name]
    severity = _SEVERITIES.get(change.name, Severity.CRITICAL) if has_fired else Severity.INFO
    return Message(
        subject=f"{subject} {happened}",
        headline=f"{headline} {happened}.",
        reason=change.reason,
        live=circumstances.live,
        advice=advice if has_fired else _IS_OVER,
        contacts=circumstances.contacts,
        links=(*_links(change, topic_arn), ("Runbook", f"docs/runbooks.md#{entry}")),
        facts=(
            ("When", local_time(change.at, circumstances.zone)),
            ("Where", f"{place} (account {account}, {region})"),
            ("Which", change.name),
        ),
        source="CloudWatch reported the change of the alarm.",
        attributes={"endpoint": change.endpoint, "kind": KIND, "severity": severity.value},
        id=f"{change.name} {change.state} {change.at:.3f}",
        thread=change.name,
        context={"alarm": change.name},
    )


def _links(change: AlarmChange, topic_arn: str) -> tuple[tuple[str, str], ...]:
    console = Console.of(topic_arn)
    if console is None:
        return ()
    alarm, dashboard = ("Alarm", console.alarm(change.name)), ("Dashboard", console.dashboard())
    if change.endpoint == names.ALL:
        return alarm, dashboard
    logs = console.log_group(f"/aws/sagemaker/Endpoints/{change.endpoint}")
    return ("Endpoint", console.endpoint(change.endpoint)), alarm, ("Logs", logs), dashboard
