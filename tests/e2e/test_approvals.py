"""Which version is wanted: what counts as an approval, and which of several wins."""

import json

from lambdas.gate.state.fact import Kind
from tests.e2e.by_hand import PAGE
from tests.e2e.conftest import Take
from tests.e2e.endpoints import PAGED
from tests.e2e.lines import FIRST, alert, approved, attempt, deployed, revoked
from tests.e2e.world import World


def test_the_same_approval_event_three_times_is_one_deployment(take: Take, world: World) -> None:
    endpoint = take("repeated")
    endpoint.serving(versions=2)
    endpoint.approve(2)
    event = [e for e in world.events("aws.sagemaker") if e["detail"].get("ModelPackageArn") == endpoint.arn(2)][-1]
    message = {"QueueUrl": world.inbox(), "MessageBody": json.dumps({"endpoint": endpoint.name, "event": event})}
    world.client("sqs").send_message(**message)
    endpoint.settle()
    world.client("sqs").send_message(**message)
    world.advance(900)
    assert endpoint.story() == [*FIRST, *deployed(2)]
    assert (endpoint.live(), endpoint.updates()) == (("InService", 2), 1)


def test_an_event_is_believed_only_where_the_registry_confirms_it(take: Take, world: World) -> None:
    endpoint = take("misled")
    endpoint.serving(versions=2)
    endpoint.approve(1)
    (*_, event) = (e for e in world.events("aws.sagemaker") if e["detail"].get("ModelPackageArn") == endpoint.arn(1))
    event["detail"] |= {"ModelPackageArn": endpoint.arn(2), "ModelPackageVersion": 2}
    world.client("sqs").send_message(
        QueueUrl=world.inbox(), MessageBody=json.dumps({"endpoint": endpoint.name, "event": event})
    )
    world.advance(900)
    assert (endpoint.live(), endpoint.updates()) == (("InService", 1), 0)


def test_an_edit_of_the_live_versions_metadata_does_nothing(take: Take, world: World) -> None:
    endpoint = take("annotated")
    endpoint.serving()
    endpoint.annotate(1, team="payments")
    world.advance(900)
    assert (endpoint.story(), endpoint.updates()) == (FIRST, 0)


def test_an_edit_of_an_older_approved_versions_metadata_does_nothing(take: Take, world: World) -> None:
    endpoint = take("edited")
    endpoint.serving(versions=2)
    endpoint.publish(2)
    endpoint.annotate(1, team="payments")
    world.advance(900)
    assert (endpoint.story(), endpoint.live()) == ([*FIRST, *deployed(2)], ("InService", 2))


def test_versions_approved_during_a_rollout_are_not_lost_and_the_last_is_live_in_the_end(take: Take) -> None:
    endpoint = take("overtaken")
    endpoint.serving(versions=5)
    endpoint.publish(2)
    endpoint.approve(3)
    assert endpoint.live() == ("Updating", 2)
    endpoint.approve(4)
    endpoint.approve(5)
    endpoint.settle()
    endpoint.settle()
    assert endpoint.live() == ("InService", 5)
    in_flight = attempt(3)
    assert endpoint.story() == [
        *FIRST,
        *deployed(2),
        approved(3),
        *in_flight[:2],
        approved(4),
        approved(5),
        in_flight[2],
        *attempt(5),
    ]


def test_the_version_approved_last_wins_and_not_the_highest_number(take: Take) -> None:
    endpoint = take("older")
    endpoint.register()
    endpoint.register()
    endpoint.publish(2, 1)
    assert endpoint.story() == [approved(2), *attempt(2, purpose="create"), *deployed(1)]


def test_a_superseded_version_rejected_and_approved_again_goes_live_again(take: Take) -> None:
    endpoint = take("resubmitted")
    endpoint.serving(versions=2)
    endpoint.publish(2)
    endpoint.reject(1)
    lost = [*FIRST, *deployed(2), revoked(1), alert(1)]  # A revert of version 2 would find nothing to go to.
    assert endpoint.story() == lost
    endpoint.publish(1)
    assert endpoint.story() == [*lost, *deployed(1)]


def test_a_version_approved_again_without_a_rejection_goes_live_again(take: Take) -> None:
    endpoint = take("reapproved")
    endpoint.serving(versions=2)
    endpoint.publish(2, 1)
    assert endpoint.story() == [*FIRST, *deployed(2), *deployed(1)]


def test_the_live_version_moved_back_to_pending_gives_way(take: Take) -> None:
    endpoint = take("reconsidered")
    endpoint.serving(versions=2)
    endpoint.publish(2)
    endpoint.decide(2, "PendingManualApproval")
    endpoint.settle()
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [*FIRST, *deployed(2), revoked(2), *attempt(1, purpose="revert")]


def test_rejecting_the_only_version_tells_people_and_keeps_serving(take: Take, world: World) -> None:
    endpoint = take("only")
    endpoint.serving()
    endpoint.reject(1)
    world.advance(900)
    assert endpoint.live() == ("InService", 1)
    assert endpoint.story() == [*FIRST, revoked(1), (Kind.ALERT, None, None)]
    assert endpoint.summaries(Kind.ALERT) == [
        "only-models/1 is live and was revoked; there is no good version to revert to, so it keeps serving"
    ]


def test_an_event_that_is_never_delivered_is_made_good_by_the_schedule(take: Take, world: World) -> None:
    endpoint = take("unheard")
    endpoint.serving(versions=2)
    world.fault(
        drop_events={
            "pattern": {
                "detail-type": ["SageMaker Model Package State Change"],
                "detail": {"ModelPackageArn": [endpoint.arn(2)]},
            }
        }
    )
    endpoint.approve(2)
    assert endpoint.story() == FIRST
    world.advance(300)
    endpoint.settle()
    assert endpoint.story() == [*FIRST, *deployed(2)]
    assert endpoint.live() == ("InService", 2)


def test_the_endpoints_own_event_closes_the_attempt_the_moment_it_is_in_service(take: Take) -> None:
    """EventBridge says IN_SERVICE where the API says InService."""
    endpoint = take("prompt")
    endpoint.serving()
    described, (*_, last) = endpoint.describe(), endpoint.rows()
    assert described
    assert last.fact.detail["outcome"] == "succeeded"
    assert abs(last.fact.at - described["LastModifiedTime"].timestamp()) < 0.01


def test_a_notification_says_what_is_live_and_whom_to_ask(take: Take) -> None:
    """So the publisher may read the endpoint's head and its spec."""
    endpoint = take("prompt")
    if endpoint.live() is None:
        endpoint.serving()
    first, *lines = endpoint.messages()[0].split("\n")
    assert first.endswith("-models/1 is live on the endpoint prompt.")
    (live,) = [line for line in lines if line.startswith("Live now:")]
    assert "-models/1, since 20" in live
    assert "> owner: Fraud Analytics" in lines


def test_the_newest_version_is_found_where_it_is_on_the_second_page_of_the_list(take: Take) -> None:
    endpoint = take(PAGED)
    endpoint.settle()
    assert endpoint.live() == ("InService", PAGE + 4)


def test_more_approvals_than_one_transaction_holds_are_all_recorded_after_an_outage(take: Take, world: World) -> None:
    endpoint = take("outage")
    endpoint.serving()
    endpoint.schedule(on=False)
    for _ in range(120):
        endpoint.register(status="Approved")
    endpoint.schedule(on=True)
    world.advance(300)
    endpoint.settle()
    assert endpoint.live() == ("InService", 121)
    assert endpoint.story() == [*FIRST, *map(approved, range(2, 122)), *attempt(121)]
