"""An entry that is removed from the file while its stack stands: the deployer reads with the role of that stack, as its
own role does not name the bucket any more."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.state.fact import Kind
from sandbox.app.deployment import REGION, Deployment
from tests.e2e import governed
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.endpoints import write
from tests.e2e.lines import FIRST, approved, attempt, deployed, revoked
from tests.e2e.world import SCHEDULE_SECONDS, World

AN_HOUR = 3600


@pytest.fixture
def removed(take_governed: Take, governed_world: World, tmp_path: Path) -> Endpoint:
    """Version 1 is live, and GateStack was deployed without the entry."""
    endpoint = take_governed("removed")
    endpoint.serving(versions=2)
    entries = {name: entry for name, entry in governed.ENTRIES.items() if name != endpoint.name}
    file = write(tmp_path, entries, {"ledger": governed.LEDGER, "janitor": governed.JANITOR})
    Deployment(governed_world.url, tmp_path / "deployment", context={"endpoints": str(file)}).redeploy(names.STACK)
    return endpoint


def test_its_versions_are_still_read_pinned_rolled_out_and_back(removed: Endpoint, governed_world: World) -> None:
    """If the role of the stack cannot be assumed, as before its first deployment with one, approvals are on hold with
    the command, and none is refused."""
    s3 = governed_world.client("s3")
    with pytest.raises(Exception, match=r"403|AccessDenied"):
        governed_world.as_function(names.DEPLOYER, "s3").head_object(
            Bucket=governed.REMOVED_BUCKET, Key="removed/model.tar.gz"
        )
    removed.publish(2)
    removed.reject(2)
    removed.settle()
    assert removed.live() == ("InService", 1)
    assert removed.story() == [*FIRST, *deployed(2), revoked(2), *attempt(1, purpose="revert")]

    s3.put_object(Bucket=governed.REMOVED_BUCKET, Key="removed/3.tar.gz", Body=b"reviewed")
    put_back = _without_its_reader(governed_world, removed)
    governed_world.advance(AN_HOUR)  # The session of the role ends.
    third = removed.register(status="Approved", model="3.tar.gz")
    governed_world.advance(AN_HOUR)
    assert "deploy the stack ApprovalGate-removed again: make deploy" in removed.summaries(Kind.HELD)[-1]
    put_back()
    governed_world.advance(SCHEDULE_SECONDS)
    removed.settle()
    assert removed.live() == ("InService", third)
    assert removed.summaries(Kind.APPROVAL_REFUSED) == []
    assert approved(third) in removed.story()


def _without_its_reader(world: World, endpoint: Endpoint) -> Callable[[], Any]:
    """Delete the reader role, and return what makes it again."""
    iam, name = world.client("iam"), names.function_role(REGION, names.reader(endpoint.name))
    trust = json.dumps(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])
    policies = {
        each: json.dumps(iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"])
        for each in iam.list_role_policies(RoleName=name)["PolicyNames"]
    }
    for each in policies:
        iam.delete_role_policy(RoleName=name, PolicyName=each)
    iam.delete_role(RoleName=name)

    def put_back() -> None:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        for each, document in policies.items():
            iam.put_role_policy(RoleName=name, PolicyName=each, PolicyDocument=document)

    return put_back
