"""What a command says when it fails, and its exit code. It is imported when a command has failed: AWS's libraries take
a while to load."""

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from lambdas.gate import names
from lambdas.gate.aws.errors import AwsError
from lambdas.gate.aws.ledger import Altered
from ops.errors import Exit, Refused
from ops.policies import explain_denial, is_denial

_REJECTED = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")
_NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_TABLE_CALLS = ("GetItem", "Query", "TransactWriteItems")


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
