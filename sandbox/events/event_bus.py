"""EventBridge: one bus takes every event, from services and from PutEvents, to the rules and their targets.

moto's own bus also delivers to disabled rules and to rules that have only a schedule. It accepts events that claim to
come from AWS and unknown operators in patterns, and it runs no schedules.
"""

import functools
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from moto.events.exceptions import InvalidEventPatternException, ValidationException
from moto.events.models import EventPattern, EventsBackend, Rule, events_backends
from moto.events.responses import EventsHandler

from sandbox.clock import Clock
from sandbox.events.pattern import InvalidPattern, Pattern, leaves
from sandbox.events.targets import Targets

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86400}
_MOTO_PUT_RULE: Final = EventsBackend.put_rule
_REQUIRED: Final = ("Source", "DetailType", "Detail")


class EventBus:
    def __init__(self, clock: Clock, targets: Targets | None = None) -> None:
        self.log: list[dict[str, Any]] = []
        """Every event put on a bus, in order."""
        self.dropped: list[dict[str, Any]] = []
        """Events that a fault kept from the bus, in order."""
        self.targets = targets or Targets()
        self._clock = clock
        self._drops: list[tuple[Pattern, int]] = []

    def put(
        self,
        *,
        account: str,
        region: str,
        source: str,
        detail_type: str,
        resources: list[str],
        detail: dict[str, Any],
        time: datetime | None = None,
    ) -> None:
        """Put a service's own event on the default bus and deliver it to the targets of matching rules.

        `time` is when the reported change happened, if that was not just now.
        """
        event = self._event(account, region, source, detail_type, resources, detail)
        if time:
            event["time"] = _iso(time)
        self._publish(event, "default")

    def drop_next(self, count: int, pattern: str) -> None:
        """Drop the next `count` events that match the event pattern, as AWS may. Raises InvalidPattern."""
        self._drops.append((Pattern.parse(pattern), count))

    def drop_none(self) -> None:
        """Drop no further events."""
        self._drops.clear()

    def install(self) -> None:
        events = self

        def load(cls: type, text: str | None) -> Any:
            try:
                return cls(text, json.loads(text) if text and _compiled(text) else {})
            except InvalidPattern as error:
                raise InvalidEventPatternException(reason=str(error)) from error

        def put_scheduled_rule(backend: Any, *args: Any, **kwargs: Any) -> Any:
            expression = kwargs.get("scheduled_expression")
            if expression and not _RATE.fullmatch(expression):
                raise ValidationException(f"The sandbox runs rate expressions only, not {expression}.")
            rule = _MOTO_PUT_RULE(backend, *args, **kwargs)
            if expression:
                events._schedule(rule)
            return rule

        def put_events(backend: Any, entries: list[dict[str, Any]]) -> list[dict[str, str]]:
            return events._put_entries(backend.account_id, backend.region_name, entries)

        def test_event_pattern(handler: Any) -> str:
            pattern = EventPattern.load(handler._get_param("EventPattern")).dump()
            return json.dumps({"Result": _compiled(pattern).matches(json.loads(handler._get_param("Event")))})

        EventPattern.load = classmethod(load)
        EventsBackend.put_rule = put_scheduled_rule
        EventsBackend.put_events = put_events
        EventsHandler.test_event_pattern = test_event_pattern

    def _event(
        self, account: str, region: str, source: str, detail_type: str, resources: list[str], detail: Any
    ) -> dict[str, Any]:
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": source,
            "account": account,
            "time": _iso(self._clock.now()),
            "region": region,
            "resources": list(resources),
            "detail": json.loads(json.dumps(detail)),
        }

    def _put_entries(self, account: str, region: str, entries: list[dict[str, Any]]) -> list[dict[str, str]]:
        """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html"""
        if not 1 <= len(entries) <= 10:
            raise ValidationException(
                "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy "
                "constraint: Member must have length between 1 and 10"
            )
        answers = []
        for entry in entries:
            if refusal := _refusal(entry):
                answers.append(refusal)
                continue
            event = self._event(
                account,
                region,
                entry["Source"],
                entry["DetailType"],
                entry.get("Resources", []),
                json.loads(entry["Detail"]),
            )
            if "Time" in entry:
                event["time"] = _iso(datetime.fromtimestamp(float(entry["Time"]), UTC))
            self._publish(event, entry.get("EventBusName", "default").split("/")[-1])
            answers.append({"EventId": event["id"]})
        return answers

    def _publish(self, event: dict[str, Any], bus: str) -> None:
        with self._clock.lock:
            if self._is_dropped(event):
                self.dropped.append(event)
                return
            self.log.append(event)
            found = leaves(event)
            for rule in _rules(event["account"], event["region"], bus):
                pattern = rule.event_pattern.dump()
                if rule.state != "DISABLED" and pattern and _compiled(pattern).matches_leaves(found):
                    self.targets.deliver(rule, event)

    def _is_dropped(self, event: Mapping[str, Any]) -> bool:
        for index, (pattern, count) in enumerate(self._drops):
            if pattern.matches(event):
                self._drops[index : index + 1] = [(pattern, count - 1)] if count > 1 else []
                return True
        return False

    def _schedule(self, rule: Any) -> None:
        """Schedule a rule's deliveries. A rate counts from PutRule, which makes a new Rule and so ends the old one's
        schedule."""
        match = _RATE.fullmatch(rule.scheduled_expression)
        assert match is not None
        period = int(match[1]) * _SECONDS[match[2]]

        def tick(due: float) -> None:
            if rule not in _rules(rule.account_id, rule.region_name, "default"):
                return
            if rule.state != "DISABLED":
                event = self._event(rule.account_id, rule.region_name, "aws.events", "Scheduled Event", [rule.arn], {})
                self.targets.deliver(rule, event)
            self._clock.at(due + period, functools.partial(tick, due + period))

        first = self._clock.time() + period
        self._clock.at(first, functools.partial(tick, first))


def _rules(account: str, region: str, bus: str) -> Iterator[Rule]:
    found = events_backends[account][region].event_buses.get(bus)
    yield from list(found.rules.values()) if found else []


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Pattern:
    return Pattern.parse(pattern)


def _refusal(entry: Mapping[str, Any]) -> dict[str, str] | None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html"""
    for name in _REQUIRED:
        if not entry.get(name):
            message = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
    if entry["Source"].startswith("aws."):
        message = "Not authorized for the source."
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": message}
    try:
        detail = json.loads(entry["Detail"])
    except json.JSONDecodeError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return None


def _iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
