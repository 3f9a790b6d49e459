"""The inbox: how messages are read, and how the deployer sends messages to itself. A message names an endpoint. What
else it says is a hint, and AWS is asked before the deployer acts on it."""

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lambdas.gate import names
from lambdas.gate.spec.spec import Stage
from lambdas.gate.state.answers import AnswersResult
from lambdas.gate.state.approval import is_version
from lambdas.gate.state.golden_result import GoldenResult
from lambdas.gate.state.hints import ApprovalHint, EditHint, Witness
from lambdas.gate.state.identity import Identity
from lambdas.gate.text import encodable
from lambdas.gate.timing import MAXIMUM_DELAY

PACKAGE_EVENT = "SageMaker Model Package State Change"
CLOUDTRAIL_EVENT = "AWS API Call via CloudTrail"
OPEN_ATTEMPTS = "open-attempts"
_LONGEST = 2048
"""The most characters of an ARN, or of any other name in CloudTrail's event."""
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class Malformed(ValueError):
    """A message names no endpoint, or lacks a part of what it should say. It goes to the dead-letter queue."""


@dataclass(frozen=True)
class Message:
    """`body`: the text to send if the message is sent again: as it came, and for a result of another function with
    its sender, because a copy bears the deployer's stamp. `endpoint`: None for the sweep of open attempts.
    `hint`: what a registry event says about an approval. `witness`: what a message says that CloudTrail recorded.
    `golden`: a result of golden requests. `answers`: what the comparer found. `version`: the ARN of the version that a
    registry event names, whatever happened to it. `edit`: what a registry event says about another change. `look`: the
    number of the attempt that the judge is to look at; None for any other message."""

    body: str
    endpoint: str | None
    hint: ApprovalHint | None = None
    witness: Witness | None = None
    golden: GoldenResult | None = None
    answers: AnswersResult | None = None
    version: str | None = None
    edit: EditHint | None = None
    look: int | None = None

    @property
    def is_lasting(self) -> bool:
        """True if information would be lost with the message. Any other message only asks for a reconcile."""
        return any(each is not None for each in (self.hint, self.witness, self.golden, self.answers))


def parse(body: str, sender: str | None = None, own_role_id: str = "") -> Message:
    """Return the message with this body. `sender`: its SQS SenderId. `own_role_id`: of the deployer's role. Raises
    Malformed, which says what was found."""
    try:
        content = encodable(json.loads(body))
    except (TypeError, ValueError, RecursionError) as error:
        raise Malformed(f"The message is no JSON: {str(body)[:200]}") from error
    if not isinstance(content, dict):
        raise Malformed(f"The message is no JSON object: {body[:200]}")
    if content.get("sweep") == OPEN_ATTEMPTS:
        return Message(body, None)
    endpoint = content.get("endpoint")
    if not isinstance(endpoint, str) or not re.fullmatch(names.ENDPOINT_NAME, endpoint):
        raise Malformed(f"The message names no endpoint: {body[:200]}")
    if "golden" in content:
        result = _golden_result(content["golden"], body, sender, own_role_id)
        return Message(result.message(endpoint), endpoint, golden=result)
    if "answers" in content:
        compared = _answers_result(content["answers"], body, sender, own_role_id)
        return Message(compared.message(endpoint), endpoint, answers=compared)
    if type(look := content.get("look")) is int:
        return Message(body, endpoint, look=look)
    event = content.get("event")
    if not isinstance(event, dict):
        return Message(body, endpoint)
    try:
        hint, witness = approval_hint(event), cloudtrail_witness(event)
        return Message(body, endpoint, hint, witness, version=named_version(event), edit=edit_hint(event))
    except (AttributeError, TypeError, ValueError) as error:
        raise Malformed(f"The event does not say what it tells ({error}): {body[:200]}") from error


def _golden_result(content: Any, body: str, sender: str | None, own_role_id: str) -> GoldenResult:
    try:
        result = GoldenResult.from_message(content, sender, own_role_id)
        if not 0 <= result.at < _LATEST:
            raise ValueError(f"{result.at} is no time")
        return result
    except (KeyError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise Malformed(f"The message does not say what golden requests found: {body[:200]}") from error


def _answers_result(content: Any, body: str, sender: str | None, own_role_id: str) -> AnswersResult:
    try:
        return AnswersResult.from_message(content, sender, own_role_id)
    except (KeyError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise Malformed(f"The message does not say what answers were compared: {body[:200]}") from error


def named_version(event: dict[str, Any]) -> str | None:
    """Return the ARN of the version that a registry event is about; None for any other event."""
    detail = event.get("detail")
    if event.get("detail-type") != PACKAGE_EVENT or not isinstance(detail, dict):
        return None
    version = detail.get("ModelPackageArn")
    return version if is_version(version) else None


def approval_hint(event: dict[str, Any]) -> ApprovalHint | None:
    """Return what a registry event says about an approval; None if it says nothing. Raises Malformed rather than lose
    an approval.

    UpdatedModelPackageFields distinguishes an approval from an edit of metadata. Some events of creations lack it. Such
    versions are found in the list of Approved versions.
    """
    version, detail = named_version(event), event.get("detail")
    if version is None or not isinstance(detail, dict):
        return None
    updated = detail.get("UpdatedModelPackageFields") or ()
    if not isinstance(updated, dict | list | tuple):
        raise Malformed(f"The event does not say what was updated: {json.dumps(event)[:200]}")
    if "ModelApprovalStatus" not in updated and "ModelLifeCycle" not in updated:
        return None
    at = _time(detail.get("LastModifiedTime")) or _time(event.get("time"))
    if at is None:
        raise Malformed(f"The event does not say when {version} was approved: {json.dumps(event)[:200]}")
    return ApprovalHint(
        version,
        at,
        by_stage="ModelApprovalStatus" not in updated,
        specifies="InferenceSpecification" in updated,
        comments="ApprovalDescription" in updated,
    )


def edit_hint(event: dict[str, Any]) -> EditHint | None:
    """Return what a registry event says about a change of something else than an approval; None if it says nothing."""
    version, detail = named_version(event), event.get("detail")
    if version is None or not isinstance(detail, dict) or approval_hint(event) is not None:
        return None
    at = _time(detail.get("LastModifiedTime"))
    return None if at is None or not detail.get("UpdatedModelPackageFields") else EditHint(version, at)


def cloudtrail_witness(event: dict[str, Any]) -> Witness | None:
    """Return what CloudTrail's event of a call says about the caller; None if the call failed, or if it set no approval
    status and no stage.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"""
    detail = event.get("detail")
    if event.get("detail-type") != CLOUDTRAIL_EVENT or not isinstance(detail, dict) or detail.get("errorCode"):
        return None
    asked, answered = detail.get("requestParameters") or {}, detail.get("responseElements") or {}
    version, at = answered.get("modelPackageArn") or asked.get("modelPackageArn"), _time(detail.get("eventTime"))
    if not is_version(version) or at is None:
        return None
    cycle = asked.get("modelLifeCycle")
    stage = Stage(str(cycle.get("stage")), str(cycle.get("stageStatus"))) if isinstance(cycle, dict) else None
    status = _text(asked, "modelApprovalStatus")
    if stage is None and status is None:
        return None
    user = detail.get("userIdentity") or {}
    source = _text(user.get("sessionContext") or {}, "sourceIdentity")
    caller = Identity(_text(user, "arn"), _text(user, "principalId"), source)
    return Witness(version, caller, at, status, stage)


def _text(holder: dict[str, Any], name: str) -> str | None:
    """Return the text of that name; None if there is none. Raises TypeError if it is not a text, or is longer than any
    that AWS writes there: the head has no room for it."""
    found = holder.get(name)
    if found is not None and not (isinstance(found, str) and len(found) <= _LONGEST):
        raise TypeError(f"{name} is no text, or too long")
    return found


def _time(text: Any) -> float | None:
    """Return the seconds since 1970 of a time in ISO 8601; None if it is something else. The documentation promises ISO
    8601, but some of AWS's sample events have other values."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


class Inbox:
    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, body: str, delay: float) -> None:
        """Send a message. `delay`: in seconds, rounded up, because a reconcile that came too early would ask for the
        next one at once. SQS takes at most MAXIMUM_DELAY. A later time is reached by several reconciles."""
        whole = min(MAXIMUM_DELAY, max(0, math.ceil(delay)))
        self._sqs.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=whole)

    def send_reconcile(self, endpoint: str, delay: float) -> None:
        """Send the message that reconciles an endpoint `delay` seconds from now."""
        self.send(json.dumps({"endpoint": endpoint}), delay)

    def send_look(self, endpoint: str, attempt: int, delay: float) -> None:
        """Send the message that lets the judge look at an endpoint's attempt `delay` seconds from now."""
        self.send(json.dumps({"endpoint": endpoint, "look": attempt}), delay)
