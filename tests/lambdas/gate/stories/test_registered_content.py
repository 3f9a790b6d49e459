"""What a version loads is what it loaded when it was registered: stories of one endpoint, with the real ledger and
fakes around it."""

import dataclasses
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from lambdas.gate import codec, names
from lambdas.gate.aws.ecr import Images
from lambdas.gate.aws.errors import Forbidden, Missing, Silent, Temporary, Unreadable
from lambdas.gate.aws.ledger import content_key, partition
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Confirm, Hold, Keep, Refuse, Wait
from lambdas.gate.reconcile.pinning import MOST_READS
from lambdas.gate.spec.spec import Freeze, Mode, SpecSeen
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.observed import Container
from lambdas.gate.state.registration import Content
from lambdas.gate.state.versions_seen import MOST
from tests.lambdas.builders import NOW, SPEC, approval, arn, endpoint, head, live, seen
from tests.lambdas.fakes import World

PENDING = "PendingManualApproval"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"
TOLD = "after the version was registered: register a new version"


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live; version 2 was registered a minute ago, and no reconcile has seen it."""
    nowhere.begin(head(live=live(1), approved=(1,), versions=seen(NOW - 9000, (1,))))
    nowhere.images.digests[IMAGE] = "sha256:1"
    _put(nowhere, 1, approval_status="Approved", created_at=NOW - 9000)
    _put(nowhere, 2)
    return nowhere


def _put(world: World, number: int, **fields: Any) -> None:
    made = (Container(IMAGE, model_data=_model(number), named=(_code(number),)),)
    defaults: dict[str, Any] = {"approval_status": PENDING, "created_at": NOW - 60, "modified_at": NOW - 60}
    world.registry.put(number, **{"fixed": str(number), "containers": made} | defaults | fields)
    for uri in (_model(number), _code(number)):
        world.artifacts.objects[uri] = ("reviewed", NOW - 9000)


def _model(number: int) -> str:
    return f"{SPEC.model_artifacts}{number}.tar.gz"


def _code(number: int) -> str:
    return f"{SPEC.model_artifacts}{number}-code.tar.gz"


def _swap(world: World, what: str = "artifact", number: int = 2) -> None:
    """Somebody replaces something, so that its time tells nothing."""
    if what == "image":
        world.images.digests[IMAGE] = "sha256:2"
    else:
        uri = _model(number) if what == "artifact" else _code(number)
        world.artifacts.objects[uri] = ("swapped", NOW - 9000)


def _content(world: World, number: int = 2) -> Content | None:
    return world.ledger.content(SPEC.endpoint, world.registry.packages[arn(number)])


def test_what_did_not_change_goes_live_and_the_row_has_the_hash_of_what_was_recorded(world: World) -> None:
    world.reconcile()
    assert type(world.approve(2)) is Wait
    (pinned,), content = world.facts(Kind.APPROVAL_PINNED), _content(world)
    assert content is not None
    assert pinned.detail["pin"]["registered"] == content.digest
    assert pinned.summary.startswith("FraudDetectionGroup/2 is pinned as it was registered: specification")
    assert [artifact.uri for artifact in content.artifacts] == [_model(2), _code(2)]
    assert (content.read_at, [image.digest for image in content.images]) == (NOW, ["sha256:1"])


@pytest.mark.parametrize("what", ["artifact", "code", "image"])
@pytest.mark.parametrize("policy", [{}, {"mode": Mode.ADVISE}], ids=["by default", "advise"])
def test_what_changed_between_registration_and_approval_is_refused(
    world: World, what: str, policy: dict[str, Any]
) -> None:
    world.ask(**policy)
    world.reconcile()
    _swap(world, what)
    decision = world.approve(2)
    assert type(decision) is Refuse
    assert decision.reason.endswith(TOLD)
    assert (world.head.approvals, world.hosting.accepted) == ((), [])


def test_approving_it_again_does_not_help_and_putting_it_back_does(world: World) -> None:
    world.reconcile()
    _swap(world)
    assert [type(world.approve(2)) for _ in range(3)] == [Refuse] * 3
    world.artifacts.objects[_model(2)] = ("reviewed", NOW - 9000)
    assert type(world.approve(2)) is Wait


def test_the_same_bytes_written_again_are_a_change(world: World) -> None:
    world.reconcile()
    world.artifacts.objects[_model(2)] = ("reviewed", NOW - 10)
    assert type(world.approve(2)) is Refuse


def test_what_changes_right_before_the_call_stops_it(world: World) -> None:
    world.reconcile()
    world.registry.at_describe = lambda version: (
        _swap(world) if any("attempt_opened" in call for call in world.journal.calls) else None
    )
    decision = world.approve(2)
    assert (decision.outcome, decision.quarantine) == (Outcome.ABORTED, True)
    assert decision.reason.endswith(TOLD)
    world.registry.at_describe = lambda version: None
    assert type(world.approve(2)) is Refuse


def test_with_pin_false_nothing_is_read(world: World) -> None:
    world.ask(pin=False)
    world.reconcile()
    _swap(world)
    assert (world.artifacts.heads, _content(world)) == ([], None)
    assert type(world.approve(2)) is Wait


def test_what_is_not_recorded_before_its_approval_is_settled_by_a_new_one(world: World) -> None:
    world.ask(freeze=(Freeze("* * * * *", 1, "UTC"),))
    assert type(world.approve(2)) is Hold
    assert _content(world) is None
    world.ask()
    _swap(world)
    decision = world.reconcile(after=60)
    assert type(decision) is Refuse
    assert decision.reason.endswith("after the approval; approve it again if that is right")
    assert type(world.approve(2)) is Wait


@pytest.mark.parametrize(("answer", "reads"), [(Temporary("S3 is busy"), 2), (Silent("S3 is silent"), 1)])
def test_what_s3_does_not_answer_for_is_read_at_the_next_reconcile(
    world: World, answer: Unreadable, reads: int
) -> None:
    world.artifacts.unreadable = answer
    _put(world, 3)
    world.reconcile()
    assert (len(world.artifacts.heads), _content(world)) == (reads, None)  # one silence is enough
    assert world.ledger.registration(SPEC.endpoint, world.registry.packages[arn(2)]) is not None
    world.artifacts.unreadable = None
    world.reconcile(after=300)
    assert None not in (_content(world, 2), _content(world, 3))
    _swap(world)
    assert type(world.approve(2)) is Refuse


class _Ecr:
    """ECR with each tag of a repository whose name can be sent. Of the repository `cached`, it is always too busy."""

    def batch_get_image(self, **request: Any) -> Any:
        (identifier,) = request["imageIds"]
        if request["repositoryName"] == "cached":
            failure = {"imageId": identifier, "failureCode": "UpstreamTooManyRequests", "failureReason": "because"}
            return {"images": [], "failures": [failure]}
        if len(request["repositoryName"]) < 2:
            raise ParamValidationError(report="Invalid length for parameter repositoryName, value: 1")
        return {"images": [{"imageId": {"imageDigest": "sha256:1"}}], "failures": []}


@pytest.mark.parametrize("repository", ["a", "cached"])
def test_a_version_that_cannot_be_recorded_does_not_keep_an_older_one_from_it(world: World, repository: str) -> None:
    images: Any = Images(lambda *_: _Ecr())
    world.images = images
    host = IMAGE.partition("/")[0]
    _put(world, 3, created_at=NOW - 59, containers=(Container(f"{host}/{repository}:1"),))
    world.reconcile()
    assert _content(world) is not None
    _swap(world)
    assert type(world.approve(2)) is Refuse


@pytest.mark.parametrize("trouble", [Missing("gone"), Forbidden("denied")])
def test_what_cannot_be_read_is_not_read_until_its_approval(world: World, trouble: Unreadable) -> None:
    world.artifacts.unreadable = trouble
    world.reconcile()
    world.artifacts.unreadable = None
    world.reconcile(after=300)
    assert _content(world) is None
    assert type(world.approve(2)) is Wait


def test_what_was_recorded_is_never_replaced(world: World) -> None:
    world.reconcile()
    before = _content(world)
    _swap(world)
    world.begin(dataclasses.replace(world.head, versions=None))
    world.reconcile(after=60)
    assert _content(world) == before


def test_one_that_replaces_the_record_is_known_by_its_hash(world: World) -> None:
    """The row's pin does not follow the item."""
    world.ask(freeze=(Freeze("* * * * *", 1, "UTC"),))
    world.reconcile()
    assert type(world.approve(2)) is Hold
    content = _content(world)
    assert content is not None
    forged = dataclasses.replace(content, artifacts=())
    key = {"pk": {"S": partition(SPEC.endpoint)}, "sk": {"S": content_key(arn(2), content.created_at)}}
    world.dynamodb.put_item(TableName=names.LEDGER, Item={**key, "content": {"S": codec.encode(forged)}})
    world.ask()
    _swap(world)
    assert type(world.reconcile(after=60)) is Refuse
    assert world.facts(Kind.APPROVAL_PINNED)[0].detail["pin"]["registered"] != forged.digest


def test_what_was_approved_at_adoption_may_not_be_approved_with_other_content(nowhere: World) -> None:
    nowhere.images.digests[IMAGE] = "sha256:1"
    for number in (1, 2):
        _put(nowhere, number, approval_status="Approved", created_at=NOW - 20_000)
    nowhere.hosting.served = {"gate-v1": arn(1)}
    nowhere.reconcile()
    _swap(nowhere)
    assert type(nowhere.approve(2)) is Refuse


@pytest.mark.parametrize(("swapped", "expected"), [(False, Confirm), (True, Refuse)])
def test_what_is_live_is_compared_when_it_is_approved_again(
    nowhere: World, swapped: bool, expected: type[object]
) -> None:
    """SageMaker loads it again when it adds an instance."""
    nowhere.images.digests[IMAGE] = "sha256:1"
    _put(nowhere, 1, approval_status="Approved", created_at=NOW - 20_000)
    nowhere.hosting.served = {"gate-v1": arn(1)}
    nowhere.reconcile()
    if swapped:
        _swap(nowhere, number=1)
    assert type(nowhere.approve(1)) is expected
    assert nowhere.hosting.accepted == []


def test_what_is_live_is_confirmed_although_s3_is_silent(nowhere: World) -> None:
    _put(nowhere, 1, approval_status="Approved", created_at=NOW - 20_000)
    nowhere.images.digests[IMAGE] = "sha256:1"
    nowhere.hosting.served = {"gate-v1": arn(1)}
    nowhere.reconcile()
    nowhere.artifacts.unreadable = Silent("S3 is silent")
    assert type(nowhere.approve(1)) is Confirm


def test_a_revert_is_not_refused_for_want_of_a_record(world: World) -> None:
    """Version 1 went live before contents were recorded."""
    world.reconcile()
    world.approve(2)
    world.hosting.finish()
    world.settle()
    world.change(2, approval_status="Rejected")
    assert type(world.reconcile(after=60)) is Wait
    assert _content(world, 1) is None


def test_many_versions_cost_neither_head_nor_rows_nor_notifications(nowhere: World) -> None:
    nowhere.images.digests[IMAGE] = "sha256:1"
    nowhere.hosting.now = endpoint()
    for number in range(1, 101):
        _put(nowhere, number, created_at=NOW - 9000 + number)
    reads = []
    for _ in range(8):
        before = len(nowhere.artifacts.heads)
        nowhere.reconcile(after=15)
        reads.append(len(nowhere.artifacts.heads) - before)
    assert reads == [2 * MOST] * 5 + [0] * 3
    assert all(_content(nowhere, number) for number in range(1, 101))
    assert (len(nowhere.ledger.facts), len(codec.encode(nowhere.head)) < 2000) == (1, True)


def test_versions_that_load_much_are_left_for_the_next_reconcile(world: World) -> None:
    uris = tuple(f"{SPEC.model_artifacts}part-{n}" for n in range(90))
    world.artifacts.objects |= dict.fromkeys(uris, ("part", NOW - 9000))
    for number in (2, 3, 4):
        _put(
            world, number, containers=(Container(None, model_data=_model(number), named=uris),), created_at=NOW + number
        )
    world.reconcile()
    assert len(world.artifacts.heads) == 2 * 91 <= MOST_READS
    assert [number for number in (2, 3, 4) if _content(world, number)] == [3, 4]  # the newest first
    assert type(world.reconcile(after=300)) is Keep
    assert _content(world, 2) is not None


def test_a_stack_that_is_deployed_anew_knows_what_was_recorded(world: World) -> None:
    world.reconcile()
    world.specs.stored = StoredSpec(SPEC, SpecSeen(1, NOW + 100))
    _swap(world)
    world.now = NOW + 200
    world.reconcile()
    assert type(world.approve(2)) is Refuse


# What cannot be read


GONE, DENIED, BUSY = Missing("it is gone"), Forbidden("it may not be read"), Temporary("S3 is busy")
NOT_LATER = "a pin is not taken after the approval; approve it again when it can be read"


@pytest.mark.parametrize("trouble", [GONE, DENIED, BUSY])
@pytest.mark.parametrize("swapped", [False, True])
def test_what_was_recorded_is_compared_whenever_it_can_be_read(
    world: World, trouble: Unreadable, *, swapped: bool
) -> None:
    world.reconcile()
    world.artifacts.unreadable = trouble
    assert type(world.approve(2)) is Hold
    for _ in range(5):
        assert type(world.reconcile(after=300)) is Hold
    world.artifacts.unreadable = None
    if swapped:
        _swap(world)
    assert type(world.reconcile(after=300)) is (Refuse if swapped else Wait)


@pytest.mark.parametrize("trouble", [GONE, DENIED])
def test_what_is_first_seen_approved_and_cannot_be_read_is_void(world: World, trouble: Unreadable) -> None:
    world.artifacts.unreadable = trouble
    decision = world.approve(2)
    assert (type(decision), world.head.approvals) == (Refuse, ())
    assert decision.reason == f"FraudDetectionGroup/2 is refused: {trouble}; {NOT_LATER}"
    world.artifacts.unreadable = None
    assert type(world.reconcile(after=300)) is Keep
    assert type(world.approve(2)) is Wait


@pytest.mark.parametrize(("minutes", "expected"), [(10, Wait), (20, Keep)])
def test_aws_gets_a_quarter_of_an_hour_to_answer(world: World, minutes: int, expected: type[object]) -> None:
    world.artifacts.unreadable = BUSY
    kinds = [type(world.approve(2))]
    for _ in range(minutes // 5 - 1):
        kinds.append(type(world.reconcile(after=300)))
    assert kinds == ([Hold, Hold] if minutes == 10 else [Hold, Hold, Hold, Refuse])
    world.artifacts.unreadable = None
    assert type(world.reconcile(after=300)) is expected


@pytest.mark.parametrize(
    "container",
    [
        Container(IMAGE, prefix=f"{SPEC.model_artifacts}many/"),
        Container(IMAGE, unfixed=("the model encoder",)),
    ],
    ids=["a prefix", "a hub"],
)
def test_what_has_no_fixed_content_is_held_until_the_entry_goes_without_pins(
    world: World, container: Container
) -> None:
    _put(world, 2, containers=(container,))
    assert type(world.approve(2)) is Hold
    assert type(world.reconcile(after=1200)) is Hold
    world.ask(pin=False)
    assert type(world.reconcile(after=300)) is Wait


def test_a_bucket_that_the_role_does_not_name_is_held(world: World) -> None:
    """That is Approval Gate's own fault, and not the version's."""
    world.artifacts.unreadable = Unreadable("it is in no bucket of an entry")
    assert type(world.approve(2)) is Hold
    assert type(world.reconcile(after=1200)) is Hold
    world.artifacts.unreadable = None
    assert type(world.reconcile(after=300)) is Wait


def test_an_older_approval_that_waits_may_go_in_place_of_a_void_one(world: World) -> None:
    del world.registry.packages[arn(2)]
    _put(world, 3)
    world.ask(freeze=(Freeze("* * * * *", 1, "UTC"),))
    assert type(world.approve(3)) is Hold
    world.ask()
    _put(world, 2)
    del world.artifacts.objects[_model(2)]
    assert type(world.approve(2)) is Refuse
    assert type(world.reconcile(after=60)) is Wait
    assert world.head.attempt is not None
    assert world.head.attempt.approval.version == arn(3)


def test_an_approval_that_an_earlier_release_saw_is_never_void(world: World) -> None:
    waiting = approval(2, order=10, at=NOW - 5000, pin=None)
    world.begin(dataclasses.replace(world.head, approvals=(waiting,), approved=(1, 2), orders=10))
    world.change(2, approval_status="Approved")
    world.artifacts.unreadable = GONE
    assert type(world.reconcile()) is Hold
    assert type(world.reconcile(after=1200)) is Hold
    world.artifacts.unreadable = None
    assert type(world.reconcile(after=300)) is Wait


def test_a_revert_does_not_wait_for_an_artifact_that_is_gone(world: World) -> None:
    """Another good version may be there."""
    for number in (2, 3):
        _put(world, number)
        world.reconcile(after=60)
        world.approve(number)
        world.hosting.finish()
        world.settle()
    del world.artifacts.objects[_model(2)]
    world.change(3, approval_status="Rejected")
    decision = world.reconcile(after=60)
    assert (decision.outcome, decision.quarantine) == (Outcome.ABORTED, True)
    assert type(world.reconcile(after=60)) is Wait
    assert world.head.attempt is not None
    assert world.head.attempt.approval.version == arn(1)
