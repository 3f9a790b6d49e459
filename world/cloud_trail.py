"""CloudTrail: the calls that write to the model registry. A trail puts them on the event bus some time later, and the
event history shows them later still, in another order."""

import functools
import hashlib
import json
import math
import uuid
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import botocore.session

from world.call import Call, Operation
from world.listing import page
from world.refusal import Refusal
from world.surroundings import Event, Surroundings
from world.timestamps import iso, timestamp

DELAY_SECONDS: Final = 20
"""AWS names no limit. It usually takes minutes."""
SHOWN_SECONDS: Final = (40, 300, 120)
"""How many seconds after a call the event history shows it, in turn. AWS names no limit, and no order."""
KEPT_SECONDS: Final = 90 * 86_400
PAGE: Final = 50
RECORDED: Final = ("CreateModelPackage", "DeleteModelPackage", "UpdateModelPackage")
DETAIL_TYPE: Final = "AWS API Call via CloudTrail"


class _Shown(NamedTuple):
    """A record of a call that was made at `called`, which the event history shows from `since` on."""

    since: float
    called: float
    detail: dict[str, Any]


class CloudTrail:
    """Delivers each event exactly once. AWS delivers it at least once. The event history needs no trail.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._records = 0
        self._history: tuple[_Shown, ...] = ()
        self._digest = b""
        """A digest of all that was recorded. It stands for the whole history."""

    def copy(self, surroundings: Surroundings) -> "CloudTrail":
        other = CloudTrail(surroundings)
        other._records, other._history, other._digest = self._records, self._history, self._digest
        return other

    def state(self) -> object:
        return self._digest

    def operations(self) -> dict[str, Operation]:
        return {"LookupEvents": self.lookup_events}

    def lookup_events(self, call: Call) -> dict[str, Any]:
        """Return the events of the last 90 days, the newest first.

        https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
        """
        request, now = call.request, self._surroundings.time()
        start, end = request.get("StartTime", timestamp(0)), request.get("EndTime", timestamp(now))
        if start > end:
            raise Refusal("InvalidTimeRangeException", "The start time must be before the end time.")
        wanted = request.get("LookupAttributes", [])
        if len(wanted) > 1:
            raise Refusal("InvalidLookupAttributesException", "You can specify at most one attribute.")
        shown = [_event(each.detail, each.called) for each in self._history if each.since <= now]
        recent = (event for event in shown if timestamp(now - KEPT_SECONDS) <= event["EventTime"])
        found = (event for event in recent if start <= event["EventTime"] <= end)
        matching = [event for event in found if all(_matches(event, each) for each in wanted)]
        matching.sort(key=lambda event: event["EventTime"], reverse=True)
        limit = self._surroundings.page_limit("LookupEvents", request)
        return page(request, matching, "Events", size=PAGE, limit=limit)

    def is_late(self) -> bool:
        """True if a call is not shown yet."""
        return any(each.since > self._surroundings.time() for each in self._history)

    def shown_at(self, name: str, called: float) -> float | None:
        """Return when the history shows the call of that name that was made at `called`; None if there was none. Both
        times in seconds since 1970."""
        found = (each for each in self._history if (each.detail["eventName"], each.called) == (name, called))
        return next((each.since for each in found), None)

    def hold_back(self, seconds: float) -> None:
        """Show no call within these seconds that is not shown yet."""
        now = self._surroundings.time()
        self._history = tuple(
            each._replace(since=max(each.since, now + seconds)) if each.since > now else each for each in self._history
        )
        self._note("held back", seconds, now)

    def recorded(self, name: str, operation: Operation) -> Operation:
        """Return the operation with each of its calls recorded, refused ones with their error."""

        @functools.wraps(operation)
        def call_and_record(call: Call) -> dict[str, Any]:
            try:
                answer = operation(call)
            except Refusal as refusal:
                self._record(call, name, errorCode=refusal.code, errorMessage=refusal.message)
                raise
            answered = _model(name).output_shape
            self._record(call, name, responseElements=_lower_camel(answered, answer) if answered else None)
            return answer

        return call_and_record

    def denied(self, call: Call, name: str, message: str) -> None:
        """Record a call that IAM denied."""
        if name in RECORDED:
            self._record(call, name, errorCode="AccessDenied", errorMessage=message)

    def perform(self, detail: dict[str, Any], called: float) -> None:
        """Deliver a record of a call that was made at `called`, in seconds since 1970."""
        self._surroundings.put_event(Event("aws.sagemaker", DETAIL_TYPE, (), detail, called))

    def _record(self, call: Call, name: str, **result: Any) -> None:
        now, account = self._surroundings.time(), self._surroundings.account
        self._records += 1
        detail = {
            "eventVersion": "1.09",
            "userIdentity": call.caller.user_identity(account) if call.caller else {},
            "eventTime": iso(now),
            "eventSource": "sagemaker.amazonaws.com",
            "eventName": name,
            "awsRegion": account.region,
            "sourceIPAddress": "127.0.0.1",
            "userAgent": "Boto3",
            "requestParameters": _lower_camel(_model(name).input_shape, call.request),
            "responseElements": None,
            "requestID": str(uuid.UUID(int=2 * self._records)),
            "eventID": str(uuid.UUID(int=2 * self._records + 1)),
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": account.id,
            "eventCategory": "Management",
            **result,
        }
        shown = now + SHOWN_SECONDS[self._records % len(SHOWN_SECONDS)]
        self._history += (_Shown(shown, now, detail),)
        self._note(shown, now, detail)
        if self._surroundings.assumptions.account_has_trail:
            self._surroundings.at(now + DELAY_SECONDS, "cloud_trail", detail, now)

    def _note(self, *what: Any) -> None:
        self._digest = hashlib.blake2b(repr((self._digest, what)).encode(), digest_size=16).digest()


def _event(detail: dict[str, Any], called: float) -> dict[str, Any]:
    """Return the event of LookupEvents' answer. Which resources CloudTrail names for SageMaker is not documented."""
    identity = detail["userIdentity"]
    event = {
        "EventId": detail["eventID"],
        "EventName": detail["eventName"],
        "ReadOnly": "false",
        "EventTime": timestamp(math.floor(called)),
        "EventSource": detail["eventSource"],
        "Resources": [],
        "CloudTrailEvent": json.dumps(detail, default=str),
    }
    name = identity.get("userName") or identity.get("arn", "").rpartition("/")[2]
    return event | ({"Username": name} if name else {})


def _matches(event: dict[str, Any], attribute: dict[str, Any]) -> bool:
    key, value = attribute["AttributeKey"], attribute["AttributeValue"]
    if key not in ("EventId", "EventName", "EventSource", "ReadOnly", "Username"):
        raise NotImplementedError(f"a lookup by {key}")
    return bool(event.get(key) == value)


@functools.cache
def _model(operation: str) -> Any:
    return botocore.session.get_session().get_service_model("sagemaker").operation_model(operation)


def _lower_camel(shape: Any, value: Any) -> Any:
    """Return a value with its members spelled as CloudTrail does. The keys of maps are data and stay as they are."""
    match shape.type_name:
        case "structure":
            assert isinstance(value, Mapping)
            return {
                name[0].lower() + name[1:]: _lower_camel(shape.members[name], member)
                for name, member in value.items()
                if name in shape.members
            }
        case "list":
            return [_lower_camel(shape.member, member) for member in value]
        case "map":
            return dict(value)
    return value
