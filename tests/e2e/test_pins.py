"""What was registered is what runs: nothing that was changed afterwards goes live, whoever approves it."""

from lambdas.gate.decide.certainty import SETTLE_SECONDS
from lambdas.gate.state.fact import Kind
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.governed import BUCKET
from tests.e2e.lines import FIRST, accepted, approved, attempt, closed, opened
from tests.e2e.world import CONTRIBUTOR, REVIEWER, SCHEDULE_SECONDS, World

REGISTER_ANEW = "after the version was registered: register a new version"


def _put(world: World, endpoint: Endpoint, name: str, body: bytes) -> None:
    world.client("s3").put_object(Bucket=BUCKET, Key=f"{endpoint.name}/{name}", Body=body)


def test_what_was_swapped_after_the_registration_never_goes_live(take_governed: Take, governed_world: World) -> None:
    """The weights while the version waits for its turn, or the code while it waits for its review."""
    endpoint = take_governed("pinned")
    endpoint.serving(versions=1)
    _put(governed_world, endpoint, "weights.tar.gz", b"reviewed")
    _put(governed_world, endpoint, "code.tar.gz", b"reviewed")
    environment = {"SAGEMAKER_SUBMIT_DIRECTORY": f"{endpoint.artifacts}code.tar.gz"}
    endpoint.register(model="weights.tar.gz", environment=environment)
    endpoint.register(model="weights.tar.gz", environment=environment)
    endpoint.register()
    governed_world.advance(60)
    _put(governed_world, endpoint, "code.tar.gz", b"another")
    endpoint.approve(2)
    endpoint.settle()
    _put(governed_world, endpoint, "code.tar.gz", b"reviewed")  # the same bytes, but not the same object
    endpoint.approve(4)
    governed_world.advance(60)
    endpoint.approve(3)
    endpoint.settle()
    governed_world.advance(900)
    endpoint.approve(3)  # approving it again does not help
    endpoint.settle()

    refused = [version for kind, _, version in endpoint.story() if kind == Kind.APPROVAL_REFUSED]
    assert refused == [2, 3, 3]
    assert all(summary.endswith(REGISTER_ANEW) for summary in endpoint.summaries(Kind.APPROVAL_REFUSED))
    assert endpoint.checks(Kind.APPROVAL_REFUSED)["pin"] == "failed"
    assert endpoint.live() == ("InService", 4)
    new = endpoint.register(model="weights.tar.gz", environment=environment)
    governed_world.advance(60)
    endpoint.publish(new)
    assert endpoint.live() == ("InService", new)


def test_a_version_that_was_first_seen_approved_is_settled_by_a_new_approval(
    take_governed: Take, governed_world: World
) -> None:
    endpoint = take_governed("first-seen")
    endpoint.serving(versions=2)
    _put(governed_world, endpoint, "3.tar.gz", b"reviewed")
    governed_world.advance(60)
    endpoint.approve(2)
    endpoint.register(status="Approved", model="3.tar.gz")  # it waits until 2 is live
    governed_world.advance(60)
    _put(governed_world, endpoint, "3.tar.gz", b"another")
    endpoint.settle()
    governed_world.advance(900)
    before = [*FIRST, approved(2), opened(2), accepted(2), approved(3), closed(2, "succeeded")]
    assert endpoint.story() == [*before, (Kind.APPROVAL_REFUSED, None, 3)]
    assert endpoint.summaries(Kind.APPROVAL_REFUSED)[0].endswith("approve it again if that is right")
    endpoint.approve(3)
    governed_world.advance(SETTLE_SECONDS + SCHEDULE_SECONDS)
    endpoint.settle()
    assert endpoint.live() == ("InService", 3)
    assert endpoint.story()[-5:] == [(Kind.APPROVAL_REFUSED, None, 3), approved(3), *attempt(3)]


def test_what_cannot_be_read_is_compared_later_if_it_was_recorded(take_governed: Take, governed_world: World) -> None:
    """And refused otherwise: what is there later may be something else."""
    endpoint, s3 = take_governed("restored"), governed_world.client("s3")
    endpoint.serving(versions=1)
    place = {"Bucket": BUCKET, "Key": f"{endpoint.name}/2.tar.gz"}
    _put(governed_world, endpoint, "2.tar.gz", b"older")
    _put(governed_world, endpoint, "2.tar.gz", b"reviewed")
    endpoint.register(model="2.tar.gz")
    governed_world.advance(60)
    marker = s3.delete_object(**place)["VersionId"]
    endpoint.approve(2)
    endpoint.settle()
    governed_world.advance(1800)
    assert endpoint.story() == [*FIRST, approved(2), (Kind.HELD, None, 2)]
    endpoint.register(status="Approved", model="2.tar.gz")
    endpoint.settle()
    assert "a pin is not taken after the approval" in endpoint.summaries(Kind.APPROVAL_REFUSED)[0]
    s3.delete_object(**place, VersionId=marker)
    governed_world.advance(600)
    endpoint.settle()
    assert endpoint.live() == ("InService", 2)

    endpoint.register(model="2.tar.gz")
    governed_world.advance(60)
    s3.delete_object(**place, VersionId=s3.head_object(**place)["VersionId"])  # which uncovers the older one
    endpoint.approve(4)
    endpoint.settle()
    assert endpoint.summaries(Kind.APPROVAL_REFUSED)[-1].endswith(REGISTER_ANEW)
    assert endpoint.live() == ("InService", 2)


def test_a_model_of_a_hub_without_its_commit_keeps_the_gate_shut(take_governed: Take, governed_world: World) -> None:
    endpoint = take_governed("from-hub")
    endpoint.serving(versions=1)
    for revision in ("main", 40 * "a"):
        revisions = {"HF_MODEL_REVISION": revision, "HF_REVISION": revision}
        endpoint.register(environment={"HF_MODEL_ID": "example/bert", **revisions})
    governed_world.advance(60)
    endpoint.approve(2)
    endpoint.settle()
    assert "the model example/bert of HF_MODEL_ID without a commit" in endpoint.summaries(Kind.HELD)[0]
    endpoint.publish(3)
    assert endpoint.live() == ("InService", 3)


def test_a_version_that_changed_after_it_was_registered_never_goes_live(
    take_governed: Take, governed_world: World
) -> None:
    endpoint = take_governed("respecified")
    endpoint.serving(versions=4)
    _put(governed_world, endpoint, "other.tar.gz", b"other")
    other = endpoint.specification("other.tar.gz")
    governed_world.advance(60)

    endpoint.update(2, by=CONTRIBUTOR, InferenceSpecification=other)  # between the review and the approval
    endpoint.approve(2)
    # by the approving call itself
    endpoint.update(3, by=REVIEWER, InferenceSpecification=other, ModelApprovalStatus="Approved")
    approving = governed_world.client("sagemaker", REVIEWER)
    approving.update_model_package(ModelPackageArn=endpoint.arn(4), ModelApprovalStatus="Approved")
    endpoint.update(4, by=CONTRIBUTOR, InferenceSpecification=other)  # between the approval and its reconcile
    endpoint.settle()
    governed_world.advance(60)
    endpoint.approve(2)  # approving it again does not help
    endpoint.settle()

    story = endpoint.story()
    assert [version for kind, _, version in story if kind == Kind.APPROVAL_REFUSED] == [2, 3, 4, 2]
    assert [line for line in story if line[0] == Kind.ATTEMPT_OPENED] == [opened(1, "create")]
    assert {summary.partition(": ")[2] for summary in endpoint.summaries(Kind.APPROVAL_REFUSED)} == {
        f"its InferenceSpecification was changed {REGISTER_ANEW}"
    }
    assert endpoint.live() == ("InService", 1)


def test_an_image_without_a_digest_is_pinned_to_what_its_tag_leads_to(
    take_governed: Take, governed_world: World
) -> None:
    endpoint = take_governed("untagged")
    governed_world.control("assumptions", {"image_digest_filled_in": False})
    endpoint.register()
    governed_world.control("assumptions", {"image_digest_filled_in": True})
    endpoint.publish(1)
    (pinned,) = (row.fact.detail for row in endpoint.rows() if row.fact.kind is Kind.APPROVAL_PINNED)
    (image,) = pinned["pin"]["images"]
    assert image["digest"].startswith("sha256:")
    assert endpoint.story() == FIRST


def test_a_digest_that_aws_fills_in_after_the_registration_is_no_change(
    take_governed: Take, governed_world: World
) -> None:
    endpoint = take_governed("filled-in")
    governed_world.control("assumptions", {"image_digest_filled_in": False})
    endpoint.serving(versions=2)
    governed_world.advance(60)
    governed_world.control("assumptions", {"image_digest_filled_in": True})
    endpoint.annotate(2, reviewed="yes")
    endpoint.publish(2)
    assert endpoint.story() == [*FIRST, approved(2), *attempt(2)]
