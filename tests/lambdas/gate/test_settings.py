import dataclasses

import pytest

from lambdas.gate.settings import Settings, SettingsError, bucket_marks

SETTINGS = Settings("approval-gate-ledger", "https://sqs/inbox", "arn:topic", "https://sqs/orders", "arn:orders")
FULL = dataclasses.replace(
    SETTINGS,
    copy_bucket="copies",
    annotate_registry=True,
    buckets=bucket_marks(["example-models"]),
    registries="*",
    readers="arn:readers-",
    seal_key="arn:key",
    floor=True,
    asset="ab" * 32,
)


@pytest.mark.parametrize("settings", [SETTINGS, FULL], ids=["nothing optional", "everything"])
def test_what_infra_writes_is_what_the_function_reads(settings: Settings) -> None:
    assert Settings.from_env(settings.to_env() | {"PATH": "/bin"}) == settings


def test_the_variables() -> None:
    assert SETTINGS.to_env() == {
        "APPROVAL_GATE_LEDGER_TABLE": "approval-gate-ledger",
        "APPROVAL_GATE_INBOX_URL": "https://sqs/inbox",
        "APPROVAL_GATE_TOPIC_ARN": "arn:topic",
        "APPROVAL_GATE_ORDERS_URL": "https://sqs/orders",
        "APPROVAL_GATE_ORDERS_ARN": "arn:orders",
        "APPROVAL_GATE_COPY_BUCKET": "",
        "APPROVAL_GATE_ANNOTATE_REGISTRY": "",
        "APPROVAL_GATE_BUCKETS": "",
        "APPROVAL_GATE_REGISTRIES": "",
        "APPROVAL_GATE_READERS": "",
        "APPROVAL_GATE_SEAL_KEY": "",
        "APPROVAL_GATE_FLOOR": "",
        "APPROVAL_GATE_ASSET": "",
        "APPROVAL_GATE_TIME_ZONE": "UTC",
        "APPROVAL_GATE_NOTIFICATION_FORMAT": "email",
    }


def test_every_missing_variable_is_named() -> None:
    environ = SETTINGS.to_env()
    del environ["APPROVAL_GATE_INBOX_URL"], environ["APPROVAL_GATE_TOPIC_ARN"]
    with pytest.raises(
        SettingsError,
        match=r"APPROVAL_GATE_INBOX_URL, APPROVAL_GATE_TOPIC_ARN; deploy the stack ApprovalGate again: make deploy",
    ):
        Settings.from_env(environ)
