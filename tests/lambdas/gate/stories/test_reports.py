"""A report is the one that the version had when it was registered, or approved: stories of one endpoint, with the real
ledger and fakes around it."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate import codec
from lambdas.gate.aws.errors import Forbidden, Missing, Temporary, Unreadable
from lambdas.gate.aws.ledger import MAXIMUM_PACKED, content_key, partition
from lambdas.gate.decide.action import AnyDecision, Close, Hold, Wait
from lambdas.gate.spec.floor import Floor, FloorRead
from lambdas.gate.spec.spec import Condition, Gate, Mode, Until
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.observed import Container
from lambdas.gate.state.registration import Content
from tests.lambdas.builders import NOW, SPEC, arn, head, live, seen
from tests.lambdas.fakes import World

PENDING = "PendingManualApproval"
F1 = "metrics.ModelQuality.Statistics.f1"
GOOD = Condition("f1", f"{F1} >= `0.8`")
NO_WORSE = Condition("no-worse", f"live == null || {F1} >= live.{F1}")
REGISTERED = NOW - 60


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live; version 2 was registered a minute ago, with a good report that is older."""
    nowhere.begin(head(live=live(1), approved=(1,), versions=seen(NOW - 9000, (1,))))
    _put(nowhere, 1, approval_status="Approved", created_at=NOW - 9000, modified_at=NOW - 9000)
    _put(nowhere, 2)
    for number in (1, 2):
        _write(nowhere, number, 0.9, NOW - 9100)
    nowhere.ask(require=(GOOD,))
    return nowhere


def _put(world: World, number: int, uri: str | None = None, digest: str | None = None, **fields: Any) -> None:
    source = {"ContentType": "application/json", "S3Uri": uri or _uri(number)}
    source |= {"ContentDigest": digest} if digest else {}
    described = {"ModelMetrics": {"ModelQuality": {"Statistics": source}}}
    model = f"{SPEC.model_artifacts}{number}.tar.gz"
    world.artifacts.objects[model] = ("reviewed", NOW - 9000)
    defaults: dict[str, Any] = {"approval_status": PENDING, "created_at": REGISTERED, "modified_at": REGISTERED}
    containers = (Container(None, model_data=model),)
    world.registry.put(number, containers=containers, description=described, **defaults | fields)


def _uri(number: int) -> str:
    return f"{SPEC.model_artifacts}{number}.json"


def _write(world: World, number: int, f1: float, at: float, uri: str | None = None) -> None:
    """Somebody writes a report. Its ETag follows from its number and the time."""
    uri = uri or _uri(number)
    world.artifacts.contents[uri] = {"f1": f1}
    world.artifacts.objects[uri] = (f"{f1} at {at}", at)


def _is_held_for(decision: AnyDecision, reason: str) -> bool:
    assert type(decision) is Hold, decision
    return reason in decision.reason


def test_a_report_that_did_not_change_lets_the_version_pass_and_the_row_has_it(world: World) -> None:
    world.reconcile()
    assert type(world.approve(2)) is Wait
    (pinned,), (opened,) = world.facts(Kind.APPROVAL_PINNED), world.facts(Kind.ATTEMPT_OPENED)
    assert f"report {_uri(2)} with ETag 0.9 at {NOW - 9100}" in pinned.summary
    (report,) = opened.detail["gate"]["reports"]
    assert (report["path"], report["modified_at"]) == ("metrics.ModelQuality.Statistics", NOW - 9100)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (NOW + 5, "it was replaced since the version was first seen; register a new version"),
        # As after a deletion of the newest version of an object.
        (NOW - 9900, "it was replaced since the version was first seen; register a new version"),
    ],
    ids=["overwritten", "an older one uncovered"],
)
def test_a_report_that_was_replaced_is_not_the_version_s(world: World, at: float, reason: str) -> None:
    world.reconcile()
    _write(world, 2, 0.99, at)
    assert _is_held_for(world.approve(2), f"{_uri(2)} is not the report of this version: {reason}")
    assert world.hosting.accepted == []


@pytest.mark.parametrize("pin", [True, False])
def test_a_report_is_pinned_too_where_artifacts_are_not(world: World, pin: bool) -> None:
    world.ask(require=(GOOD,), pin=pin)
    world.reconcile()
    _write(world, 2, 0.99, NOW - 9900)
    assert _is_held_for(world.approve(2), "it was replaced since the version was first seen")


def test_a_report_that_was_written_after_the_registration_is_not_the_version_s(world: World) -> None:
    """Also of a version that was first seen with its approval, so that nothing was recorded."""
    _write(world, 2, 0.99, REGISTERED + 30)
    assert _is_held_for(world.approve(2), "it was written after the registration; register a new version")


@pytest.mark.parametrize("trouble", [Missing("it does not exist"), Forbidden("it may not be read")])
def test_a_report_that_was_hidden_when_the_version_was_first_seen_is_not_the_version_s(
    world: World, trouble: Unreadable
) -> None:
    world.artifacts.unreadable = trouble
    world.reconcile()
    world.artifacts.unreadable = None
    assert _is_held_for(
        world.approve(2), "it could not be read when the version was first seen; register a new version"
    )


def test_a_report_that_s3_does_not_answer_for_is_recorded_at_the_next_reconcile(world: World) -> None:
    world.artifacts.unreadable = Temporary("S3 is busy")
    world.reconcile()
    world.artifacts.unreadable = None
    world.reconcile(after=300)
    _write(world, 2, 0.99, NOW - 9900)
    assert _is_held_for(world.approve(2), "it was replaced since the version was first seen")


def test_a_report_with_the_content_digest_of_the_version_is_its_report_whenever_it_was_written(world: World) -> None:
    _put(world, 2, digest="sha256:f")  # The fake's digest of every report.
    world.reconcile()
    _write(world, 2, 0.9, NOW + 5)
    assert type(world.approve(2)) is Wait


def test_a_content_digest_that_changed_is_not_the_version_s(world: World) -> None:
    _put(world, 2, digest="sha256:e")
    world.reconcile()
    _put(world, 2, digest="sha256:f")
    assert _is_held_for(world.approve(2), "its ContentDigest was sha256:e, and is sha256:f")


def test_reports_may_be_written_until_the_approval_if_the_entry_says_so(world: World) -> None:
    world.ask(require=(GOOD,), reports_until=Until.APPROVAL)
    world.reconcile()
    _write(world, 2, 0.7, NOW + 5)
    assert _is_held_for(world.approve(2), "metrics.ModelQuality.Statistics.f1 = 0.7")
    _write(world, 2, 0.99, world.now + 60)
    reason = "it was replaced since the version was first seen; approve it again"
    assert _is_held_for(world.reconcile(after=120), reason)
    assert type(world.approve(2)) is Wait


def test_a_report_that_the_floor_asks_about_is_written_before_the_registration_whatever_the_entry_says(
    world: World,
) -> None:
    world.ask(require=(GOOD,), reports_until=Until.APPROVAL)
    world.floor.stored = FloorRead(Floor(Gate(require=(GOOD,), pin=False)), 1)
    world.reconcile()
    _write(world, 2, 0.99, NOW + 5)
    decision = world.approve(2)
    assert type(decision) is Hold
    assert "it was written after the registration; register a new version" in decision.reason


def test_where_nothing_is_pinned_a_report_from_after_the_approval_is_known_by_its_time(world: World) -> None:
    world.ask(reports_until=Until.APPROVAL)
    world.reconcile()
    world.hosting.now = dataclasses.replace(world.hosting.now, status="Updating") if world.hosting.now else None
    world.approve(2)
    assert world.hosting.now is not None
    world.hosting.now = dataclasses.replace(world.hosting.now, status="InService")
    _write(world, 2, 0.99, world.now + 30)
    world.ask(require=(GOOD,), reports_until=Until.APPROVAL)
    assert _is_held_for(world.reconcile(after=60), "it was written after the approval; approve it again")


def test_a_condition_that_only_advises_lets_the_version_pass(world: World) -> None:
    world.ask(require=(dataclasses.replace(GOOD, mode=Mode.ADVISE),))
    world.reconcile()
    _write(world, 2, 0.99, NOW + 5)
    assert type(world.approve(2)) is Wait


@pytest.mark.parametrize("act", ["replaced", "removed"])
def test_a_report_that_changes_right_before_the_call_stops_it(world: World, act: str) -> None:
    """The version is not quarantined: the gate judges it again."""
    world.reconcile()

    def change(version: str) -> None:
        if not any("attempt_opened" in call for call in world.journal.calls):
            return
        _write(world, 2, 0.99, world.now)
        if act == "removed":
            del world.artifacts.contents[_uri(2)], world.artifacts.objects[_uri(2)]

    world.registry.at_describe = change
    decision = world.approve(2)
    assert isinstance(decision, Close)
    assert (decision.outcome, decision.quarantine) == (Outcome.FAILED, False)
    assert decision.reason.startswith(f"stopped right before the call: {_uri(2)} ")
    world.registry.at_describe = lambda version: None
    assert type(world.reconcile(after=600)) is Hold
    assert world.hosting.accepted == []


def test_an_item_of_an_earlier_release_has_no_reports_and_stays_readable(world: World) -> None:
    package = world.registry.packages[arn(2)]
    text = codec.encode(Content(arn(2), package.created_at, NOW))
    assert "reports" not in text
    item = {
        "pk": {"S": partition(SPEC.endpoint)},
        "sk": {"S": content_key(arn(2), package.created_at)},
        "content": {"S": text},
    }
    world.dynamodb.put_item(TableName="approval-gate-ledger", Item=item)
    world.reconcile()
    assert type(world.approve(2)) is Wait


# What is compared with the live version


SHARED = f"{SPEC.model_artifacts}evaluation.json"


def _go_live_with(world: World, f1: float) -> None:
    """Version 2 goes live. Its report is the object that every run of the pipeline writes."""
    world.ask(require=(NO_WORSE,))
    _put(world, 2, uri=SHARED)
    _write(world, 2, f1, NOW - 100, uri=SHARED)
    world.reconcile()
    world.approve(2)
    world.hosting.finish()
    world.reconcile(after=3600)
    assert world.head.live is not None
    assert world.head.live.version == arn(2)


@pytest.mark.parametrize(("f1", "passes"), [(0.92, False), (0.97, True)])
def test_two_versions_with_one_object_are_compared_by_what_the_ledger_kept(
    world: World, f1: float, passes: bool
) -> None:
    _go_live_with(world, 0.95)
    _write(world, 3, f1, world.now, uri=SHARED)
    _put(world, 3, uri=SHARED, created_at=world.now + 5, modified_at=world.now + 5)
    world.reconcile(after=60)
    decision = world.approve(3)
    assert type(decision) is (Wait if passes else Hold), decision
    if isinstance(decision, Hold):
        assert f"{F1} = 0.92, live.{F1} = 0.95" in decision.reason
    reports = world.facts(Kind.ATTEMPT_OPENED if passes else Kind.HELD)[-1].detail["gate"]["reports"]
    assert [(report["is_live"], report["is_kept"]) for report in reports] == [(False, False), (True, True)]


def test_a_live_version_of_which_nothing_was_kept_is_not_compared_by_the_other_s_object(world: World) -> None:
    world.ask(require=(NO_WORSE,))
    _put(world, 1, uri=SHARED, approval_status="Approved", created_at=NOW - 9000, modified_at=NOW - 9000)
    _put(world, 2, uri=SHARED)
    _write(world, 2, 0.5, NOW - 9100, uri=SHARED)
    world.reconcile()
    assert _is_held_for(world.approve(2), "is named by the live version FraudDetectionGroup/1 too")


def test_a_report_that_is_too_large_for_an_item_is_not_kept(world: World) -> None:
    # Digits that compression cannot shorten to the size of an item.
    digits = "".join(f"{pow(7, n, 10**9 + 7):09d}" for n in range(2 * MAXIMUM_PACKED // 9))
    world.artifacts.contents[_uri(2)] = {"f1": 0.9, "digits": digits}
    world.reconcile()
    assert type(world.approve(2)) is Wait
    package = world.registry.packages[arn(2)]
    assert world.ledger.kept_report(SPEC.endpoint, package, "metrics.ModelQuality.Statistics") is None


# Baselines


def test_the_baselines_of_drift_checks_are_readable(world: World) -> None:
    uri = f"{SPEC.model_artifacts}baseline.json"
    world.ask(require=(Condition("baseline", "baselines.Bias.PreTrainingConstraints.limit <= `5`"),))
    source = {"ContentType": "application/json", "S3Uri": uri}
    package = world.registry.packages[arn(2)]
    described = {**package.description, "DriftCheckBaselines": {"Bias": {"PreTrainingConstraints": source}}}
    world.registry.packages[arn(2)] = dataclasses.replace(package, description=described)
    assert _is_held_for(world.approve(2), f"{uri} does not exist")
    world.artifacts.contents[uri] = {"limit": 5}
    assert type(world.approve(2)) is Wait
