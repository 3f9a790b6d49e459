"""CloudTrail's edge: its event history, which needs no trail.

The history has the management events of the last 90 days. All callers of an account and Region share two calls a
second, so what one reconcile reads is kept for all endpoints; see `ledger.history`.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lambdas.gate.aws.errors import Throttled, reading
from lambdas.gate.aws.paging import paged
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.approval import is_version
from lambdas.gate.state.history import History, RecordedCall
from lambdas.gate.state.identity import Identity
from lambdas.gate.text import encodable

UPDATE, DELETE = "UpdateModelPackage", "DeleteModelPackage"
MOST_EVENTS = 500
"""How many updates are read at most, the newest first: ten pages, five seconds of the account's calls."""
MOST_DELETIONS = 100
"""How many deletions are read at most, the newest first: two pages, one second of the account's calls."""
HARMLESS = frozenset(
    {
        "modelPackageArn",
        "modelApprovalStatus",
        "approvalDescription",
        "customerMetadataProperties",
        "customerMetadataPropertiesToRemove",
        "modelCard",
        "modelLifeCycle",
        "clientToken",
    }
)
"""The parameters of UpdateModelPackage that change nothing of what a version is.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html"""
_UNVERSIONED = re.compile(r"arn:[^:]+:sagemaker:[^:]+:[0-9]{12}:model-package/[^/\s]+")
_LONGEST = 2048
"""The most characters of a name that is kept."""


class EventHistory:
    """`cloudtrail`: makes the client when it is first needed, because few reconciles need it."""

    def __init__(self, cloudtrail: Callable[[], Any]) -> None:
        self._client = cloudtrail

    @property
    def _cloudtrail(self) -> Any:
        return self._client()

    def read(self, since: float, now: float) -> History:
        """Return the successful calls of UpdateModelPackage and DeleteModelPackage since then, in seconds since 1970.
        The history begins later if there are more than MOST_EVENTS updates, or if CloudTrail throttles a further page.
        Deletions that were not read do not shorten it: they change nothing of a version that exists. Raises
        Unreadable."""
        updates, begins = self._events(UPDATE, since, MOST_EVENTS)
        deletions, _ = self._events(DELETE, since, MOST_DELETIONS)
        calls = (call for event in (*updates, *deletions) if (call := recorded_call(event)) is not None)
        known = {call.event: call for call in calls if call.at >= begins}
        in_order = sorted(known.values(), key=lambda call: (call.at, call.event))
        return History(since, begins, now, tuple(in_order)).fitted()

    def _events(self, name: str, since: float, most: int) -> tuple[list[Mapping[str, Any]], float]:
        """Return the events of that name, the newest first, and since when they were read."""
        request: dict[str, Any] = {
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
            "StartTime": datetime.fromtimestamp(since, UTC),
            "MaxResults": 50,
        }
        found: list[Mapping[str, Any]] = []
        begins = since
        with reading("CloudTrail's event history"):
            try:
                for event in paged(self._cloudtrail.lookup_events, "Events", **request):
                    if len(found) >= most:
                        begins = _begin(found)
                        break
                    found.append(event)
            except Throttled:
                if not found:
                    raise
                begins = _begin(found)
        return found, begins


def recorded_call(event: Mapping[str, Any]) -> RecordedCall | None:
    """Return the call of an event; None if it failed, if it is about a package that is no version of a group, or if it
    is a deletion whose version cannot be read.

    CloudTrail writes the record. It leaves out parameters that are too long, and may hide others.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    at = event["EventTime"].timestamp()
    identifier = _text(event.get("EventId")) or _digest(event)
    try:
        record = encodable(json.loads(event.get("CloudTrailEvent") or ""))
    except (ValueError, RecursionError):
        record = None
    if event.get("EventName") == DELETE:
        return _deletion(identifier, at, record)
    if not isinstance(record, dict):
        return RecordedCall(identifier, at, None, Identity(), changes=True)
    if record.get("errorCode"):
        return None
    asked, answered = _object(record.get("requestParameters")), _object(record.get("responseElements"))
    named = (answered or {}).get("modelPackageArn") or (asked or {}).get("modelPackageArn")
    if _is_of_no_group(named):
        return None
    version, caller = named if is_version(named) else None, _caller(_object(record.get("userIdentity")) or {})
    if asked is None:
        return RecordedCall(identifier, at, version, caller, changes=True)
    status, cycle = asked.get("modelApprovalStatus"), asked.get("modelLifeCycle")
    is_readable = _is_text(status) and (cycle is None or _object(cycle) is not None)
    return RecordedCall(
        identifier,
        at,
        version,
        caller,
        status=_text(status),
        stage=Stage(str(cycle.get("stage")), str(cycle.get("stageStatus"))) if isinstance(cycle, dict) else None,
        changes=version is None or not is_readable or not asked.keys() <= HARMLESS,
    )


def _is_of_no_group(named: Any) -> bool:
    """True if it is the ARN of a package that is no version of a group. Of anything else, such as a text that hides the
    ARN, nobody knows which version it is about."""
    return isinstance(named, str) and _UNVERSIONED.fullmatch(named) is not None


def _digest(event: Mapping[str, Any]) -> str:
    """Return what tells an event without an id from others."""
    return hashlib.sha256(repr(sorted(event.items())).encode()).hexdigest()


def _deletion(identifier: str, at: float, record: Any) -> RecordedCall | None:
    if not isinstance(record, dict) or record.get("errorCode"):
        return None
    version = (_object(record.get("requestParameters")) or {}).get("modelPackageName")
    if not is_version(version):
        return None
    return RecordedCall(identifier, at, version, _caller(_object(record.get("userIdentity")) or {}), deleted=True)


def _begin(events: list[Mapping[str, Any]]) -> float:
    """Return when a history begins that was not read further. The newest event comes first, and the last event's
    second may have more events."""
    begin: float = events[-1]["EventTime"].timestamp() + 1
    return begin


def _caller(user: dict[str, Any]) -> Identity:
    context = _object(user.get("sessionContext")) or {}
    return Identity(_text(user.get("arn")), _text(user.get("principalId")), _text(context.get("sourceIdentity")))


def _object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _is_text(value: Any) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= _LONGEST)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= _LONGEST else None
