"""What a command says when it fails."""

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from lambdas.gate import names
from lambdas.gate.aws.errors import AwsError
from lambdas.gate.aws.ledger import Altered

_REJECTED = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")
_TABLE_CALLS = ("GetItem", "Query", "TransactWriteItems")


class Refused(Exception):
    """The command cannot do what was asked. The text says why, and what to do."""


def explain(error: Exception) -> str | None:
    """Return what to tell the operator; None if the error is a defect of the program."""
    match error:
        case NoCredentialsError():
            return "There are no AWS credentials. Sign in as for the AWS CLI (aws sso login, AWS_PROFILE, ...)."
        case NoRegionError():
            return "No Region is chosen. Use --region or set AWS_DEFAULT_REGION."
        case ClientError():
            return _explain_answer(error)
        case Altered():
            return f"{error} The deployer does not touch the endpoint. See `verify`, then `restore`."
        case Refused() | BotoCoreError() | AwsError():
            return str(error)
        case _:
            return None


def _explain_answer(error: ClientError) -> str:
    code = error.response["Error"].get("Code", "")
    if code in _REJECTED:
        return f"AWS does not accept these credentials. Sign in again. ({error})"
    if code == "ResourceNotFoundException" and error.operation_name in _TABLE_CALLS:
        fix = f"Deploy the stack {names.STACK} (make deploy), or use --region."
        return f"There is no table {names.LEDGER} in this account and Region. {fix}"
    return str(error)
