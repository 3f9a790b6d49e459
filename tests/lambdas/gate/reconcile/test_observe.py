"""What is read about an endpoint, and what is not: each read costs a call."""

import dataclasses

import pytest

from lambdas.gate.reconcile.observe import LATE_SECONDS, Observer
from lambdas.gate.spec.spec import Gate, Stage
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.observed import Listed, Listing, Observed, Served
from lambdas.gate.state.registration import Registration
from lambdas.gate.state.versions_seen import Backlog
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, endpoint, fired, head, live, package, seen
from tests.lambdas.fakes import FakeHosting, FakeRegistrations, FakeRegistry, FakeWatch, Journal

OWN = tuple(f"approval-gate/fraud-detection/gate-v2/{name}" for name in ("model-errors", "golden", "abort"))
STANDING = "approval-gate/fraud-detection/standing/model-errors"


class Edges:
    def __init__(self) -> None:
        self.registry = FakeRegistry()
        self.hosting = FakeHosting(Journal())
        self.watch = FakeWatch(Journal())
        self.ledger = FakeRegistrations()
        self.observation = Observer(self.registry, self.ledger, self.hosting, self.watch)

    def observe(self, known: Head, *hints: ApprovalHint, named: tuple[str, ...] = ()) -> Observed:
        return self.observation.observe(SPEC, known, hints, NOW, named)


@pytest.fixture
def edges() -> Edges:
    edges = Edges()
    edges.registry.put(1)
    return edges


def test_a_settled_endpoint_costs_three_calls_of_sagemaker(edges: Edges) -> None:
    assert edges.observe(head(live=live(), approved=(1,))) == Observed(endpoint=endpoint(), listed=(arn(1),))
    assert edges.registry.described == []


def test_a_version_listed_and_not_known_is_described(edges: Edges) -> None:
    edges.registry.put(2)
    assert edges.observe(head(live=live(), approved=(1,))).packages == {arn(2): package(2)}


def test_a_version_known_and_not_listed_is_described(edges: Edges) -> None:
    edges.registry.put(2, approval_status="Rejected")
    found = edges.observe(head(live=live(), approved=(1, 2, 3)))
    assert found.packages == {arn(2): package(2, approval_status="Rejected"), arn(3): None}


def test_a_version_told_of_by_an_event_is_described(edges: Edges) -> None:
    hint = ApprovalHint(arn(1), NOW)
    found = edges.observe(head(live=live(), approved=(1,)), hint, hint)
    assert (found.packages, found.hints) == ({arn(1): package(1)}, (hint, hint))
    assert edges.registry.described == [arn(1)]


def test_an_event_of_the_group_that_the_spec_followed_before_tells_nothing(edges: Edges) -> None:
    """Its version bears a number that one of this group has."""
    hint = ApprovalHint(arn(1).replace("FraudDetectionGroup", "OldGroup"), NOW)
    found = edges.observe(head(live=live(), approved=(1,)), hint)
    assert (found.packages, found.hints) == ({}, ())


def test_a_version_about_to_be_used_is_described(edges: Edges) -> None:
    edges.registry.put(2)
    found = edges.observe(head(live=live(), approved=(1, 2), approvals=(approval(2),)))
    assert found.packages == {arn(2): package(2)}


def test_a_version_of_another_group_is_not_seen(edges: Edges) -> None:
    edges.registry.put(2, group="ChurnGroup")
    found = edges.observe(head(live=live(), approved=(1,)), ApprovalHint(arn(2), NOW))
    assert found.packages == {}


def test_a_config_put_there_by_hand_is_followed_to_its_version(edges: Edges) -> None:
    edges.hosting.now, edges.hosting.served = endpoint("by-hand"), {"by-hand": arn(1)}
    assert edges.observe(head(live=live(), approved=(1,))).served.version == arn(1)
    edges.hosting.now = endpoint("by-hand", status="Updating", modified_at=NOW)
    assert edges.observe(head(live=live(), approved=(1,))).served.version == arn(1)
    edges.hosting.now = endpoint("by-hand", status="Creating", modified_at=NOW)
    assert edges.observe(head(live=live(), approved=(1,))).served.version is None


@pytest.mark.parametrize(
    ("since", "settings", "seen"),
    [
        (NOW - SPEC.rollback_on.watch_seconds - LATE_SECONDS, SPEC.settings, True),
        (NOW - SPEC.rollback_on.watch_seconds - LATE_SECONDS - 1, SPEC.settings, False),
        (NOW, None, False),
    ],
    ids=["within the watch window or soon after", "long after it", "adopted"],
)
def test_the_standing_alarms_are_read_as_long_as_the_watch_window_may_not_have_been_seen_to_its_end(
    edges: Edges, since: float, settings: str | None, *, seen: bool
) -> None:
    edges.watch.alarms = {STANDING: fired(STANDING), "kpi": fired("kpi")}
    found = edges.observe(head(live=live(since=since, settings=settings), approved=(1,)))
    assert found.standing == ((fired(STANDING), fired("kpi")) if seen else ())


@pytest.mark.parametrize("status", ["Updating", "RollingBack", "Failed", "OutOfService"])
def test_an_attempt_is_not_judged_before_the_endpoint_has_settled(edges: Edges, status: str) -> None:
    edges.hosting.now = endpoint(status=status)
    edges.watch.history = [fired()]
    found = edges.observe(head(live=live(), approved=(1,), attempt=attempt(2)))
    assert (found.fired, found.requests) == ((), None)


def test_of_a_success_the_requests_are_counted(edges: Edges) -> None:
    edges.hosting.now = endpoint("gate-v2")
    found = edges.observe(head(live=live(), approved=(1,), attempt=attempt(2)))
    assert (found.requests, found.fired) == (12, ())


@pytest.mark.parametrize("status", ["Updating", "SystemUpdating", "RollingBack"])
def test_of_a_success_the_guards_are_asked_while_the_next_change_is_under_way(edges: Edges, status: str) -> None:
    edges.hosting.now = endpoint("gate-v2", status=status, pending_config="gate-v1")
    edges.watch.history = [fired(OWN[0], at=NOW)]
    found = edges.observe(head(live=live(), approved=(1,), attempt=attempt(2, alarms=OWN)))
    assert (found.requests, found.fired) == (12, (fired(OWN[0], at=NOW),))


def test_of_a_success_the_alarms_of_its_fleet_are_asked_too(edges: Edges) -> None:
    """SageMaker watched them to the end of the bake only."""
    open_one = attempt(2, alarms=(*OWN, "kpi"))
    edges.hosting.now = endpoint("gate-v2")
    edges.watch.history = [fired(name, at=open_one.opened_at + 5) for name in open_one.alarms]
    assert edges.observe(head(live=live(), approved=(1,), attempt=open_one)).fired == (
        fired(OWN[0], at=open_one.opened_at + 5),
    )


def test_of_anything_else_the_alarms_are_asked_since_the_attempt_was_opened(edges: Edges) -> None:
    opened = attempt(2).opened_at
    edges.watch.history = [fired(at=opened - 1), fired(at=opened), fired("kpi", at=opened + 9), fired("another")]
    found = edges.observe(head(live=live(), approved=(1,), attempt=attempt(2)))
    assert (found.requests, found.fired) == (None, (fired(at=opened), fired("kpi", at=opened + 9)))


def test_a_third_config_needs_no_evidence(edges: Edges) -> None:
    edges.hosting.now = endpoint("by-hand")
    edges.watch.history = [fired()]
    found = edges.observe(head(live=live(), approved=(1,), attempt=attempt(2)))
    assert (found.requests, found.fired) == (None, ())


OLD = NOW - 90_000


def test_the_first_reconcile_describes_all_that_may_be_approved_later(edges: Edges) -> None:
    edges.registry.put(2)
    edges.registry.put(3, approval_status="Rejected")
    edges.hosting.served = {"gate-v1": arn(1)}
    expected = Observed(
        endpoint=endpoint(),
        listed=(arn(1), arn(2)),
        listing=Listing(tuple(Listed(arn(number), OLD, "Completed") for number in (3, 2, 1))),
        packages={arn(1): package(1), arn(2): package(2), arn(3): package(3, approval_status="Rejected")},
        served=Served(arn(1)),
    )
    assert edges.observation.first(SPEC, ()) == expected
    edges.hosting.now = None
    assert edges.observation.first(SPEC, ()) == dataclasses.replace(expected, endpoint=None, served=Served())


@pytest.mark.parametrize(
    "served",
    [arn(2).replace("FraudDetection", "Other"), arn(2).replace("123456789012", "210987654321")],
    ids=["another group's", "another account's, which the deployer may not describe"],
)
def test_the_first_look_asks_nothing_of_what_is_not_its_group_s(edges: Edges, served: str) -> None:
    edges.hosting.served = {"gate-v1": served}
    assert (edges.observation.first(SPEC, ()).served.version, edges.registry.described) == (served, [arn(1)])


# Versions that were not seen before


def test_each_version_that_is_new_is_described_once(edges: Edges) -> None:
    """Whatever list or event shows it first; what is still being made is described when it is done."""
    known = seen(OLD, recent=(1,), unfinished=(4,))
    edges.registry.put(2, approval_status="PendingManualApproval")
    edges.registry.put(3, status="InProgress", approval_status="PendingManualApproval")
    edges.registry.put(4, created_at=OLD - 9000)
    found = edges.observe(head(live=live(), approved=(1,), versions=known), named=(arn(2), arn(5)))
    assert found.listing.named == (arn(2), arn(5))
    assert edges.registry.described == [arn(4), arn(2), arn(5)]


def test_what_the_first_reconcile_left_follows(edges: Edges) -> None:
    for number in range(2, 30):
        edges.registry.put(number, approval_status="PendingManualApproval")
    first = edges.observation.first(SPEC, ())
    assert [each.number for each in first.listing.all] == list(range(29, 9, -1))
    known = seen(OLD + 9000, backlog=Backlog(10, OLD))
    found = edges.observe(head(live=live(), approved=(1,), versions=known))
    assert [each.number for each in found.listing.older] == list(range(9, 0, -1))
    assert {*found.packages} == {arn(number) for number in range(1, 10)}


FOREIGN = (
    arn(7).replace("FraudDetection", "Other"),
    arn(7).replace("123456789012", "210987654321"),
    arn(7).replace("us-east-1", "us-east-2"),
)


@pytest.mark.parametrize("version", FOREIGN, ids=["another group's", "another account's", "another Region's"])
def test_an_event_of_what_the_deployer_may_not_describe_says_nothing(edges: Edges, version: str) -> None:
    found = edges.observe(head(live=live(), approved=(1,)), ApprovalHint(version, NOW), named=(version,))
    assert (found.hints, found.listing.named, edges.registry.described) == ((), (), [])


@pytest.mark.parametrize("version", FOREIGN[:2], ids=["another group's", "another account's"])
def test_nor_does_it_where_the_group_has_no_version_yet(edges: Edges, version: str) -> None:
    edges.registry.packages = {}
    found = edges.observation.first(SPEC, (ApprovalHint(version, NOW),), (version,))
    assert (found.hints, found.listing.named, edges.registry.described) == ((), (), [])


def test_an_event_s_version_is_spelled_as_the_registry_spells_it(edges: Edges) -> None:
    edges.registry.put(2, approval_status="PendingManualApproval")
    edges.observe(head(live=live(), approved=(1,)), named=(arn(2).replace("FraudDetection", "frauddetection"),))
    assert edges.registry.described == [arn(2)]


@pytest.mark.parametrize(
    ("fixed", "status", "changed"),
    [
        ("as it was", "Approved", None),
        ("another", "Approved", "its InferenceSpecification was changed"),
        ("another", "Rejected", None),  # nothing rests on it
    ],
)
def test_an_approved_version_is_compared_with_its_registration(
    edges: Edges, fixed: str, status: str, changed: str | None
) -> None:
    edges.ledger.registrations[arn(2)] = Registration(arn(2), OLD, NOW, "as it was")
    edges.registry.put(2, fixed=fixed, approval_status=status)
    found = edges.observe(head(live=live(), approved=(1,)), ApprovalHint(arn(2), NOW))
    described = package(
        2,
        fixed=fixed,
        approval_status=status,
        changed=changed,
        registered_at=NOW if status == "Approved" else None,
    )
    assert found.packages == {arn(2): described}


def test_an_attempt_whose_stack_is_gone_is_observed_without_its_spec(edges: Edges) -> None:
    edges.hosting.now = endpoint("gate-v2")
    left = dataclasses.replace(attempt(1), fleet=attempt(2).fleet)
    assert edges.observation.abandoned(head(attempt=left), left, NOW) == Observed(
        endpoint=endpoint("gate-v2"), packages={arn(1): package(1)}, requests=12
    )


STAGE = Stage("Production", "Approved")
STAGED = dataclasses.replace(SPEC, gate=Gate(stage=STAGE))
THERE = {"ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"}}


def test_a_version_that_left_the_stage_is_described_like_one_that_is_not_listed(edges: Edges) -> None:
    edges.registry.put(1, description=THERE)
    edges.registry.put(2)
    found = edges.observation.observe(STAGED, head(live=live(), approved=(1, 2), stage=STAGE), (), NOW)
    assert (found.listed, found.packages) == ((arn(1),), {arn(2): package(2, at_stage=False)})


def test_the_first_look_goes_by_the_stage_of_the_spec(edges: Edges) -> None:
    edges.registry.put(2, description=THERE)
    assert edges.observation.first(STAGED, ()).listed == (arn(2),)


def test_an_attempt_whose_stack_is_gone_goes_by_the_stage_of_the_head(edges: Edges) -> None:
    edges.registry.put(2)
    found = edges.observation.abandoned(head(live=live(), attempt=attempt(2), stage=STAGE), attempt(2), NOW)
    assert found.packages == {arn(2): package(2, at_stage=False)}
