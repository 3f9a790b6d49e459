"""The model registry as its two users call it; tests/sandbox/sagemaker/test_registry.py has its rules through boto3."""

from typing import Any

import pytest

from world.account import Account
from world.assumptions import Assumptions
from world.call import Call, Caller
from world.cloud_trail import CloudTrail
from world.registry.registry import Registry
from world.surroundings import Event
from world.tags import Tags

ANN = Caller("arn:aws:iam::123456789012:user/ann", "AIDAANN")


class Surroundings:
    account = Account("123456789012", "us-east-1")
    assumptions = Assumptions()

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.work: list[tuple[Any, ...]] = []

    def page_limit(self, operation: str, request: dict[str, Any]) -> int | None:
        return 2

    def time(self) -> float:
        return 1000.0

    def at(self, due: float, *work: Any) -> None:
        self.work.append((due, *work))

    def put_event(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture
def registry() -> Registry:
    surroundings = Surroundings()
    registry = Registry(surroundings, CloudTrail(surroundings), Tags(surroundings))
    registry.create_model_package_group(Call({"ModelPackageGroupName": "Fraud"}, ANN))
    return registry


def register(registry: Registry, **fields: Any) -> str:
    arn: str = registry.create_model_package(Call({"ModelPackageGroupName": "Fraud"} | fields, ANN))["ModelPackageArn"]
    return arn


def approve(registry: Registry, arn: str, by: Caller | None = ANN) -> None:
    registry.update_model_package(Call({"ModelPackageArn": arn, "ModelApprovalStatus": "Approved"}, by))


def listed(registry: Registry, **request: Any) -> dict[str, Any]:
    return registry.list_model_packages(Call({"ModelPackageGroupName": "Fraud"} | request))


def test_a_page_may_hold_fewer_versions_than_asked_for(registry: Registry) -> None:
    for _ in range(3):
        register(registry)
    first = listed(registry, MaxResults=100)
    second = listed(registry, MaxResults=100, NextToken=first["NextToken"])
    assert [len(page["ModelPackageSummaryList"]) for page in (first, second)] == [2, 1]
    assert "NextToken" not in second


def test_a_group_whose_versions_are_deleted_lists_none(registry: Registry) -> None:
    registry.delete_model_package(Call({"ModelPackageName": register(registry)}))
    assert listed(registry) == {"ModelPackageSummaryList": []}


def test_a_call_without_a_caller_names_nobody(registry: Registry) -> None:
    arn = register(registry)
    approve(registry, arn, by=None)
    described = registry.describe_model_package(Call({"ModelPackageName": arn}))
    assert (described["CreatedBy"]["IamIdentity"]["Arn"], described["LastModifiedBy"]) == (ANN.arn, {})


def test_a_copy_continues_on_its_own(registry: Registry) -> None:
    arn, surroundings = register(registry), Surroundings()
    other = registry.copy(surroundings, CloudTrail(surroundings), Tags(surroundings))
    assert other.state() == registry.state()
    approve(other, arn)
    assert register(other) == register(registry)
    assert (other.package(arn).approval, registry.package(arn).approval) == ("Approved", "PendingManualApproval")
    assert [event.detail["ModelApprovalStatus"] for event in surroundings.events] == [
        "Approved",
        "PendingManualApproval",
    ]


def test_each_write_changes_the_state(registry: Registry) -> None:
    states = [repr(registry.state())]
    arn = register(registry)
    states.append(repr(registry.state()))
    approve(registry, arn)
    states.append(repr(registry.state()))
    registry.delete_model_package(Call({"ModelPackageName": arn}))
    states.append(repr(registry.state()))
    assert len(set(states)) == 4


def test_a_version_may_have_neither_stage_nor_specification(registry: Registry) -> None:
    bare = registry.package(register(registry))
    assert (bare.stage, bare.specification, bare.containers()) == (None, {}, [])
    cycle = {"Stage": "Production", "StageStatus": "Approved"}
    assert registry.package(register(registry, ModelLifeCycle=cycle)).stage == ("Production", "Approved")
