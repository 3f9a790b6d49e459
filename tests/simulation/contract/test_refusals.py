"""The refusals that any call may meet: the same code and text as the sandbox's, and the same meaning to the product."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from lambdas.gate.aws import errors
from sandbox.server import refusal
from simulation.world import refusals
from tests.simulation.contract import (
    test_hosting,
    test_inventory,
    test_ledger,
    test_messages,
    test_runtime,
    test_scaling,
    test_storage,
)
from tests.simulation.contract.cases import Case, params
from tests.simulation.contract.differences import SIMULATED
from tests.simulation.contract.worlds import Worlds, placed

CASES: tuple[Case, ...] = (
    *test_hosting.CASES,
    *test_inventory.CASES,
    *test_runtime.CASES,
    *test_ledger.CASES,
    *test_messages.CASES,
    *test_scaling.CASES,
    *test_storage.CASES,
)
BY_OPERATION = {case.operation: case for case in reversed(CASES)} | {
    "Query": Case("", "dynamodb", "Query", test_ledger.QUERY),
    "DescribeAlarmHistory": Case("", "cloudwatch", "DescribeAlarmHistory", {"AlarmName": "any"}),
}
EVERY = [(service, operation) for service, operations in SIMULATED.items() for operation in operations]


def refused(worlds: Worlds, service: str, operation: str) -> ClientError:
    """By the sandbox."""
    client, request = worlds.sandboxed.client(service), placed(worlds.sandboxed, BY_OPERATION[operation].request)
    with pytest.raises(ClientError) as caught:
        getattr(client, xform_name(operation))(**request)
    return caught.value


def told(error: ClientError) -> tuple[str, str, str]:
    """The resource is not known where the simulation denies any call."""
    message = re.sub(r"on resource: \S+ because", "on resource: * because", error.response["Error"]["Message"])
    return error.operation_name, error.response["Error"]["Code"], message


@pytest.mark.parametrize("service", SIMULATED)
def test_denied(worlds: Worlds, service: str) -> None:
    worlds.sandboxed.allow_nothing()
    for operation in SIMULATED[service]:
        assert told(refused(worlds, service, operation)) == told(refusals.denied(operation))


@pytest.mark.parametrize("service", SIMULATED)
def test_throttled(worlds: Worlds, service: str) -> None:
    client = worlds.sandboxed.client(service)

    def throttle(request: Any, **_: Any) -> AWSResponse:
        answer = refusal.throttled({"CONTENT_TYPE": _text(request.headers.get("Content-Type", ""))}, service)
        body = b"" if request.method == "HEAD" else answer.get_data()
        return AWSResponse(request.url, answer.status_code, answer.headers, _Raw(body))

    client.meta.events.register("before-send", throttle)
    try:
        for operation in SIMULATED[service]:
            assert told(refused(worlds, service, operation)) == told(refusals.throttled(operation))
    finally:
        client.meta.events.unregister("before-send", throttle)


@dataclass(frozen=True)
class _Raw:
    """As urllib3 gives an answer's body."""

    body: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.body


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header


@pytest.mark.parametrize(("service", "operation"), EVERY)
def test_the_product_knows_what_they_mean(service: str, operation: str) -> None:
    assert _meaning(refusals.throttled(operation)) is errors.Throttled
    if service != "sns":  # The publisher tells no refusals apart.
        assert _meaning(refusals.denied(operation)) is errors.Denied
    assert _meaning(refusals.internal(operation)) is ClientError


MEANINGS: dict[str, type[Exception]] = {
    "": errors.NotFound,
    "1 validation error detected": errors.Refused,
    "A DeploymentConfig needs": errors.Refused,
    "Cannot create already existing": errors.AlreadyExists,
    "Cannot update failed": errors.Refused,
    "Cannot update in-progress": errors.InProgress,
    "Cannot update the real-time": errors.Refused,
    "At least one of the pre-conditions": ClientError,
    "Could not find": errors.NotFound,
    "Endpoint ": errors.NotFound,
    "Model package": errors.Refused,
    "ModelPackage ": errors.NotFound,
    "ModelPackageGroup ": errors.NotFound,
    "Resource does not exist": errors.NotFound,
    "The variant": errors.Refused,
    "Transaction cancelled": ClientError,
    "Transaction request": errors.Refused,
    "User: ": errors.Denied,
}
"""Of the cases' refusals, by how their text begins."""


@pytest.mark.parametrize("case", params(tuple(case for case in CASES if case.refused)))
def test_the_product_knows_what_a_case_means(case: Case) -> None:
    code, message = case.refused or ("", "")
    found = {meaning for beginning, meaning in MEANINGS.items() if beginning and message.startswith(beginning)}
    assert {_meaning(refusals.refusal(case.operation, code, message))} == (found or {MEANINGS[""]})


def _meaning(error: ClientError) -> type[Exception]:
    try:
        with errors.translated():
            raise error
    except (errors.AwsError, ClientError) as known:
        return type(known)
