"""What a command says when it fails, and its exit code."""

from enum import IntEnum

import click
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from lambdas.gate import names
from lambdas.gate.aws.errors import AwsError
from lambdas.gate.aws.ledger import Altered
from lambdas.gate.text import one_line
from ops.policies import explain_denial, is_denial

_REJECTED = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")
_NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_TABLE_CALLS = ("GetItem", "Query", "TransactWriteItems")


class Exit(IntEnum):
    """The exit codes. Scripts rely on them, so the numbers never change: see docs/operate.md."""

    DONE = 0
    """It was done, or everything is as it should be."""
    FAILED = 1
    """It failed for another reason than those below."""
    WRONG_CALL = 2
    """An option or argument is missing, or is none that the command takes. click uses this number too."""
    NEVER_HEARD_OF = 3
    """There is no such endpoint, or no such version."""
    IN_PROGRESS = 4
    """What was asked for has not happened yet, and may still happen without anybody's help."""
    HELD = 5
    """What was asked for waits for a person, or for a time."""
    ROLLED_BACK = 6
    """The version was rolled back, aborted or given up, and is quarantined."""
    PENDING = 7
    """The version is neither approved nor rejected."""
    REJECTED = 8
    """The version is rejected."""
    UNREADABLE = 9
    """The endpoint or version is known, but its state cannot be read."""


class Refused(Exception):
    """The command cannot do what was asked. The text says why, and what to do."""

    def __init__(self, text: str, exit: Exit = Exit.FAILED) -> None:
        super().__init__(text)
        self.exit = exit


class Failure(click.ClickException):
    """Prints its text as one safe line, and ends the command with the exit code."""

    def __init__(self, text: str, exit_code: Exit) -> None:
        super().__init__(one_line(text))
        self.exit_code = exit_code  # type: ignore[misc]


def explain(error: Exception) -> str:
    """Return what to tell the operator."""
    match error:
        case NoCredentialsError():
            return "There are no AWS credentials. Sign in as for the AWS CLI (aws sso login, AWS_PROFILE, ...)."
        case NoRegionError():
            return "No Region is chosen. Use --region or set AWS_REGION."
        case ClientError():
            return _explain_answer(error)
        case Altered():
            return f"{error} The deployer does not touch the endpoint. See `verify`, then `restore`."
        case Refused() | BotoCoreError() | AwsError():
            return str(error)
        case _:
            said = f"{type(error).__name__}: {error}".removesuffix(": ")
            return f"This is a defect of Approval Gate: {said}. Run it again with --debug, and report what it prints."


def exit_code(error: Exception) -> Exit:
    """Return the exit code of a command that ends with this error."""
    match error:
        case Refused():
            return error.exit
        case Altered():
            return Exit.UNREADABLE
        case _:
            return Exit.FAILED


def _explain_answer(error: ClientError) -> str:
    code = error.response["Error"].get("Code", "")
    if code in _REJECTED:
        return f"AWS does not accept these credentials. Sign in again. ({error})"
    if is_denial(error):
        return explain_denial(error)
    fix = f"Deploy the stack {names.STACK} (make deploy), or use --region."
    if code == "ResourceNotFoundException" and error.operation_name in _TABLE_CALLS:
        return f"There is no table {names.LEDGER} in this account and Region. {fix}"
    if code in _NO_QUEUE:
        return f"Approval Gate has no such queue in this account and Region. {fix}"
    return str(error)
