import click
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ProfileNotFound
from click.testing import CliRunner

from ops.cli import Commands
from ops.errors import Refused
from ops.options import SHARED


def refused(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "AWS's words."}}, operation)


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
            refused("AccessDeniedException", "Query"),
            "An error occurred (AccessDeniedException) when calling the Query operation: AWS's words.",
        ),
        (ProfileNotFound(profile="work"), "The config profile (work) could not be found"),
        (
            EndpointConnectionError(endpoint_url="http://localhost:4566/"),
            'Could not connect to the endpoint URL: "http://localhost:4566/"',
        ),
        (Refused("Try again."), "Try again."),
    ],
    ids=["expired", "no table", "denied", "no profile", "no connection", "refused"],
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
