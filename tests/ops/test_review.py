"""`approve` and `reject`: what they set in the registry, for whom, and how they fail."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ops.account import Account
from tests.ops.test_cli import GROUP, World
from tests.ops.test_exit_codes import LIVE, NAME, PENDING, QUARANTINED, UNKNOWN, registered


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield from registered(monkeypatch)


def package(number: int) -> dict[str, Any]:
    arn = f"{GROUP}{number}".lower()
    found: dict[str, Any] = boto3.client("sagemaker").describe_model_package(ModelPackageName=arn)
    return found


@pytest.mark.parametrize(("command", "status"), [("approve", "Approved"), ("reject", "Rejected")])
@pytest.mark.parametrize("spelling", ["3", "FraudDetectionGroup/3", f"{GROUP}3"])
def test_the_status_is_set_with_the_comment(world: World, command: str, status: str, spelling: str) -> None:
    code, (said,) = world.run(command, NAME, spelling, "--comment", "AUC 0.95")
    found = package(PENDING)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == (status, "AUC 0.95")
    assert (code, said.lower()) == (
        0,
        f"FraudDetectionGroup/3 is {status}. To see what follows: approval-gate wait {NAME} 3".lower(),
    )


def test_for_programs_the_answer_has_the_status_before(world: World) -> None:
    _, (line,) = world.run("approve", NAME, "3", "--output", "json")
    found = json.loads(line)
    assert (found["endpoint"], found["status"], found["before"]) == (NAME, "Approved", "PendingManualApproval")


def test_an_approval_writes_nothing_else(world: World) -> None:
    rows = world.head().rows
    world.run("approve", NAME, str(QUARANTINED))
    assert (world.head().rows, world.inbox(), world.deployer.waiting()) == (rows, [], [])


def test_a_version_that_the_registry_does_not_have_is_3(world: World) -> None:
    said = "Error: There is no version 9: the registry does not have it."
    assert world.run("approve", NAME, str(UNKNOWN)) == (3, [said])


def test_a_version_of_another_group_is_2(world: World) -> None:
    said = f"Error: ChurnGroup/3 is of another group: {NAME} follows FraudDetectionGroup."
    assert world.run("approve", NAME, "ChurnGroup/3") == (2, [said])


def test_an_endpoint_whose_group_cannot_be_read_is_9(world: World) -> None:
    said = "Error: The model package group of churn cannot be read from its spec."
    assert world.run("approve", "churn", "3") == (9, [said])


def test_a_reviewer_needs_no_access_but_to_the_registry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Account) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "GetParametersByPath")

    monkeypatch.setattr(Account, "_specs", property(denied))
    assert world.run("approve", NAME, "FraudDetectionGroup/3")[0] == 0
    code, (said,) = world.run("approve", NAME, "3")
    assert (code, said.partition(" (An error")[0]) == (
        1,
        "Error: You do not have the permission ssm:GetParametersByPath. The managed policy approval-gate-viewer-REGION "
        "has it.",
    )


class Denied:
    """A client of somebody who may not update versions."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_model_package(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "UpdateModelPackage")


def test_somebody_who_may_not_is_told_which_policy_allows_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Account.client
    monkeypatch.setattr(Account, "client", lambda self, service: Denied(original(self, service)))
    code, (said,) = world.run("approve", NAME, str(LIVE))
    assert (code, said.partition(" (An error")[0]) == (
        1,
        "Error: You do not have the permission sagemaker:UpdateModelPackage. The managed policy "
        "approval-gate-may-approve-REGION has it.",
    )
