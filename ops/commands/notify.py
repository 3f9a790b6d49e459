"""`notify`: publish a test message to the topic of the notifications."""

import secrets

import click
from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.settings import CHAT
from lambdas.publisher import chat, mail
from lambdas.publisher.message import Message
from lambdas.publisher.notification import publish_request
from lambdas.publisher.severity import Severity
from lambdas.publisher.time import iso
from ops import options
from ops.account import Account
from ops.errors import Refused
from ops.options import Options
from ops.render.output import Output

FORMATS = ("email", CHAT)
KIND = "test"
"""The message attribute `kind`."""


@click.command()
@click.argument("what", type=click.Choice(["test"]))
@options.optional_endpoint
@click.option(
    "--severity", type=click.Choice([each.value for each in Severity]), default="info", help="Tries filter policies."
)
@click.option("--format", "chosen_format", type=click.Choice(FORMATS), default="email", help="As in endpoints.yaml.")
@click.pass_obj
def notify(chosen: Options, what: str, endpoint: str | None, severity: str, chosen_format: str) -> Output:
    """`notify test`: publish a test message to the topic approval-gate-notifications, as yourself, so that you see who
    gets it. With ENDPOINT, its attribute `endpoint` is that name, otherwise it is `*`. You need sns:Publish on the
    topic, and the use of the topic's key."""
    account = Account.of(chosen)
    name = names.ALL if endpoint is None else endpoint
    if name != names.ALL:
        account.require(name)
    operator = account.operator()
    topic = account.topic
    message = _message(name, severity, operator, account.now)
    request = publish_request(message, topic, chat.text if chosen_format == CHAT else mail.text)
    try:
        identifier = account.client("sns").publish(**request)["MessageId"]
    except ClientError as error:
        if error.response["Error"].get("Code") == "NotFound":
            raise Refused(
                f"There is no topic {names.TOPIC} in this account and Region. "
                f"Deploy the stack {names.STACK} (make deploy), or use --region."
            ) from error
        raise
    text = f"A test message was published to {topic}. Each subscription whose filter policy lets it through gets it."
    return Output(text, values=({"topic": topic, "message_id": identifier},))


def _message(endpoint: str, severity: str, operator: str, at: float) -> Message:
    where = "all endpoints" if endpoint == names.ALL else endpoint
    return Message(
        subject=f"{where}: test of the notifications",
        headline="This is a test. Nothing happened.",
        reason=f"{operator} ran `approval-gate notify test`",
        advice="Nothing. If you do not expect such messages, look at your subscription of the topic.",
        facts=(("When", iso(at, "seconds")), ("Where", where)),
        source="A person published this message, and not Approval Gate.",
        attributes={"endpoint": endpoint, "kind": KIND, "severity": severity},
        id=secrets.token_hex(8),
        thread=f"{KIND} {iso(at)}",
    )
