"""The one place that translates AWS's errors.

- AwsError and its subclasses: answers that the deployer acts on. Other errors of botocore propagate.
- Unreadable: the gate could not read its evidence. Every error of such a read becomes this one exception, which holds
  the approval and does not stop the reconcile.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate.text import encodable


class AwsError(Exception):
    """An answer of AWS that the deployer acts on. Its text is AWS's own."""


class Throttled(AwsError):
    """The call was not executed. Try again later."""


class NotFound(AwsError):
    """The resource does not exist, or not yet."""


class AlreadyExists(AwsError):
    """The resource exists already."""


class InProgress(AwsError):
    """The endpoint is busy. Nothing was changed."""


class Denied(AwsError):
    """The caller's IAM policy does not allow the call."""


class Limited(AwsError):
    """A quota is exhausted."""


class Refused(AwsError):
    """The request is not acceptable. Repeating it does not help."""


_CODES: dict[str, type[AwsError]] = {
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "ThrottledException": Throttled,
    "TooManyRequestsException": Throttled,
    "RequestLimitExceeded": Throttled,
    "ProvisionedThroughputExceededException": Throttled,
    "RequestThrottled": Throttled,
    "SlowDown": Throttled,
    "503": Throttled,  # HeadObject's answer for SlowDown has no body, only this status.
    "ConcurrentUpdateException": Throttled,  # Application Auto Scaling: another change of the target is pending.
    "AccessDenied": Denied,
    "AccessDeniedException": Denied,
    "403": Denied,  # HeadObject's answer has no body, only this status.
    "ResourceLimitExceeded": Limited,
    "LimitExceeded": Limited,  # PutMetricAlarm: the account's quota of alarms is exhausted. Waiting does not help.
    "LimitExceededException": Limited,
    "ResourceNotFound": NotFound,
    "ResourceNotFoundException": NotFound,
    "ParameterNotFound": NotFound,
    "ObjectNotFoundException": NotFound,
    "RepositoryNotFoundException": NotFound,
    "NoSuchBucket": NotFound,
    "NoSuchKey": NotFound,
    "404": NotFound,
}
_MESSAGES: tuple[tuple[str, type[AwsError]], ...] = (
    # SageMaker answers all of these with ValidationException, so only the text tells them apart.
    ("could not find", NotFound),
    ("cannot update in-progress", InProgress),
    ("cannot create already existing", AlreadyExists),
    # Application Auto Scaling answers so too, though its documentation says ObjectNotFoundException.
    ("no scalable target", NotFound),
)
_NOT_FOUND = ("does not exist", "not found")
_INTERNAL = frozenset({"500", "InternalError", "InternalFailure", "ServerException", "ServiceUnavailable"})


@contextmanager
def translated() -> Iterator[None]:
    """Raise an AwsError instead of a ClientError, if the deployer acts on it. Any other ClientError propagates."""
    try:
        yield
    except ClientError as error:
        meaning = _meaning(error)
        if meaning is None:
            raise
        raise meaning(encodable(error.response["Error"].get("Message", ""))) from error


def _meaning(error: ClientError) -> type[AwsError] | None:
    code = error.response["Error"].get("Code", "")
    if code in _CODES:
        return _CODES[code]
    if code not in ("ValidationException", "ValidationError"):
        return None
    message = error.response["Error"].get("Message", "").lower()
    for prefix, meaning in _MESSAGES:
        if message.startswith(prefix):
            return meaning
    return NotFound if any(words in message for words in _NOT_FOUND) else Refused


def _is_internal(error: Exception) -> bool:
    """True if AWS failed, and not the request."""
    if not isinstance(error, ClientError):
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or error.response["Error"].get("Code") in _INTERNAL


class Unreadable(Exception):
    """Evidence could not be read. The text says what and why, for people, and is the same for the same trouble."""


class Missing(Unreadable):
    """AWS says that the resource does not exist."""


class Forbidden(Unreadable):
    """AWS denies the read, or the resource does not exist and AWS does not say so. Or it has a name that cannot be
    sent."""


class Temporary(Unreadable):
    """AWS was too busy to answer, or failed. The same read may succeed soon."""


class Silent(Temporary):
    """AWS does not answer. More reads of this kind would use up the function's time."""


_UNSENDABLE = (
    exceptions.EndpointProviderError,
    exceptions.InvalidDNSNameError,
    exceptions.InvalidHostLabelError,
    exceptions.ParamValidationError,
    exceptions.UnsupportedOutpostResourceError,
    exceptions.UnsupportedS3AccesspointConfigurationError,
    exceptions.UnsupportedS3ArnError,
    exceptions.UnsupportedS3ConfigurationError,
)
"""botocore does not send the request, because no resource can have that name. So AWS was not asked."""
FAILURES = (AwsError, ClientError, BotoCoreError)
"""All exceptions of a failed call to AWS."""


@contextmanager
def answering(what: str) -> Iterator[None]:
    """Raise Unreadable about `what` if AWS fails or does not answer. An AwsError propagates."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise Unreadable(f"{what} could not be read: {error}") from error


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Raise Unreadable about `what` for every error of AWS, and if AWS does not answer."""
    try:
        with translated():
            yield
    except NotFound as error:
        raise Missing(f"{what} does not exist") from error
    except Denied as error:
        # S3 answers so for a missing object too, unless the caller may list the bucket.
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        trouble = "does not exist, or Approval Gate may not read it"
        raise Forbidden(f"{what} {trouble}: see its policy, and that of its key") from error
    except (AwsError, ClientError) as error:
        kind = Temporary if isinstance(error, Throttled) or _is_internal(error) else Unreadable
        raise kind(encodable(f"{what} could not be read: {error}")) from error
    except _UNSENDABLE as error:
        raise Forbidden(encodable(f"{what} cannot be read: {error}")) from error
    except BotoCoreError as error:
        raise Silent(encodable(f"{what} could not be read: {error}")) from error
