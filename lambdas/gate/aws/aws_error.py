"""The one place that translates AWS's errors into the few that the deployer tells apart. All else propagates as it
is."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from lambdas.gate.text import encodable


class AwsError(Exception):
    """An answer of AWS that the deployer acts on; its text is AWS's own."""


class Throttled(AwsError):
    """Not executed; ask again later."""


class NotFound(AwsError):
    """What was asked for does not exist, or not yet."""


class AlreadyExists(AwsError):
    """The create was done before."""


class InProgress(AwsError):
    """The endpoint is busy; nothing was changed."""


class Denied(AwsError):
    """The caller's policy does not allow it."""


class Limited(AwsError):
    """A quota is exhausted."""


class Refused(AwsError):
    """The request is not acceptable; repeating it does not help."""


_CODES: dict[str, type[AwsError]] = {
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "ThrottledException": Throttled,
    "TooManyRequestsException": Throttled,
    "RequestLimitExceeded": Throttled,
    "ProvisionedThroughputExceededException": Throttled,
    "RequestThrottled": Throttled,
    "SlowDown": Throttled,
    "503": Throttled,  # SlowDown, as HeadObject is answered
    "ConcurrentUpdateException": Throttled,  # Application Auto Scaling's: another change of the target is pending
    "AccessDenied": Denied,
    "AccessDeniedException": Denied,
    "403": Denied,  # S3's answer to HeadObject has no body, so its status is all there is.
    "ResourceLimitExceeded": Limited,
    "LimitExceeded": Limited,  # PutMetricAlarm's, for the account's quota of alarms: waiting does not help
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
    # SageMaker says all of these as ValidationException, so only the text tells them apart.
    ("could not find", NotFound),
    ("cannot update in-progress", InProgress),
    ("cannot create already existing", AlreadyExists),
    # Application Auto Scaling's; its code is documented as ObjectNotFoundException.
    ("no scalable target", NotFound),
)
_NOT_FOUND = ("does not exist", "not found")


@contextmanager
def translated() -> Iterator[None]:
    """Raise the AwsError that a ClientError means, from it; a ClientError that none of them is propagates."""
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
