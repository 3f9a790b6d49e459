import click
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ProfileNotFound
from click.testing import CliRunner

from ops.cli import Commands
from ops.errors import Refused


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


def test_a_fault_of_ours_is_not_dressed_up() -> None:
    @click.group(cls=Commands)
    def group() -> None: ...

    @group.command()
    def fail() -> None:
        raise ZeroDivisionError

    assert isinstance(CliRunner().invoke(group, ["fail"]).exception, ZeroDivisionError)
