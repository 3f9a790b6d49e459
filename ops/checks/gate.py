"""Is the gate alive: do its functions get their messages, do its schedules run, and do its alarms reach somebody?"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.aws.inbox import OPEN_ATTEMPTS
from lambdas.gate.aws.ledger import OUTBOX
from lambdas.gate.aws.paging import queried
from lambdas.gate.text import counted, duration_text
from ops.checks.expectation import Answer, Expectation, Verdict, advised, compared, is_missing, not_seen, required
from ops.dead_letters.queues import QUEUES
from ops.ordering import CONTINUE, STOP
from ops.policies import is_denial

OLDEST = {names.INBOX: 3_600, names.ORDERS: 900}
"""How many seconds a message may wait in a queue. A message that fails waits three quarters of an hour until it is a
dead letter, and the deployer delays its own ones by a quarter. An order expires earlier."""
UNPUBLISHED_SECONDS = 900
"""How long a row may wait for its publication. The sweep of the outbox runs every five minutes."""
JANITORS_RULE = f"{names.PREFIX}-sweep.{names.GARBAGE}"
NO_RULE = "there is no such rule"
Clients = Any
"""Returns the boto3 client of a service."""


def as_deployed(stack: str) -> str:
    """Return how to get back what is no longer as its stack made it. A deployment without a change makes nothing."""
    return f"Make it again as the template of its stack has it: aws cloudformation get-template --stack-name {stack}"


AS_DEPLOYED = as_deployed(names.STACK)


class GateCheck:
    """`clients` returns the boto3 client of a service. `now` is in seconds since 1970. `topic`: the ARN of the topic of
    notifications."""

    def __init__(self, clients: Clients, topic: str, now: float) -> None:
        self._clients = clients
        self._topic = topic
        self._now = now

    def expectations(self) -> list[Expectation]:
        """Return what must be so for anything to happen at all."""
        expected = {
            names.DEPLOYER: {names.INBOX: f":{names.INBOX}", names.ORDERS: f":{names.ORDERS}"},
            names.PUBLISHER: {"the ledger's stream": f":table/{names.LEDGER}/stream/"},
        }
        log = f"aws logs filter-log-events --log-group-name /aws/lambda/{names.PUBLISHER}"
        published = (
            f"Fix what the publisher's log names, and the rest follows: {log} --filter-pattern '\"not published\"'"
        )
        return [
            required("the deployer is not stopped", self._running, f"To let it run: {CONTINUE}"),
            *(
                required(
                    f"{function} gets the messages of its sources", partial(sources, self._clients, function, parts)
                )
                for function, parts in expected.items()
            ),
            *(
                required(
                    f"no message waits too long in {queue}",
                    partial(self._waits, queue, most),
                    f"Read the deployer's log: aws logs tail /aws/lambda/{names.DEPLOYER} --since 1h",
                )
                for queue, most in OLDEST.items()
            ),
            *(
                required(f"{queue} is empty", partial(self._empty, queue), "approval-gate dead-letters")
                for queue in QUEUES
            ),
            required("each row is published soon", self._outbox, published),
            *(
                required(f"the schedule {rule} is enabled", partial(enabled, self._clients, rule), AS_DEPLOYED)
                for rule in (f"{names.PREFIX}-sweep.outbox", f"{names.PREFIX}-sweep.{OPEN_ATTEMPTS}")
            ),
            advised(f"the schedule {JANITORS_RULE} is enabled", self._janitor, AS_DEPLOYED),
            *(
                required(f"the alarm {alarm} can fire", partial(self._alarm, alarm, topic))
                for alarm, topic in (
                    *((queue.removesuffix(".fifo"), None) for queue in QUEUES),
                    (names.LEDGER_CHANGED, None),
                    (names.PUBLISHER_FAILING, self._topic),
                )
            ),
            required(
                f"the rule {names.ALARM_RULE} is enabled, which notifies people of alarms",
                partial(enabled, self._clients, names.ALARM_RULE, scheduled=False),
                AS_DEPLOYED,
            ),
            advised(
                "somebody gets the notifications",
                self._subscribed,
                f"aws sns subscribe --topic-arn {self._topic} --protocol email --notification-endpoint you@example.com",
            ),
            required("the key of the seals can be used", self._seal),
        ]

    def _running(self) -> Answer:
        answer = self._clients("lambda").get_function_concurrency(FunctionName=names.DEPLOYER)
        reserved = answer.get("ReservedConcurrentExecutions")
        if reserved == 0:
            return compared(False, f"its reserved concurrency is 0, as `{STOP}` sets it")
        return compared(True, "no concurrency is reserved" if reserved is None else f"reserved concurrency {reserved}")

    def _waits(self, queue: str, most: int) -> Answer:
        """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"""
        count = self._count(queue)
        if count == 0:
            return compared(True, "no message waits")
        end = datetime.fromtimestamp(self._now, UTC)
        points = self._clients("cloudwatch").get_metric_statistics(
            Namespace="AWS/SQS",
            MetricName="ApproximateAgeOfOldestMessage",
            Dimensions=[{"Name": "QueueName", "Value": queue}],
            StartTime=end - timedelta(minutes=10),
            EndTime=end,
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        waits = f"about {counted(count, 'message')} {'waits' if count == 1 else 'wait'}"
        if not points:
            return not_seen(f"{waits}; CloudWatch does not say for how long")
        age = max(points, key=lambda point: point["Timestamp"])["Maximum"]
        return compared(age <= most, f"{waits}, the oldest one for {duration_text(age)}; at most {duration_text(most)}")

    def _empty(self, queue: str) -> Answer:
        count = self._count(queue)
        waits = f"about {counted(count, 'message')} {'waits' if count == 1 else 'wait'}"
        return compared(count == 0, waits if count else "no message waits")

    def _count(self, queue: str) -> int:
        sqs = self._clients("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(counts))["Attributes"]
        return sum(int(found.get(name, 0)) for name in counts)

    def _outbox(self) -> Answer:
        items = queried(self._clients("dynamodb"), names.LEDGER, "pk = :pk", {":pk": OUTBOX})
        waiting = {item["sk"]["S"]: float(item["at"]["N"]) for item in items if "at" in item}
        late = {row: at for row, at in waiting.items() if self._now - at > UNPUBLISHED_SECONDS}
        if not late:
            return compared(True, f"{counted(len(waiting), 'row')} in the outbox, none for long")
        row, at = min(late.items(), key=lambda each: each[1])
        return compared(False, f"{counted(len(late), 'row')} in the outbox, {row} for {duration_text(self._now - at)}")

    def _janitor(self) -> Answer:
        answer = enabled(self._clients, JANITORS_RULE)
        return not_seen("there is no janitor here") if answer.seen == NO_RULE else answer

    def _alarm(self, name: str, topic: str | None) -> Answer:
        found = self._clients("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm"])
        return can_fire(found["MetricAlarms"], [name], names.STACK, topic)

    def _subscribed(self) -> Answer:
        pages = self._clients("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self._topic)
        arns = [each["SubscriptionArn"] for page in pages for each in page["Subscriptions"]]
        count = sum(arn.startswith("arn:") for arn in arns)  # That of any other is PendingConfirmation.
        return compared(count > 0, f"{counted(count, 'confirmed subscription')} of {names.TOPIC}")

    def _seal(self) -> Answer:
        try:
            return usable(self._clients, names.SEAL_KEY)
        except ClientError as error:
            if is_missing(error):
                return not_seen("no row is sealed here")
            if is_denial(error):
                return not_seen(f"you may not ask whether there is a key {names.SEAL_KEY}")
            raise


def sources(clients: Clients, function: str, expected: Mapping[str, str], stack: str = names.STACK) -> Answer:
    """Return whether the function gets the messages of each source. `expected`: what a part of the source's ARN is, by
    the source's name. `stack`: the name of the function's stack."""
    client = clients("lambda")
    pages = client.get_paginator("list_event_source_mappings").paginate(FunctionName=function)
    found = [mapping for page in pages for mapping in page["EventSourceMappings"]]
    seen, fixes = list[str](), list[str]()
    for name, part in expected.items():
        mapping = next((each for each in found if part in f"{each['EventSourceArn']}"), None)
        state = mapping["State"] if mapping else "not there"
        seen.append(f"{name}: {state}")
        if mapping and state in ("Disabled", "Disabling"):
            fixes.append(f"aws lambda update-event-source-mapping --uuid {mapping['UUID']} --enabled")
        elif not mapping:
            fixes.append(as_deployed(stack))
    return Answer(Verdict.DIFFERS if fixes else Verdict.AGREES, "; ".join(seen), " ".join(dict.fromkeys(fixes)))


def enabled(clients: Clients, rule: str, *, scheduled: bool = True) -> Answer:
    """Return whether an EventBridge rule is enabled, and has a schedule."""
    try:
        found = clients("events").describe_rule(Name=rule)
    except ClientError as error:
        if not is_missing(error):
            raise
        return compared(False, NO_RULE)
    schedule = found.get("ScheduleExpression", "")
    if found["State"] == "DISABLED":
        return Answer(Verdict.DIFFERS, "DISABLED", f"aws events enable-rule --name {rule}")
    return compared(bool(schedule) or not scheduled, f"{found['State']}, {schedule or 'without a schedule'}")


def can_fire(
    found: Sequence[Mapping[str, Any]], wanted: Sequence[str], stack: str | None, topic: str | None = None
) -> Answer:
    """Return whether each alarm exists and acts. `stack`: the name of the alarms' stack; None if they are the user's.
    `topic`: the ARN that it has to notify; None if EventBridge reports its changes, or if that is its owner's
    affair."""
    alarms, wrong, fixes = {each["AlarmName"]: each for each in found}, list[str](), list[str]()
    for name in wanted:
        alarm = alarms.get(name)
        if alarm is None:
            wrong.append(f"{name} does not exist")
            fixes.append(as_deployed(stack) if stack else f"Create {name}, or take it out of rollback_on.alarms.")
        elif topic and not alarm.get("ActionsEnabled", False):
            wrong.append(f"the actions of {name} are disabled")
            fixes.append(f"aws cloudwatch enable-alarm-actions --alarm-names {name}")
        elif topic and topic not in alarm.get("AlarmActions", ()):
            wrong.append(f"{name} does not notify {topic}")
            fixes.append(AS_DEPLOYED)
    if wrong:
        return Answer(Verdict.DIFFERS, "; ".join(wrong), " ".join(dict.fromkeys(fixes)))
    states = (f"{name} {alarms[name]['StateValue']}" for name in wanted)
    return compared(True, "; ".join(states))


def usable(clients: Clients, key: str) -> Answer:
    """Return whether a KMS key is enabled."""
    state = clients("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    if state == "PendingDeletion":
        return Answer(Verdict.DIFFERS, state, f"aws kms cancel-key-deletion --key-id {key}")
    return Answer(
        Verdict.AGREES if state == "Enabled" else Verdict.DIFFERS, state, f"aws kms enable-key --key-id {key}"
    )
