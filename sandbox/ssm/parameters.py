"""Events of SSM Parameter Store, which moto does not send, for created, updated and deleted parameters.

The error for a missing parameter has no message, as on AWS.
https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html
"""

from typing import Any, Final

from moto.ssm.exceptions import ParameterNotFound
from moto.ssm.models import Parameter, SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from sandbox.events.event_bus import EventBus
from world.parameters import DEPLOYMENT

_MOTO_GET: Final = SimpleSystemManagerResponse.get_parameter
_MOTO_DESCRIBE: Final = Parameter.describe_response_object
_MOTO_PUT: Final = SimpleSystemManagerBackend.put_parameter
_MOTO_DELETE: Final = SimpleSystemManagerBackend.delete_parameter
_MOTO_DELETE_SEVERAL: Final = SimpleSystemManagerBackend.delete_parameters


class Parameters:
    def __init__(self, events: EventBus) -> None:
        self._events = events

    def install(self) -> None:
        """Send the events from the backend's methods, because CloudFormation uses those too."""
        parameters = self

        def get_parameter(response: Any) -> Any:
            try:
                return _MOTO_GET(response)
            except ParameterNotFound as error:
                raise ParameterNotFound("") from error

        def put_parameter(backend: Any, *args: Any, **kwargs: Any) -> Any:
            parameter = _MOTO_PUT(backend, *args, **kwargs)
            parameters._emit(backend, parameter, "Create" if parameter.version == 1 else "Update")
            return parameter

        def delete_parameter(backend: Any, name: str) -> None:
            parameter = backend.get_parameter(name)
            _MOTO_DELETE(backend, name)
            parameters._emit(backend, parameter, "Delete")

        def delete_parameters(backend: Any, names: list[str]) -> Any:
            found = {name: backend.get_parameter(name) for name in names}
            deleted = _MOTO_DELETE_SEVERAL(backend, names)
            for name in deleted:
                parameters._emit(backend, found[name], "Delete")
            return deleted

        def describe(parameter: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
            # The sandbox does not know who called. Its parameters are written by its CloudFormation.
            return {**_MOTO_DESCRIBE(parameter, *args, **kwargs), "LastModifiedUser": DEPLOYMENT}

        SimpleSystemManagerResponse.get_parameter = get_parameter
        Parameter.describe_response_object = describe
        SimpleSystemManagerBackend.put_parameter = put_parameter
        SimpleSystemManagerBackend.delete_parameter = delete_parameter
        SimpleSystemManagerBackend.delete_parameters = delete_parameters

    def _emit(self, backend: Any, parameter: Any, operation: str) -> None:
        account, region = backend.account_id, backend.region_name
        detail = {"operation": operation, "name": parameter.name, "type": parameter.parameter_type}
        if parameter.description:
            detail["description"] = parameter.description
        self._events.put(
            account=account,
            region=region,
            source="aws.ssm",
            detail_type="Parameter Store Change",
            resources=[f"arn:aws:ssm:{region}:{account}:parameter/{parameter.name.removeprefix('/')}"],
            detail=detail,
        )
