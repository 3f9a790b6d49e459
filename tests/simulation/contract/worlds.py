"""Both worlds in lock-step: the same is done in each, and what each answers is compared."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from botocore import xform_name
from botocore.exceptions import ClientError

from lambdas.gate.decide.judgement import MODEL_FAILURES
from simulation.world.resources import Quality
from tests.simulation.contract import shapes
from tests.simulation.contract.differences import EVENTS_NOT_SENT, LEFT_OUT, OPAQUE
from tests.simulation.contract.sandboxed import Sandboxed
from tests.simulation.contract.simulated import Simulated

Answer = dict[str, Any]


class World(Protocol):
    start: float

    def call(self, service: str, method: str, request: dict[str, Any]) -> Answer: ...


@dataclass(frozen=True)
class Moment:
    """In a request: so many seconds from the beginning of either world."""

    seconds: float


@dataclass(frozen=True)
class Refusal:
    """What a caller can tell of a ClientError."""

    operation: str
    code: str
    message: str
    reasons: tuple[tuple[str, str | None], ...] = ()
    """CancellationReasons: code and message."""


@dataclass
class Worlds:
    """Times are compared by the step they fall into: what is done takes no time, and no duration of SageMaker's is
    documented. `marks` are the beginnings of the steps."""

    simulated: Simulated
    sandboxed: Sandboxed
    marks: list[tuple[float, float]] = field(init=False)

    def __post_init__(self) -> None:
        self.marks = [(self.simulated.start, self.sandboxed.start)]
        self.simulated.heard()
        self.sandboxed.heard()

    # -- the same in both

    def ask(self, service: str, operation: str, request: dict[str, Any]) -> Answer | Refusal:
        """What both answer."""
        simulated, sandboxed = (_asked(world, service, operation, request) for world in self.both)
        for answer in (simulated, sandboxed):
            if not isinstance(answer, Refusal):
                assert left(shapes.output_errors(service, operation, answer), operation) == []
        seen = [self._comparable(world, answer, operation) for world, answer in enumerate((simulated, sandboxed))]
        assert seen[0] == seen[1]
        return seen[0]

    def answer(self, service: str, operation: str, **request: Any) -> Answer:
        """Where a refusal is a mistake of the case."""
        answer = self.ask(service, operation, request)
        assert not isinstance(answer, Refusal), answer
        return answer

    def pages(self, service: str, operation: str, list_name: str, **request: Any) -> list[Any]:
        """Of all pages: how many an answer holds is AWS's own affair."""
        found = []
        for index, world in enumerate(self.both):
            page, items = _asked(world, service, operation, request), []
            while True:
                assert not isinstance(page, Refusal), page
                assert left(shapes.output_errors(service, operation, page), operation) == []
                seen = self._comparable(index, page, operation)
                assert not isinstance(seen, Refusal)
                items += seen[list_name]
                if "NextToken" in page:
                    more = {"NextToken": page["NextToken"]}
                elif "LastEvaluatedKey" in page:
                    more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
                else:
                    break
                page = _asked(world, service, operation, request | more)
            found.append(sorted(items, key=lambda tag: tag["Key"]) if list_name == "Tags" else items)
        assert found[0] == found[1]
        return found[0]

    def advance(self, seconds: float) -> None:
        """A step of this length."""
        for world in self.both:
            world.advance(seconds)
        self._mark()

    def advance_until(self, status: str | None) -> None:
        """A step to when the endpoint is in this status, and a second beyond; None: to when it is gone."""
        for world in self.both:
            world.advance_until(status)
            world.advance(1)
        self._mark()

    def heard(self) -> list[tuple[str, dict[str, Any]]]:
        """The events since the last time that came to the inbox of both, as far as the simulation tells of them."""
        told, sent = self.simulated.heard(), [e for e in self.sandboxed.heard() if _is_sent(e)]
        assert [event["detail-type"] for event in told] == [event["detail-type"] for event in sent]
        seen = []
        for mine, real in zip(told, sent, strict=True):
            known = {name: real["detail"].get(name) for name in mine["detail"]}
            pair = [self._timed(0, _named(mine["detail"])), self._timed(1, _named(known))]
            assert pair[0] == pair[1]
            times = [self._timed(world, event["time"]) for world, event in enumerate((mine, real))]
            assert times[0] == times[1]
            seen.append((mine["detail-type"], pair[0]))
        return seen

    def register(self, number: int, quality: Quality = Quality.GOOD) -> None:
        for world in self.both:
            world.register(number, quality)
        self.advance(10)

    def do(self, act: str, *arguments: Any) -> None:
        """What people or AWS do, by its name, which is the same in both worlds."""
        for world in self.both:
            getattr(world, act)(*arguments)

    # -- comparing

    @property
    def both(self) -> tuple[Simulated | Sandboxed, ...]:
        return self.simulated, self.sandboxed

    def _mark(self) -> None:
        self.marks.append((self.simulated.now(), self.sandboxed.now()))

    def step_of(self, world: int, at: float) -> str:
        return f"step {sum(mark[world] <= at + 1e-3 for mark in self.marks)}"

    def _comparable(self, world: int, answer: Answer | Refusal, operation: str) -> Answer | Refusal:
        if isinstance(answer, Refusal):
            return answer
        for path in OPAQUE.get(operation, ()):
            _change(answer, path, lambda value: "opaque")
        if world == 0:
            present = [path for path in LEFT_OUT.get(operation, ()) if list(_found(answer, path))]
            assert present == [], "no longer left out: to be compared"
        else:
            for path in LEFT_OUT.get(operation, ()):
                _remove(answer, path)
        timed: Answer = self._timed(world, answer)
        return _normalised(operation, timed)

    def _timed(self, world: int, value: Any) -> Any:
        match value:
            case datetime():
                return self.step_of(world, value.timestamp())
            case str() if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
                return self.step_of(world, datetime.fromisoformat(value).timestamp())
            case dict():
                return {name: self._timed(world, member) for name, member in value.items()}
            case list():
                return [self._timed(world, member) for member in value]
            case _:
                return value


def _named(detail: Answer) -> Answer:
    """Of who called no more than the ARN: the identifiers are made up."""
    who = detail.get("userIdentity")
    return detail | {"userIdentity": {"arn": who["arn"]}} if who else detail


def left(errors: list[str], operation: str) -> list[str]:
    """Without those about required fields that are left out."""
    named = {f".{path} is missing" for path in LEFT_OUT.get(operation, ())}
    return [error for error in errors if error not in named]


def _is_sent(event: dict[str, Any]) -> bool:
    if event["detail-type"] in EVENTS_NOT_SENT:
        return False
    registered = "ModelPackageArn" in event["detail"] and "UpdatedModelPackageFields" not in event["detail"]
    calmed = event["detail-type"] == "CloudWatch Alarm State Change" and event["detail"]["state"]["value"] != "ALARM"
    return not registered and not calmed


def _asked(world: World, service: str, operation: str, request: dict[str, Any]) -> Answer | Refusal:
    request = placed(world, request)
    assert shapes.input_errors(service, operation, request) == ""
    try:
        answer = world.call(service, xform_name(operation), request)
        return answer | ({"Body": answer["Body"].read()} if "Body" in answer else {})
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", [])
        return Refusal(
            error.operation_name,
            error.response["Error"]["Code"],
            error.response["Error"]["Message"],
            tuple((reason["Code"], reason.get("Message")) for reason in reasons),
        )


def placed(world: World, value: Any) -> Any:
    """Moments as times of this world."""
    match value:
        case Moment(seconds):
            return datetime.fromtimestamp(world.start + seconds, UTC)
        case dict():
            return {name: placed(world, member) for name, member in value.items()}
        case list():
            return [placed(world, member) for member in value]
        case _:
            return value


def _normalised(operation: str, answer: Answer) -> Answer:
    match operation:
        case "DescribeEndpoint" if "FailureReason" in answer:
            # Causes are free text, and what fails is not the same in both worlds. The product asks whom to blame.
            reason = answer["FailureReason"]
            if any(part in reason.lower() for part in MODEL_FAILURES):
                reason = "the model's fault"
            return answer | {"FailureReason": reason}
        case "DescribeAlarms":
            return answer | {"MetricAlarms": [_alarm(alarm) for alarm in answer["MetricAlarms"]]}
        case "DescribeAlarmHistory":
            items = (_change_of_state(item) for item in answer["AlarmHistoryItems"])
            return answer | {"AlarmHistoryItems": [item for item in items if item["HistorySummary"].count("not") < 2]}
        case _:
            return answer


def _alarm(alarm: Answer) -> Answer:
    """The simulation evaluates nothing, so an alarm that does not burn may be OK or without data, and the reason of one
    that does names no datapoints."""
    if alarm["StateValue"] != "ALARM":
        put_at = alarm["AlarmConfigurationUpdatedTimestamp"]
        return {
            "AlarmName": alarm["AlarmName"],
            "StateValue": "not ALARM",
            "AlarmConfigurationUpdatedTimestamp": put_at,
        }
    return alarm | {"StateReason": _reason(alarm["StateReason"])}


def _reason(text: str) -> str:
    assert text.startswith("Threshold Crossed: "), text
    return "Threshold Crossed"


def _change_of_state(item: Answer) -> Answer:
    """Of the old and the new state no more than in `_alarm`; the reason of an alarm in ALARM."""
    data = json.loads(item["HistoryData"])
    old, new = _state(data["oldState"]), _state(data["newState"])
    summary = re.sub("OK|INSUFFICIENT_DATA", "not ALARM", item["HistorySummary"])
    return item | {
        "HistoryData": {"oldState": {"stateValue": old["stateValue"]}, "newState": new},
        "HistorySummary": summary,
    }


def _state(state: Answer) -> Answer:
    if state["stateValue"] != "ALARM":
        return {"stateValue": "not ALARM"}
    return {"stateValue": "ALARM", "stateReason": _reason(state["stateReason"])}


def _holders(value: Any, steps: list[str]) -> Iterator[dict[str, Any]]:
    """The structures that hold the last step of a path."""
    if isinstance(value, list):
        for member in value:
            yield from _holders(member, steps)
    elif isinstance(value, dict):
        if len(steps) == 1:
            yield value
        elif steps[0] in value:
            yield from _holders(value[steps[0]], steps[1:])


def _found(answer: Answer, path: str) -> Iterator[dict[str, Any]]:
    steps = path.replace("[]", "").split(".")
    return (holder for holder in _holders(answer, steps) if steps[-1] in holder)


def _remove(answer: Answer, path: str) -> None:
    for holder in _found(answer, path):
        del holder[path.replace("[]", "").split(".")[-1]]


def _change(answer: Answer, path: str, change: Any) -> None:
    name = path.replace("[]", "").split(".")[-1]
    for holder in _found(answer, path):
        holder[name] = change(holder[name])
