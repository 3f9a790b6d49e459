"""CloudTrail: the calls that write to the model registry, put on the event bus some time later."""

import functools
import uuid
from collections.abc import Mapping
from typing import Any, Final

from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model

from sandbox.clock import Clock
from sandbox.events.event_bus import EventBus
from sandbox.iam.identity import DeniedRequest
from sandbox.sagemaker.assumptions import Assumptions
from sandbox.sagemaker.callers import Callers
from sandbox.sagemaker.operations import Call, Operation

DELAY_SECONDS: Final = 20
"""AWS names no limit. It usually takes minutes."""
_RECORDED: Final = ("CreateModelPackage", "UpdateModelPackage")


class CloudTrail:
    """Delivers each event exactly once. AWS delivers it at least once.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """

    def __init__(self, clock: Clock, events: EventBus, callers: Callers, assumptions: Assumptions) -> None:
        self._clock = clock
        self._events = events
        self._callers = callers
        self._assumptions = assumptions

    def recorded(self, name: str, operation: Operation) -> Operation:
        """Return the operation with each of its calls recorded, refused ones with their error."""

        @functools.wraps(operation)
        def call_and_record(call: Call) -> dict[str, Any]:
            parameters = _lower_camel(_input(name), call.request)
            try:
                answer = operation(call)
            except ServiceException as error:
                self._put_event(call, name, parameters, errorCode=error.code, errorMessage=error.message)
                raise
            self._put_event(call, name, parameters, responseElements=_lower_camel(_output(name), answer))
            return answer

        return call_and_record

    def denied(self, request: DeniedRequest) -> None:
        """Record a call that IAM denied."""
        name = request.operation
        if name in _RECORDED:
            call = Call(request.account, request.region, request.parameters, request.access_key)
            parameters = _lower_camel(_input(name), call.request)
            self._put_event(call, name, parameters, errorCode="AccessDenied", errorMessage=request.message)

    def _put_event(self, call: Call, name: str, parameters: dict[str, Any], **result: Any) -> None:
        if not self._assumptions.account_has_trail:
            return
        now = self._clock.now()
        detail = {
            "eventVersion": "1.09",
            "userIdentity": self._callers.user_identity(call),
            "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": "sagemaker.amazonaws.com",
            "eventName": name,
            "awsRegion": call.region,
            "sourceIPAddress": "127.0.0.1",
            "userAgent": "Boto3",
            "requestParameters": parameters,
            "responseElements": None,
            "requestID": str(uuid.uuid4()),
            "eventID": str(uuid.uuid4()),
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": call.account,
            "eventCategory": "Management",
            **result,
        }
        put = functools.partial(
            self._events.put,
            account=call.account,
            region=call.region,
            source="aws.sagemaker",
            detail_type="AWS API Call via CloudTrail",
            resources=[],
            detail=detail,
            time=now,
        )
        self._clock.at(now.timestamp() + DELAY_SECONDS, put)


@functools.cache
def _input(operation: str) -> Any:
    return get_service_model("sagemaker").operation_model(operation).input_shape


@functools.cache
def _output(operation: str) -> Any:
    return get_service_model("sagemaker").operation_model(operation).output_shape


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
