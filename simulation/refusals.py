"""AWS's refusals, as botocore raises them."""

from botocore.exceptions import ClientError, ReadTimeoutError

from lambdas.gate.clients import OPERATIONS
from lambdas.gate.names import DEPLOYER

DEPLOYER_ARN = f"arn:aws:sts::123456789012:assumed-role/{DEPLOYER}/{DEPLOYER}"
_SERVICES = {operation: service for service, operations in OPERATIONS.items() for operation in operations}
_THROTTLED = {"cloudwatch": "Throttling", "sns": "Throttling"}
"""Codes by service, where it is not ThrottlingException."""
_DENIED = {"cloudwatch": "AccessDenied", "sns": "AuthorizationError", "sqs": "AccessDenied"}
"""Codes by service, where it is not AccessDeniedException."""


def refusal(operation: str, code: str, message: str, **more: object) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, **more}, operation)


def validation(operation: str, message: str) -> ClientError:
    """SageMaker says nearly all it refuses as ValidationException."""
    return refusal(operation, "ValidationException", message)


def no_answer(operation: str) -> ReadTimeoutError:
    return ReadTimeoutError(endpoint_url=f"https://aws.example/{operation}")


def throttled(operation: str) -> ClientError:
    return refusal(operation, _THROTTLED.get(_SERVICES[operation], "ThrottlingException"), "Rate exceeded")


def denied(operation: str, resource: str = "*") -> ClientError:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""
    service = _SERVICES[operation]
    # A transaction is allowed by the actions it is made of.
    action = f"{service}:{'PutItem' if operation == 'TransactWriteItems' else operation}"
    message = (
        f"User: {DEPLOYER_ARN} is not authorized to perform: {action} on resource: {resource} because no "
        f"identity-based policy allows the {action} action"
    )
    return refusal(operation, _DENIED.get(service, "AccessDeniedException"), message)


def internal(operation: str) -> ClientError:
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html"""
    message = "The request processing has failed because of an unknown error, exception or failure."
    return refusal(operation, "InternalFailure", message)
