"""The buttons of a chat: what each runs, when it is shown, and what the channel's role may do."""

from pathlib import Path
from typing import Any

import pytest

from infra.asset.bundle import Asset
from infra.config.sections.ledger import Ledger
from infra.config.sections.notifications import Notifications
from tests.infra.synthesized import Template, of_type, resolved, synthesize

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/approval-gate-orders.fifo"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/approval-gate-ledger"
KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
CHAT = Notifications(format="chat", buttons=True)


@pytest.fixture(scope="module")
def gate(functions: Asset, tmp_path_factory: pytest.TempPathFactory) -> Template:
    ledger = Ledger.model_validate({"kms_key": KEY})
    made = synthesize((), functions, tmp_path_factory.mktemp("chat"), ledger=ledger, notifications=CHAT)
    return made["ApprovalGate"]


def action(gate: Template, name: str) -> dict[str, Any]:
    actions = [resolved(gate, body) for body in of_type(gate, "AWS::Chatbot::CustomAction")]
    (found,) = (each for each in actions if each["ActionName"] == name)
    return dict(found)


def shown(*variables: str) -> dict[str, Any]:
    return {
        "NotificationType": "Custom",
        "Criteria": [{"Operator": "HAS_VALUE", "VariableName": name} for name in variables],
        "Variables": {name: f"event.metadata.additionalContext.{name}" for name in variables},
    }


def test_a_button_explains_by_the_newest_rows(gate: Template) -> None:
    assert action(gate, "approval-gate-explain-us-east-1") == {
        "ActionName": "approval-gate-explain-us-east-1",
        "Definition": {
            "CommandText": "dynamodb query --table-name approval-gate-ledger --key-condition-expression pk=:pk "
            "--expression-attribute-values $ledger --projection-expression summary --no-scan-index-forward --limit 6 "
            "--region us-east-1"
        },
        "Attachments": [{"ButtonText": "Explain", **shown("ledger")}],
    }


def test_a_button_aborts_by_an_order(gate: Template) -> None:
    assert action(gate, "approval-gate-abort-us-east-1") == {
        "ActionName": "approval-gate-abort-us-east-1",
        "Definition": {
            "CommandText": f"sqs send-message --queue-url {QUEUE} --message-group-id $endpoint "
            "--message-deduplication-id $abort --message-body $abort --region us-east-1"
        },
        "Attachments": [{"ButtonText": "Abort the rollout", **shown("endpoint", "abort")}],
    }


def test_the_channel_s_role_needs_two_permissions_and_the_key_of_the_ledger(gate: Template) -> None:
    (policy,) = (
        found
        for body in of_type(gate, "AWS::IAM::ManagedPolicy")
        if (found := resolved(gate, body))["ManagedPolicyName"] == "approval-gate-chat-us-east-1"
    )
    statements = policy["PolicyDocument"]["Statement"]
    assert [(each["Sid"], each["Effect"], each["Resource"]) for each in statements] == [
        ("Explain", "Allow", TABLE),
        ("Abort", "Allow", "arn:aws:sqs:us-east-1:123456789012:approval-gate-orders.fifo"),
        ("UseTheKeyOfTheLedger", "Allow", KEY),
        ("NeverWriteTheLedger", "Deny", TABLE),
    ]
    assert [each["Action"] for each in statements[:2]] == ["dynamodb:Query", "sqs:SendMessage"]
    assert resolved(gate, gate["Outputs"]["ChatPolicy"]["Value"]).endswith(":policy/approval-gate-chat-us-east-1")


def test_without_the_key_there_are_no_buttons(functions: Asset, tmp_path: Path) -> None:
    template = synthesize((), functions, tmp_path, notifications=Notifications(format="chat"))["ApprovalGate"]
    assert of_type(template, "AWS::Chatbot::CustomAction") == []
    assert "ChatPolicy" not in template["Outputs"]
