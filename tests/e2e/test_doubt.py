"""Who approved is in doubt: two people within one second, a message that anybody sent, and CloudTrail as a witness."""

import json
from typing import Any

from lambdas.gate import names
from lambdas.gate.decide.certainty import SETTLE_SECONDS
from lambdas.gate.decide.witness import EVENT_SECONDS
from lambdas.gate.state.approval import HOLD_SECONDS
from lambdas.gate.state.fact import Kind
from sandbox.app.deployment import ACCOUNT
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.lines import FIRST, accepted, approved, attempt, closed, deployed, held, opened, revoked
from tests.e2e.world import CONTRIBUTOR, REVIEWER, SCIENTIST, World

DISPUTED = (Kind.APPROVER_DISPUTED, None, 2)


def _approve_by_two(endpoint: Endpoint) -> None:
    """The sandbox's clock stands, so both calls are of one second."""
    endpoint.approve(2)
    endpoint.approve(2, by=SCIENTIST)


def _begin(endpoint: Endpoint) -> None:
    endpoint.register(by=CONTRIBUTOR)
    endpoint.register(by=CONTRIBUTOR)
    endpoint.publish(1)


def _last_event(world: World, endpoint: Endpoint) -> dict[str, Any]:
    """What the registry said last about version 2."""
    told = [e for e in world.events("aws.sagemaker") if e["detail"].get("ModelPackageArn") == endpoint.arn(2)]
    return told[-1]


def _called_by(world: World, endpoint: Endpoint, person: str, status: str = "Approved") -> dict[str, Any]:
    """What CloudTrail would say if this person had set the status of version 2 when it was changed last."""
    detail = {
        "eventName": "UpdateModelPackage",
        "eventTime": _last_event(world, endpoint)["detail"]["LastModifiedTime"],
        "userIdentity": {"arn": f"arn:aws:iam::{ACCOUNT}:user/{person}"},
        "requestParameters": {"modelPackageArn": endpoint.arn(2), "modelApprovalStatus": status},
    }
    return {"detail-type": "AWS API Call via CloudTrail", "detail": detail}


def _forge(world: World, endpoint: Endpoint, event: dict[str, Any]) -> None:
    """Somebody got past the queue's policy."""
    body = json.dumps({"endpoint": endpoint.name, "event": event})
    world.client("sqs").send_message(QueueUrl=world.inbox(), MessageBody=body)


def test_two_approvers_within_one_second_abort_the_rollout_and_the_next_approval_goes(
    take_governed: Take, governed_world: World
) -> None:
    endpoint = take_governed("disputed")
    _begin(endpoint)
    _approve_by_two(endpoint)
    assert endpoint.story()[-2:] == [opened(2), accepted(2)]
    endpoint.settle()
    story = endpoint.story()
    assert endpoint.live() == ("InService", 1)
    assert DISPUTED in story
    assert closed(2, "aborted") in story
    (row,) = (fact for fact in endpoint.facts() if fact.kind is Kind.ATTEMPT_CLOSED and fact.version == endpoint.arn(2))
    assert "name different approvers" in row.summary
    assert row.detail["quarantined"] is False
    governed_world.advance(900)
    assert endpoint.story()[-1] == held(2)

    endpoint.publish(2)
    assert endpoint.story()[-4:] == deployed(2)


def test_two_approvers_of_the_live_version_are_reported_and_it_stays(
    take_governed: Take, governed_world: World
) -> None:
    endpoint = take_governed("contested")
    _begin(endpoint)
    governed_world.control("assumptions", {"account_has_trail": False})
    _approve_by_two(endpoint)
    told = _called_by(governed_world, endpoint, SCIENTIST)
    governed_world.control("assumptions", {"account_has_trail": True})
    endpoint.settle()
    assert endpoint.live() == ("InService", 2)
    before = endpoint.story()
    _forge(governed_world, endpoint, told)
    governed_world.advance(HOLD_SECONDS + 900)
    assert endpoint.live() == ("InService", 2)
    assert endpoint.story() == [*before, DISPUTED, held(None)]
    assert (
        "stays live, although the registry and CloudTrail name different approvers" in endpoint.summaries(Kind.HELD)[-1]
    )
    assert "held" in endpoint.subjects()[-1]

    endpoint.approve(2)
    governed_world.advance(60)
    assert endpoint.updates() == 1


def test_an_approval_that_cloudtrail_has_to_show_goes_live_15_minutes_after_it(
    take_governed: Take, governed_world: World
) -> None:
    endpoint = take_governed("vouched")
    endpoint.register()
    governed_world.advance(60)
    endpoint.approve(1)
    governed_world.advance(SETTLE_SECONDS - 1)
    assert (endpoint.live(), endpoint.story()) == (None, [approved(1)])
    governed_world.advance(120)
    endpoint.settle()
    assert (endpoint.live(), endpoint.story()) == (("InService", 1), FIRST)
    assert endpoint.checks(Kind.ATTEMPT_OPENED)["witness"] == "passed"


def test_a_forged_message_stops_an_approval_for_20_minutes_at_most_and_names_nobody(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("forged")
    _begin(endpoint)
    with world.late(names.INBOX):
        endpoint.approve(2)
        forged = _called_by(world, endpoint, CONTRIBUTOR)
        _forge(world, endpoint, forged)
    world.advance()
    given = world.now()
    assert endpoint.story() == [*FIRST, approved(2)]
    for _ in range(3):
        world.advance(300)
        _forge(world, endpoint, forged)
    endpoint.pass_time(lambda: endpoint.is_moving() or endpoint.live() == ("InService", 2), HOLD_SECONDS)
    assert world.now() - given <= HOLD_SECONDS
    endpoint.settle()
    story = [*FIRST, approved(2), *attempt(2)]
    assert (endpoint.live(), endpoint.story()) == (("InService", 2), story)

    # Neither a false approval of the former version nor a false rejection of the live one does anything.
    event = _last_event(world, endpoint)
    for version in (1, 2):
        later = {"ModelPackageArn": endpoint.arn(version), "LastModifiedTime": "2999-01-01T00:00:00Z"}
        _forge(world, endpoint, event | {"detail": event["detail"] | later})
    world.advance(HOLD_SECONDS + 900)
    assert (endpoint.live(), endpoint.story(), endpoint.updates()) == (("InService", 2), story, 1)


def test_a_forged_message_names_nobody_who_revoked_the_live_version(take_governed: Take, governed_world: World) -> None:
    world, endpoint = governed_world, take_governed("accused")
    endpoint.serving(2)
    endpoint.publish(2)

    # An outsider rejects it, and a message says that an approver did.
    endpoint.reject(2, by=SCIENTIST)
    story = [*FIRST, *deployed(2), revoked(2), held(None)]
    for _ in range(3):
        _forge(world, endpoint, _called_by(world, endpoint, REVIEWER, "Rejected"))
        world.advance(300)
    assert (endpoint.live(), endpoint.story()) == (("InService", 2), story)

    # An approver rejects it, an edit hides that from the registry, and messages say that an outsider did.
    with world.late(names.INBOX):
        endpoint.reject(2)
        forged = [_called_by(world, endpoint, CONTRIBUTOR, "Rejected")]
        world.advance(5)
        endpoint.annotate(2, team="payments")
        forged.append(_called_by(world, endpoint, CONTRIBUTOR, "Rejected"))
        for each in forged:
            _forge(world, endpoint, each)
    world.advance(EVENT_SECONDS)
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [*story, revoked(2), *attempt(1, purpose="revert")]
