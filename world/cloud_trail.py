"""CloudTrail: the calls that write to the model registry, put on the event bus some time later."""

import functools
import uuid
from collections.abc import Mapping
from typing import Any, Final

import botocore.session

from world.call import Call, Operation
from world.refusal import Refusal
from world.surroundings import Event, Surroundings
from world.timestamps import iso

DELAY_SECONDS: Final = 20
"""AWS names no limit. It usually takes minutes."""
RECORDED: Final = ("CreateModelPackage", "DeleteModelPackage", "UpdateModelPackage")
DETAIL_TYPE: Final = "AWS API Call via CloudTrail"


class CloudTrail:
    """Delivers each event exactly once. AWS delivers it at least once.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._records = 0

    def copy(self, surroundings: Surroundings) -> "CloudTrail":
        other = CloudTrail(surroundings)
        other._records = self._records
        return other

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
        if not self._surroundings.assumptions.account_has_trail:
            return
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
        self._surroundings.at(now + DELAY_SECONDS, "cloud_trail", detail, now)


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
