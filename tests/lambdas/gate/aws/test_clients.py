import ast
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

import lambdas
from lambdas.gate.aws.clients import ONCE, OPERATIONS, RETRYING, Clients

SERVICES = {
    "_runtime": "sagemaker-runtime",
    "_sagemaker": "sagemaker",
    "_once": "sagemaker",
    "_autoscaling": "application-autoscaling",
    "_cloudtrail": "cloudtrail",
    "_cloudwatch": "cloudwatch",
    "_dynamodb": "dynamodb",
    "_ecr": "ecr",
    "_iam": "iam",
    "_kms": "kms",
    "_s3": "s3",
    "_ssm": "ssm",
    "_sts": "sts",
    "_sqs": "sqs",
    "_sns": "sns",
    "_events": "events",
}
"""What the functions' code calls its clients."""


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Clients:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return Clients()


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalFailure"])
def test_the_two_calls_that_must_not_be_repeated_are_sent_once(clients: Clients, code: str) -> None:
    sent: list[str] = []

    def answer(request: Any, **_: Any) -> Any:
        sent.append(request.headers["X-Amz-Target"].decode())
        raw: Any = _Raw(f'{{"__type": "{code}", "message": "Rate exceeded"}}'.encode())
        return AWSResponse(request.url, 500, {}, raw)

    sagemaker = clients.get("sagemaker", ONCE)
    sagemaker.meta.events.register("before-send.sagemaker.UpdateEndpoint", answer)
    with pytest.raises(ClientError, match=code):
        sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="c")
    assert sent == ["SageMaker.UpdateEndpoint"]


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Any:
        yield self._body


def test_all_other_calls_are_repeated_by_the_client() -> None:
    assert (RETRYING.retries, ONCE.retries) == (
        {"mode": "standard", "total_max_attempts": 3},
        {"mode": "standard", "total_max_attempts": 1},
    )


def test_a_client_is_made_once_for_each_configuration(clients: Clients) -> None:
    assert clients.get("sqs") is clients.get("sqs")
    assert clients.get("sqs") is not clients.get("sqs", ONCE)


def test_the_operations_declared_are_those_called() -> None:
    called: dict[str, set[str]] = {service: set() for service in OPERATIONS}
    for path in Path(lambdas.__path__[0]).rglob("*.py"):
        if path.parent.name == "reconcile":
            continue  # It calls no client but the edges, some of which bear a service's name.
        for node in ast.walk(ast.parse(path.read_text())):
            # Lists are read by `paged`, which is given the client's method, and tables by `queried`.
            if isinstance(node, ast.Attribute) and (service := _service(node.value)) in OPERATIONS:
                called[service].add(node.attr)
    assert called == {service: {xform_name(name) for name in names} for service, names in OPERATIONS.items()}


def _service(client: ast.expr) -> str:
    """The service of a client that is a member of an edge (`self._sagemaker`) or an argument (`dynamodb`), or ""."""
    if isinstance(client, ast.Attribute):
        return SERVICES.get(client.attr, "")
    return SERVICES.get(f"_{client.id}", "") if isinstance(client, ast.Name) else ""
