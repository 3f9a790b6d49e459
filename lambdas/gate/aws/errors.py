"""The one place that translates AWS's errors.

- AwsError and its kinds: answers that the deployer acts on. Other errors of botocore propagate.
- Unreadable: the gate could not read something. Whatever AWS answered becomes this one exception, which keeps the gate
  shut and does not stop the reconcile.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

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


class Unreadable(Exception):
    """Its text says what, and why, for people; the same trouble has the same text."""


class Missing(Unreadable):
    """AWS says that it does not exist."""


class Silent(Unreadable):
    """AWS does not answer. Asking for more of the same would take the rest of a function's time."""


FAILURES = (AwsError, ClientError, BotoCoreError)
"""Every way in which a call to AWS can fail."""


@contextmanager
def answering(what: str) -> Iterator[None]:
    """Raise Unreadable about `what` if AWS fails or does not answer; an AwsError propagates."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise Unreadable(f"{what} could not be read: {error}") from error


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Raise Unreadable about `what` for whatever AWS answers, and where it does not answer."""
    try:
        with translated():
            yield
    except NotFound as error:
        raise Missing(f"{what} does not exist") from error
    except Denied as error:
        # S3 answers so for an object that does not exist, too, unless the caller may list the bucket.
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        told = f"{what} does not exist, or Approval Gate may not read it: deploy ApprovalGate again, or see its policy"
        raise Unreadable(told) from error
    except (AwsError, ClientError) as error:
        raise Unreadable(encodable(f"{what} could not be read: {error}")) from error
    except BotoCoreError as error:
        raise Silent(encodable(f"{what} could not be read: {error}")) from error
