"""What could not be read. It keeps the gate shut and stops no look, so all that AWS may answer here becomes one
exception."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate.aws.aws_error import AwsError, Denied, NotFound, translated
from lambdas.gate.text import encodable


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
