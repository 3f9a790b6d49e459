"""A group of commands that tell people in a sentence what failed, with exit code 1; a wrong call exits with 2."""

from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from lambdas.gate import names
from lambdas.gate.spec import SpecError
from lambdas.gate.text import is_blank
from ops.account import Busy, Unknown
from ops.intervention import Impossible


class Text(click.ParamType[str]):
    """A text that says something. A blank one would be taken for none: a pause without a pause, a comparison with no
    copies."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if is_blank(value):
            self.fail(f"it is blank: {value!a}. Give a text with a visible character.", param, ctx)
        return value


TEXT = Text()
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")


class Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Unknown, Busy, Impossible, SpecError) as error:
            raise click.ClickException(str(error)) from error
        except (BotoCoreError, ClientError) as error:
            raise click.ClickException(_explained(error)) from error


def _explained(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, NoCredentialsError):
        return "There are no AWS credentials. Sign in as for the AWS CLI (aws sso login, AWS_PROFILE, ...)."
    if isinstance(error, NoRegionError):
        return "No Region is chosen. Use --region or set AWS_DEFAULT_REGION."
    if isinstance(error, ClientError):
        code = error.response["Error"].get("Code", "")
        if code in _EXPIRED:
            return f"AWS does not accept these credentials; sign in again. ({error})"
        if code == "ResourceNotFoundException" and error.operation_name in ("GetItem", "Query", "TransactWriteItems"):
            deploy = f"Deploy the stack {names.STACK} (make deploy), or use --region."
            return f"There is no table {names.LEDGER} in this account and Region. {deploy}"
    return str(error)
