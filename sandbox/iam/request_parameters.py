"""A request's operation and parameters, named as in the API, for every protocol. Each service of moto reads them in its
own way."""

from typing import Any

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.utils import get_service_model


def read(response: Any) -> tuple[str, dict[str, Any]]:
    """Return operation and parameters of a request, given moto's response object for it."""
    operation = response._get_action()
    request, model = response.normalized_request, get_service_model(response.boto3_service_name)
    protocol = determine_request_protocol(model, request.content_type)
    parser = PROTOCOL_PARSERS[protocol](model.operation_model(operation), map_type=dict)
    parsed: dict[str, Any] = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": response.uri_match,
        }
    )
    return operation, parsed
