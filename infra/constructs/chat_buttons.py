"""Buttons on the notifications in a chat: to explain an endpoint and to abort a rollout. A button is a custom action of
Amazon Q Developer in chat applications. It runs one command of the AWS CLI with the permissions of the channel.

What a notification has for a button, and what `NOTIFICATION` is called, no page of AWS says; templates that others
published have both.
https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-actions.html
"""

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.ledger import never_write
from infra.permissions.ledger import through_dynamodb
from infra.permissions.permission import Permission, managed_policy
from lambdas.gate import names

NOTIFICATION = "Custom"
"""The type of the custom notifications, which the publisher sends."""
ROWS = 6
"""How many items of the ledger a chat shows, the newest first. The first one is no row, and has no summary."""


class ChatButtons(Construct):
    """`policy`: what the channel's role needs for both. `key`: the ARN of the KMS key that encrypts the ledger; None
    for one of AWS's.

    A command's arguments are whole values of a notification, so that nothing depends on how a chat cuts a text. The
    message in the chat names the attempt, so an old button stops no newer rollout.
    """

    def __init__(
        self, scope: Construct, id: str, *, table: dynamodb.ITable, orders: sqs.IQueue, key: str | None
    ) -> None:
        super().__init__(scope, id)
        region = Stack.of(self).region
        self._button(
            "Explain",
            "Explain",
            f"dynamodb query --table-name {names.LEDGER} --key-condition-expression pk=:pk "
            f"--expression-attribute-values ${names.CHAT_LEDGER} --projection-expression summary "
            f"--no-scan-index-forward --limit {ROWS} --region {region}",
            {names.CHAT_LEDGER: names.CHAT_LEDGER},
        )
        self._button(
            "Abort",
            "Abort the rollout",
            f"sqs send-message --queue-url {orders.queue_url} --message-group-id $endpoint "
            f"--message-deduplication-id ${names.CHAT_ABORT} --message-body ${names.CHAT_ABORT} --region {region}",
            {"endpoint": "endpoint", names.CHAT_ABORT: names.CHAT_ABORT},
        )
        self.policy = managed_policy(
            self,
            "Policy",
            "chat",
            "Press the buttons on Approval Gate's notifications in a chat.",
            [
                Permission("Explain", ["dynamodb:Query"], [table.table_arn]),
                Permission("Abort", ["sqs:SendMessage"], [orders.queue_arn]),
                *([through_dynamodb(self, key)] if key else []),
            ],
            [never_write(table)],
        )

    def _button(self, id: str, text: str, command: str, fields: Mapping[str, str]) -> None:
        """Make a button that is shown if a notification has all these fields. `fields`: the command's variables, and
        the field of the notification that each has the value of."""
        action = chatbot.CfnCustomAction
        action(
            self,
            id,
            action_name=f"{names.PREFIX}-{id.lower()}-{Stack.of(self).region}",
            definition=action.CustomActionDefinitionProperty(command_text=command),
            attachments=[
                action.CustomActionAttachmentProperty(
                    button_text=text,
                    notification_type=NOTIFICATION,
                    criteria=[
                        action.CustomActionAttachmentCriteriaProperty(operator="HAS_VALUE", variable_name=variable)
                        for variable in fields
                    ],
                    variables={
                        variable: f"event.metadata.additionalContext.{field}" for variable, field in fields.items()
                    },
                )
            ],
        )
