import click
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ProfileNotFound
from click.testing import CliRunner

from ops.cli import Commands
from ops.errors import Refused
from ops.options import SHARED


def refused(code: str, operation: str, message: str = "AWS's words.") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def denied(operation: str, action: str, why: str) -> ClientError:
    message = f"User: arn:aws:iam::123456789012:user/u is not authorized to perform: {action} on resource: r {why}"
    return refused("AccessDenied", operation, message)


DENIED = "An error occurred (AccessDenied) when calling the {} operation: User: arn:aws:iam::123456789012:user/u is not"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            refused("ExpiredTokenException", "Query"),
            "AWS does not accept these credentials. Sign in again. (An error occurred (ExpiredTokenException) when "
            "calling the Query operation: AWS's words.)",
        ),
        (
            refused("ResourceNotFoundException", "GetItem"),
            "There is no table approval-gate-ledger in this account and Region. Deploy the stack ApprovalGate "
            "(make deploy), or use --region.",
        ),
        (
            refused("AWS.SimpleQueueService.NonExistentQueue", "GetQueueUrl"),
            "Approval Gate has no such queue in this account and Region. Deploy the stack ApprovalGate (make deploy), "
            "or use --region.",
        ),
        (
            refused("AccessDeniedException", "Query"),
            "You do not have the permission dynamodb:Query. The managed policy approval-gate-viewer-REGION has it. "
            "(An error occurred (AccessDeniedException) when calling the Query operation: AWS's words.)",
        ),
        (
            refused("AccessDenied", "ListObjectVersions", "Access Denied"),
            "You do not have the permission s3:ListBucketVersions. The managed policy approval-gate-auditor-REGION has "
            "it. (An error occurred (AccessDenied) when calling the ListObjectVersions operation: Access Denied)",
        ),
        (
            denied("SendMessage", "sqs:SendMessage", "because no identity-based policy allows it"),
            "You do not have the permission sqs:SendMessage. The managed policy approval-gate-operator-REGION has it. "
            f"({DENIED.format('SendMessage')} authorized to perform: sqs:SendMessage on resource: r because no "
            "identity-based policy allows it)",
        ),
        (
            denied("DeleteTable", "dynamodb:DeleteTable", "because no identity-based policy allows it"),
            f"You do not have the permission dynamodb:DeleteTable. ({DENIED.format('DeleteTable')} authorized to "
            "perform: dynamodb:DeleteTable on resource: r because no identity-based policy allows it)",
        ),
        (
            denied("SendMessage", "sqs:SendMessage", "with an explicit deny in an identity-based policy"),
            f"A policy denies you sqs:SendMessage, whatever else allows it. ({DENIED.format('SendMessage')} authorized "
            "to perform: sqs:SendMessage on resource: r with an explicit deny in an identity-based policy)",
        ),
        (ProfileNotFound(profile="work"), "The config profile (work) could not be found"),
        (
            EndpointConnectionError(endpoint_url="http://localhost:4566/"),
            'Could not connect to the endpoint URL: "http://localhost:4566/"',
        ),
        (Refused("Try again."), "Try again."),
    ],
    ids=[
        *("expired", "no table", "no queue", "denied", "denied copy", "denied order", "denied other", "denied anyway"),
        *("no profile", "no connection", "refused"),
    ],
)
def test_what_went_wrong_is_a_sentence(error: Exception, said: str) -> None:
    @click.group(cls=Commands)
    def group() -> None: ...

    @group.command()
    def fail() -> None:
        raise error

    result = CliRunner().invoke(group, ["fail"])
    assert (result.exit_code, result.output) == (1, f"Error: {said}\n")


def broken() -> click.Group:
    @click.group(cls=Commands, params=list(SHARED))
    def group() -> None: ...

    @group.command()
    def fail() -> None:
        raise ZeroDivisionError("division by zero")

    return group


def test_a_defect_of_the_program_is_a_sentence_too() -> None:
    result = CliRunner().invoke(broken(), ["fail"])
    assert (result.exit_code, result.output) == (
        1,
        "Error: This is a defect of Approval Gate: ZeroDivisionError: division by zero. Run it again with --debug, and "
        "report what it prints.\n",
    )


def test_a_defect_has_its_traceback_with_debug() -> None:
    assert isinstance(CliRunner().invoke(broken(), ["--debug", "fail"]).exception, ZeroDivisionError)
