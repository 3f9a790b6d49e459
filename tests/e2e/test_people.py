"""Who approved: four eyes, approvers, Studio users, the trail as second witness, and what IAM lets people do."""

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from sandbox.app.deployment import ACCOUNT, REGION, client
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.governed import PRODUCTION
from tests.e2e.lines import FIRST, approved, attempt, closed, deployed, held, revoked
from tests.e2e.world import CONTRIBUTOR, REVIEWER, SCIENTIST, World
from world.cloud_trail import SHOWN_SECONDS

MAY_REGISTER = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sagemaker:CreateModelPackage", "Resource": "*"}],
}
TRAIL_SECONDS = 60
"""Within which the account's trail tells of a call, in the sandbox."""


def test_who_registered_a_version_does_not_approve_it_and_another_one_does(
    take_governed: Take, governed_world: World
) -> None:
    endpoint = take_governed("paired")
    endpoint.serving()
    endpoint.register()
    endpoint.approve(2, by=SCIENTIST)
    governed_world.advance(900)
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [*FIRST, approved(2), held(2)]
    assert endpoint.checks(Kind.HELD)["four_eyes"] == "failed"
    (reason,) = endpoint.summaries(Kind.HELD)
    person = f"arn:aws:iam::{ACCOUNT}:user/{SCIENTIST}"
    assert f"registered by {person}, approved by {person} (the same IAM user)" in reason

    endpoint.publish(2)
    assert endpoint.story() == [*FIRST, approved(2), held(2), *deployed(2)]
    assert endpoint.checks(Kind.ATTEMPT_OPENED)["four_eyes"] == "passed"


def test_only_the_chosen_approve(take_governed: Take, governed_world: World) -> None:
    endpoint = take_governed("chosen")
    endpoint.register(by=CONTRIBUTOR)
    endpoint.approve(1, by=SCIENTIST)
    assert (endpoint.live(), endpoint.story()) == (None, [approved(1), held(1)])
    assert endpoint.checks(Kind.HELD)["approvers"] == "failed"
    governed_world.advance(60)
    endpoint.publish(1)
    assert endpoint.story() == [approved(1), held(1), *FIRST]


def test_a_gate_that_advises_says_what_it_would_have_held(take_governed: Take) -> None:
    endpoint = take_governed("advised")
    endpoint.register()
    endpoint.approve(1, by=SCIENTIST)
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), FIRST)
    assert endpoint.checks(Kind.ATTEMPT_OPENED)["four_eyes"] == "failed"
    (opened,) = endpoint.summaries(Kind.ATTEMPT_OPENED)
    assert "four_eyes" in opened


def test_two_studio_users_with_one_role_are_two_people(take_governed: Take, governed_world: World) -> None:
    world, endpoint = governed_world, take_governed("studio")
    iam = world.client("iam")
    role = iam.create_role(RoleName="studio-execution", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    may_approve = f"arn:aws:iam::{ACCOUNT}:policy/{names.PREFIX}-may-approve-{REGION}"
    iam.attach_role_policy(RoleName="studio-execution", PolicyArn=may_approve)
    iam.put_role_policy(RoleName="studio-execution", PolicyName="register", PolicyDocument=json.dumps(MAY_REGISTER))
    sessions = {name: _in_studio(world, role, name) for name in ("ann", "bob")}
    arn = sessions["ann"].create_model_package(
        ModelPackageGroupName=endpoint.group, InferenceSpecification=endpoint.specification("model.tar.gz")
    )["ModelPackageArn"]
    for name, shut in (("ann", True), ("bob", False)):
        sessions[name].update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
        world.advance(60)
        assert (endpoint.live() is None) is shut
    endpoint.settle()
    assert endpoint.story() == [approved(1), held(1), *FIRST]


def _in_studio(world: World, role: str, name: str) -> Any:
    """SageMaker as a Studio user calls it: with a session of the role that all of them share."""
    keys = world.client("sts").assume_role(RoleArn=role, RoleSessionName="SageMaker")["Credentials"]
    world.control("user-profiles", {"access_key_id": keys["AccessKeyId"], "domain": "d-studio", "name": name})
    return client("sagemaker", world.url, keys["AccessKeyId"], keys["SecretAccessKey"])


def test_the_trail_tells_who_approved_where_the_registry_cannot_any_more(
    take_governed: Take, governed_world: World
) -> None:
    endpoint = take_governed("witnessed")
    endpoint.serving()
    endpoint.register()
    with governed_world.late(names.INBOX):
        endpoint.approve(2)
        governed_world.advance(5)
        endpoint.annotate(2, team="payments")
    governed_world.advance()
    story = [*FIRST, approved(2), held(2)]
    assert endpoint.story() == story
    assert endpoint.checks(Kind.HELD)["four_eyes"] == "unread"
    endpoint.pass_time(lambda: endpoint.story() != story, max(SHOWN_SECONDS) + 900)
    endpoint.settle()
    assert endpoint.live() == ("InService", 2)
    assert endpoint.story() == [*story, (Kind.APPROVER_WITNESSED, None, 2), *attempt(2)]


def test_an_outsider_takes_nothing_live_off_until_an_approver_confirms(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("disowned")
    endpoint.serving(2)
    endpoint.publish(2)
    before = endpoint.story()
    endpoint.reject(2, by=SCIENTIST)
    world.advance(900)
    assert endpoint.live() == ("InService", 2)
    assert endpoint.story() == [*before, revoked(2), held(None)]
    assert endpoint.summaries(Kind.HELD) == [
        f"disowned-models/2 stays live: arn:aws:iam::{ACCOUNT}:user/{SCIENTIST}, who is not one of gate.approvers, "
        "revoked it; to replace it, an approver has to set its status again"
    ]
    assert "held" in endpoint.subjects()[-1]

    endpoint.reject(2)
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [*before, revoked(2), held(None), revoked(2), *attempt(1, purpose="revert")]


def _wait_for_an_early_turn(world: World, endpoint: Endpoint) -> None:
    """Make calls about version 3 until CloudTrail's event history will show the next call early. It shows them after
    different times in turn."""
    for turn in SHOWN_SECONDS:
        endpoint.annotate(3, after=str(turn))
        world.advance(TRAIL_SECONDS)
        shown = [event["detail"]["eventID"] for event in world.events("aws.sagemaker") if "eventID" in event["detail"]]
        records = max(uuid.UUID(each).int // 2 for each in shown)
        if SHOWN_SECONDS[(records + 1) % len(SHOWN_SECONDS)] == min(SHOWN_SECONDS):
            return


def test_an_outsider_s_deletion_takes_nothing_live_off_but_stops_a_rollout(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("doubted")
    endpoint.serving(3)
    endpoint.publish(2)
    _wait_for_an_early_turn(world, endpoint)
    before = endpoint.story()
    endpoint.delete(2, by=SCIENTIST)
    world.advance(TRAIL_SECONDS + 900)
    assert endpoint.live() == ("InService", 2)
    assert endpoint.story() == [*before, revoked(2), held(None)]

    endpoint.approve(3)
    endpoint.reject(3, by=SCIENTIST)
    endpoint.settle()
    assert endpoint.live() == ("InService", 2)
    assert closed(3, "aborted") in endpoint.story()


def test_who_may_only_register_decides_about_no_version_and_nobody_of_the_gates_own_does(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("paused")
    version = endpoint.register(by=CONTRIBUTOR)
    arn = endpoint.arn(version)
    contributor = world.client("sagemaker", CONTRIBUTOR)
    callers = [world.as_function(function, "sagemaker") for function in (names.DEPLOYER, names.PUBLISHER)]
    decisions: list[dict[str, Any]] = [
        {"ModelApprovalStatus": status} for status in ("Approved", "Rejected", "PendingManualApproval")
    ]
    for fields in (*decisions, {"ModelLifeCycle": PRODUCTION}, {"ModelLifeCycle": {**PRODUCTION, "Stage": "Other"}}):
        for sagemaker in (contributor, *callers):
            with pytest.raises(ClientError, match="AccessDenied"):
                sagemaker.update_model_package(ModelPackageArn=arn, **fields)
    for status in ("Approved", "Rejected"):
        with pytest.raises(ClientError, match="AccessDenied"):
            endpoint.register(status=status, by=CONTRIBUTOR)
    with pytest.raises(ClientError, match="AccessDenied"):
        endpoint.register(fields={"ModelLifeCycle": PRODUCTION}, by=CONTRIBUTOR)
    with pytest.raises(ClientError, match="AccessDenied"):
        endpoint.delete(version, by=CONTRIBUTOR)
    endpoint.update(version, by=CONTRIBUTOR, CustomerMetadataProperties={"team": "payments"})
    endpoint.register(fields={"ModelLifeCycle": {**PRODUCTION, "Stage": "Development"}}, by=CONTRIBUTOR)
    described = world.client("sagemaker").describe_model_package(ModelPackageName=endpoint.arn(version))
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    by_reviewer = [
        one
        for one in world.control("decisions")
        if one["principal"].endswith(f"user/{REVIEWER}") and one["action"] == "sagemaker:UpdateModelPackage"
    ]
    assert all(one["allowed"] for one in by_reviewer)
