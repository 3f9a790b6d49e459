"""AWS's error answers, as botocore raises them."""

from botocore.exceptions import ClientError, ReadTimeoutError

from lambdas.gate.aws.clients import OPERATIONS
from simulation.world.people import DEPLOYER_ARN

_SERVICES = {operation: service for service, operations in OPERATIONS.items() for operation in operations}
_THROTTLED = {"cloudwatch": "Throttling", "s3": "SlowDown", "sns": "Throttling"}
"""The error codes of services that do not use ThrottlingException."""
_DENIED = {
    **dict.fromkeys(("cloudwatch", "iam", "s3", "sqs", "sts"), "AccessDenied"),
    "sns": "AuthorizationError",
}
"""The error codes of services that do not use AccessDeniedException."""
_PREFIXES = {"sagemaker-runtime": "sagemaker"}
"""The prefixes of actions that differ from the name of the service."""
_STATUSES = {403: ("403", "Forbidden"), 503: ("503", "Service Unavailable")}
"""An answer to HeadObject has no body, so the status is all that an error says.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""


def refusal(operation: str, code: str, message: str, **more: object) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, **more}, operation)


def validation(operation: str, message: str) -> ClientError:
    """Return the error that SageMaker uses for almost everything that it refuses."""
    return refusal(operation, "ValidationException", message)


def no_answer(operation: str) -> ReadTimeoutError:
    return ReadTimeoutError(endpoint_url=f"https://aws.example/{operation}")


def throttled(operation: str) -> ClientError:
    if operation == "HeadObject":
        return refusal(operation, *_STATUSES[503])
    service = _SERVICES[operation]
    message = "Please reduce your request rate." if service == "s3" else "Rate exceeded"
    return refusal(operation, _THROTTLED.get(service, "ThrottlingException"), message)


def denied(operation: str, resource: str = "*") -> ClientError:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""
    service = _SERVICES[operation]
    if operation == "HeadObject":
        return refusal(operation, *_STATUSES[403])
    if service == "s3":
        return refusal(operation, _DENIED[service], "Access Denied")
    # IAM allows a transaction by the actions in it.
    action = f"{_PREFIXES.get(service, service)}:{'PutItem' if operation == 'TransactWriteItems' else operation}"
    message = (
        f"User: {DEPLOYER_ARN} is not authorized to perform: {action} on resource: {resource} because no "
        f"identity-based policy allows the {action} action"
    )
    return refusal(operation, _DENIED.get(service, "AccessDeniedException"), message)


def internal(operation: str) -> ClientError:
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html"""
    message = "The request processing has failed because of an unknown error, exception or failure."
    return refusal(operation, "InternalFailure", message)
