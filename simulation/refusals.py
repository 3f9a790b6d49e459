"""AWS's refusals, as botocore raises them."""

from botocore.exceptions import ClientError, ReadTimeoutError


def refusal(operation: str, code: str, message: str, **more: object) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, **more}, operation)


def validation(operation: str, message: str) -> ClientError:
    """SageMaker says nearly all it refuses as ValidationException."""
    return refusal(operation, "ValidationException", message)


def no_answer(operation: str) -> ReadTimeoutError:
    return ReadTimeoutError(endpoint_url=f"https://aws.example/{operation}")


def throttled(operation: str) -> ClientError:
    return refusal(operation, "ThrottlingException", "Rate exceeded")


def denied(operation: str) -> ClientError:
    return refusal(operation, "AccessDeniedException", f"not authorized to perform: {operation}")


def internal(operation: str) -> ClientError:
    return refusal(operation, "InternalFailure", "The request processing has failed because of an unknown error.")
