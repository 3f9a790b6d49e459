"""Stories of one endpoint whose spec asks the gate for more than an approval: the real ledger, fakes around it."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Defer, Hold, Keep, Refuse, RequestAbort, Wait
from lambdas.gate.policy.verdict import Answer, Result
from lambdas.gate.spec.spec import Condition, Freeze, Mode, Soak, Spec, SpecSeen, Stage
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint, Witness
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Container
from lambdas.gate.state.orders import Override
from tests.lambdas.builders import NOW, SPEC, approval, arn, endpoint, fired, head, live, package
from tests.lambdas.fakes import World

MODELS = SPEC.model_artifacts
ANN = Identity(arn="arn:aws:iam::123456789012:user/ann")
BO = Identity(arn="arn:aws:iam::123456789012:user/bo")
CY = Identity(arn="arn:aws:iam::123456789012:user/cy")
OP = "arn:aws:iam::123456789012:user/op"
GIVEN = NOW - 5
HINT = ApprovalHint(arn(2), GIVEN)


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live. Version 2, which Ann registered, was just approved by Bo; both have an artifact."""
    nowhere.begin(head(live=live(1), approved=(1,)))
    for number in (1, 2, 3):
        nowhere.artifacts.objects[_model(number)] = (f"etag-{number}", NOW - 9000)
    _put(nowhere, 1)
    _put(nowhere, 2, modified_at=GIVEN, modifier=BO, modified_by=BO.arn, registered_by=ANN)
    return nowhere


def _model(number: int) -> str:
    return f"{MODELS}{number}.tar.gz"


def _put(world: World, number: int, **fields: Any) -> None:
    world.registry.put(number, **{"containers": (Container(None, model_data=_model(number)),)} | fields)


def _approve(world: World, number: int, by: Identity, **fields: Any) -> Any:
    """Somebody approves a version now, and the event comes along."""
    world.now += 1
    before = world.registry.packages.get(arn(number)) or package(number)
    changed: dict[str, Any] = {
        "modified_at": world.now,
        "modifier": by,
        "modified_by": by.arn,
        "approval_status": "Approved",
    }
    world.registry.packages[arn(number)] = dataclasses.replace(before, **changed | fields)
    return world.reconcile(ApprovalHint(arn(number), world.now))


def _version(world: World) -> str | None:
    world.hosting.finish()
    world.settle()
    assert world.head.live is not None
    return world.head.live.version


def test_what_passes_goes_live_with_its_verdict_on_the_record(world: World) -> None:
    world.ask(four_eyes=True)
    world.reconcile(HINT)
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    told = opened.detail["gate"]
    assert told["answer"] is Answer.PASSED
    assert [(check["name"], check["result"]) for check in told["checks"]] == [
        ("four_eyes", Result.PASSED),
        ("containers", Result.PASSED),
        ("artifacts", Result.PASSED),
        ("pin", Result.PASSED),
    ]
    assert told["pin"]["artifacts"][0]["etag"] == "etag-2"
    assert world.kinds == ["approval_seen", "approval_pinned", "attempt_opened", "attempt_accepted"]
    assert _version(world) == arn(2)


# Four eyes


def test_who_registered_it_cannot_approve_it_and_somebody_else_can(world: World) -> None:
    world.ask(four_eyes=True)
    assert type(_approve(world, 2, ANN)) is Hold
    for _ in range(4):
        assert type(world.reconcile(after=300)) is Hold
    (held,) = world.facts(Kind.HELD)
    assert (held.version, held.detail["gate"]["answer"]) == (arn(2), Answer.HELD)
    assert world.hosting.accepted == []
    _approve(world, 2, BO)
    assert _version(world) == arn(2)


def test_who_changed_a_version_before_it_was_recorded_cannot_approve_it(world: World) -> None:
    world.ask(four_eyes=True)
    _put(world, 2, approval_status="PendingManualApproval", modifier=ANN, registered_by=BO, is_modified=True)
    world.reconcile(named=(arn(2),))
    assert type(_approve(world, 2, ANN)) is Hold
    _approve(world, 2, CY)
    assert _version(world) == arn(2)


def test_the_call_that_writes_the_specification_cannot_approve_it(world: World) -> None:
    world.ask(four_eyes=True)
    _put(world, 2, modified_at=GIVEN, modifier=BO, registered_by=ANN, is_modified=True)
    assert type(world.reconcile(dataclasses.replace(HINT, specifies=True))) is Hold
    (seen,) = world.facts(Kind.APPROVAL_SEEN)
    assert seen.detail["wrote_specification"] is True
    _approve(world, 2, BO)
    assert _version(world) == arn(2)


def test_an_edit_before_the_first_look_hides_the_approver_until_the_trail_names_them(world: World) -> None:
    world.ask(four_eyes=True)
    _put(world, 2, modified_at=NOW - 1, modifier=ANN, registered_by=ANN)
    assert type(world.reconcile(HINT)) is Hold
    told = Witness(arn(2), BO, GIVEN, "Approved")
    assert type(world.reconcile(after=60, witnesses=(told,))) is Hold
    world.record(told)
    world.reconcile(after=60)
    assert _version(world) == arn(2)
    assert "approver_witnessed" in world.kinds


def test_the_trail_may_come_first(world: World) -> None:
    world.ask(four_eyes=True)
    world.reconcile(witnesses=(Witness(arn(2), BO, GIVEN, "Approved"),))
    world.reconcile(HINT, after=5)
    assert _version(world) == arn(2)
    assert "approver_disputed" not in world.kinds


def test_what_the_trail_told_at_a_first_look_that_has_to_wait_comes_again(nowhere: World) -> None:
    nowhere.hosting.now = endpoint("by-hand", status="Updating")
    assert type(nowhere.reconcile(witnesses=(Witness(arn(2), BO, GIVEN, "Approved"),))) is Defer


def test_no_write_is_too_large_for_a_transaction(world: World) -> None:
    """100 items: the head, the mark of an open attempt, and two for each fact."""
    for number in range(2, 40):
        _put(world, number, modified_at=NOW - 100 + number, modifier=ANN, containers=(Container(None),))
    told = tuple(Witness(arn(number), BO, NOW - 100 + number, "Approved") for number in range(30, 40))
    world.record(*told)
    world.reconcile(witnesses=told)
    sizes = [call.count("+") + 1 for call in world.journal.calls if call.startswith("write ")]
    assert (sum(sizes), max(sizes) <= 49) == (38 + 5 + 10 + 2, True)


def test_a_trail_that_names_another_shuts_the_gate(world: World) -> None:
    world.ask(four_eyes=True, freeze=(Freeze("* * * * *", 1, "UTC"),))
    world.reconcile(HINT)
    world.ask(four_eyes=True)
    told = Witness(arn(2), ANN, GIVEN, "Approved")
    world.record(told)
    decision = world.reconcile(after=60, witnesses=(told,))
    assert type(decision) is Hold
    assert "the registry and CloudTrail name different approvers" in decision.reason
    world.reconcile(after=60, witnesses=(told,))
    assert len(world.facts(Kind.APPROVER_DISPUTED)) == 1
    _approve(world, 2, BO)
    assert _version(world) == arn(2)


# What was approved is what runs


def test_an_artifact_that_was_changed_while_it_waited_is_refused_until_it_is_approved_again(world: World) -> None:
    world.ask(four_eyes=True, freeze=(Freeze("* * * * *", 1, "UTC"),))
    assert type(world.reconcile(HINT)) is Hold
    world.ask(four_eyes=True)
    world.artifacts.objects[_model(2)] = ("etag-evil", NOW + 10)
    decision = world.reconcile(after=60)
    assert (type(decision), world.head.approvals) == (Refuse, ())
    assert type(world.reconcile(after=300)) is Keep
    (refused,) = world.facts(Kind.APPROVAL_REFUSED)
    assert "2.tar.gz was changed: ETag etag-evil; not ETag etag-2 after the approval" in refused.summary
    assert refused.detail["gate"]["pin"]["artifacts"][0]["etag"] == "etag-2"
    _approve(world, 2, BO)
    assert _version(world) == arn(2)


def test_a_specification_that_was_changed_while_it_waited_is_refused(world: World) -> None:
    world.ask(freeze=(Freeze("* * * * *", 1, "UTC"),))
    world.reconcile(HINT)
    _put(world, 2, specification="fedcba9876543210")
    decision = world.reconcile(after=60)
    assert type(decision) is Refuse
    assert "its InferenceSpecification was changed after the approval" in decision.reason


def test_an_artifact_that_was_written_between_the_approval_and_the_first_look_is_refused(world: World) -> None:
    world.artifacts.objects[_model(2)] = ("etag-evil", GIVEN + 2)
    assert type(world.reconcile(HINT)) is Refuse


@pytest.mark.parametrize("pin", [True, False])
def test_what_cannot_be_read_holds_only_what_asks_for_it(world: World, *, pin: bool) -> None:
    world.ask(pin=pin)
    world.artifacts.unreadable = Unreadable("S3 is silent")
    assert type(world.reconcile(HINT)) is (Hold if pin else Wait)
    for _ in range(3):
        world.reconcile(after=300)
    held = ["held"] if pin else []
    pinned = [] if pin else ["approval_pinned"]
    assert [kind for kind in world.kinds if kind in ("held", "approval_pinned")] == held + pinned
    world.artifacts.unreadable = None
    world.reconcile(after=300)
    assert _version(world) == arn(2)


def _before_the_call(world: World, change: Any) -> None:
    """What happens between the intent and the call."""
    artifact = world.artifacts.artifact

    def read(spec: Spec, uri: str) -> Any:
        if any("attempt_opened" in call for call in world.journal.calls):
            change()
        return artifact(spec, uri)

    world.artifacts.artifact = read  # type: ignore[method-assign]


@pytest.mark.parametrize("what", ["artifact", "specification"])
def test_what_is_changed_right_before_the_call_does_not_go(world: World, what: str) -> None:
    def change() -> None:
        if what == "artifact":
            world.artifacts.objects[_model(2)] = ("etag-evil", NOW)
        else:
            _put(world, 2, modified_at=GIVEN, specification="fedcba9876543210")

    _before_the_call(world, change)
    decision = world.reconcile(HINT)
    assert (decision.outcome, decision.quarantine, decision.alert) == (Outcome.ABORTED, True, decision.reason)
    assert decision.reason.startswith("stopped right before the call: of FraudDetectionGroup/2 ")
    assert world.hosting.accepted == []
    assert world.kinds[-2:] == ["attempt_closed", "alert"]
    assert _version(world) == arn(1)
    assert world.hosting.accepted == []


def test_what_cannot_be_read_right_before_the_call_is_tried_again(world: World) -> None:
    def fall_silent() -> None:
        world.artifacts.unreadable = Unreadable("S3 is silent")

    _before_the_call(world, fall_silent)
    decision = world.reconcile(HINT)
    assert (decision.outcome, decision.quarantine, decision.reconcile_at) == (Outcome.FAILED, False, NOW + 300)
    assert decision.reason == "stopped right before the call: S3 is silent"
    assert world.hosting.accepted == []
    world.artifacts = type(world.artifacts)()
    world.artifacts.objects = {_model(number): (f"etag-{number}", NOW - 9000) for number in (1, 2)}
    world.reconcile(after=300)
    assert _version(world) == arn(2)


def test_a_package_that_is_busy_right_before_the_call_keeps_its_approval(world: World) -> None:
    def turn_busy(version: str) -> None:
        if any("attempt_opened" in call for call in world.journal.calls):
            _put(world, 2, modified_at=GIVEN, status="InProgress")

    world.registry.at_describe = turn_busy
    decision = world.reconcile(HINT)
    assert (decision.outcome, decision.quarantine, decision.reconcile_at) == (Outcome.FAILED, False, NOW + 300)
    assert [a.version for a in world.head.approvals] == [arn(2)]
    world.registry.at_describe = lambda version: None
    assert type(world.reconcile(after=300)) is Hold
    _put(world, 2, modified_at=GIVEN)
    world.reconcile(after=300)
    assert _version(world) == arn(2)


def test_a_way_back_that_was_changed_is_left_for_the_next_one(world: World) -> None:
    """Version 3 is live, 2 and 1 were good, and 2's artifact is not what it was."""
    for number in (1, 2, 3):
        _put(world, number)
    pinned = {number: world.pinning.read(SPEC, world.registry.packages[arn(number)]) for number in (1, 2, 3)}
    entries = [live(number, approval=approval(number, pin=pinned[number])) for number in (3, 2, 1)]
    world.begin(head(live=entries[0], good=tuple(entries[1:]), approved=(1, 2, 3)))
    world.hosting.now = endpoint("gate-v3")
    world.artifacts.objects[_model(2)] = ("etag-evil", NOW)
    _put(world, 3, approval_status="Rejected")
    decision = world.reconcile()
    assert (decision.outcome, decision.quarantine) == (Outcome.ABORTED, True)
    assert world.hosting.accepted == []
    world.reconcile(after=1)
    assert [fact.detail["purpose"] for fact in world.facts(Kind.ATTEMPT_OPENED)] == [Purpose.REVERT] * 2
    assert _version(world) == arn(1)


def test_a_live_version_that_was_changed_and_approved_again_is_rolled_out(world: World) -> None:
    world.reconcile(HINT)
    assert _version(world) == arn(2)
    _approve(world, 2, BO)
    assert len(world.hosting.accepted) == 1, "the same again is confirmed"
    world.now += 100
    world.artifacts.objects[_model(2)] = ("etag-retrained", world.now)
    _approve(world, 2, BO)
    assert len(world.hosting.accepted) == 2
    assert _version(world) == arn(2)


def test_a_live_version_that_was_changed_and_approved_again_waits_for_its_artifact_to_be_readable(world: World) -> None:
    """Whether it is what serves is not known before."""
    world.reconcile(HINT)
    assert _version(world) == arn(2)
    world.now += 100
    world.artifacts.objects[_model(2)] = ("etag-retrained", world.now)
    world.artifacts.unreadable = Unreadable("S3 is silent")
    assert type(_approve(world, 2, BO)) is Hold
    world.artifacts.unreadable = None
    world.reconcile(after=300)
    assert len(world.hosting.accepted) == 2
    assert _version(world) == arn(2)


# Conditions on evidence


def test_a_metric_worse_than_live_holds_and_a_review_lets_it_pass(world: World) -> None:
    f1, review = "metrics.ModelQuality.Statistics.f1", "customer_metadata.risk_review == 'passed'"
    no_worse = f"live == null || {f1} >= live.{f1}"
    world.ask(require=(Condition("no-worse", no_worse), Condition("risk-review", review)))
    for number, value in ((1, 0.9), (2, 0.8)):
        uri = f"{MODELS}{number}.json"
        source = {"ContentType": "application/json", "S3Uri": uri}
        described: dict[str, Any] = {"ModelMetrics": {"ModelQuality": {"Statistics": source}}}
        world.artifacts.contents[uri] = {"f1": value}
        _put(world, number, modified_at=GIVEN if number == 2 else NOW - 5000, description=described)
    decision = world.reconcile(HINT)
    assert decision.verdict is not None
    assert [check.name for check in decision.verdict.checks if not check.is_passable] == [
        "require.no-worse",
        "require.risk-review",
    ]
    little_worse = f"live == null || sum([{f1}, `0.1`]) >= live.{f1}"
    world.ask(require=(Condition("no-worse", little_worse), Condition("risk-review", review)))
    described = {**world.registry.packages[arn(2)].description, "CustomerMetadataProperties": {"risk_review": "passed"}}
    _put(world, 2, modified_at=NOW + 200, description=described)
    world.reconcile(after=300)
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    assert [report["uri"] for report in opened.detail["gate"]["reports"]] == [f"{MODELS}2.json", f"{MODELS}1.json"]
    assert _version(world) == arn(2)


def test_nothing_is_live_on_an_endpoint_that_was_deleted(world: World) -> None:
    world.ask(require=(Condition("first", "live == null"),))
    assert type(world.reconcile(HINT)) is Hold
    world.hosting.now = None
    world.reconcile(after=300)
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    assert opened.detail["purpose"] is Purpose.CREATE


def test_a_version_goes_by_itself_when_it_has_soaked(world: World) -> None:
    world.ask(soak=Soak("staging", 24))
    assert type(world.reconcile(HINT)) is Hold
    world.begin(head(endpoint="staging", live=live(2, since=NOW - 23 * 3600)))
    decision = world.reconcile(after=300)
    assert (type(decision), decision.reconcile_at) == (Hold, NOW + 3600)
    world.reconcile(after=3300)
    assert _version(world) == arn(2)


# Holds


def test_a_held_version_goes_by_itself_when_the_freeze_ends(world: World) -> None:
    """NOW is a Friday, 8:00 UTC."""
    world.ask(freeze=(Freeze("0 7 * * FRI", 2, "UTC"),))
    decision = world.reconcile(HINT)
    assert (type(decision), decision.reconcile_at) == (Hold, NOW + 3600)
    for _ in range(3):
        assert type(world.reconcile(after=900)) is Hold
    assert len(world.facts(Kind.HELD)) == 1
    assert world.inbox.sent[-1] == ("fraud-detection", 900)
    world.reconcile(after=900)
    assert _version(world) == arn(2)


def test_a_held_version_is_looked_at_again_every_five_minutes(world: World) -> None:
    world.ask(approvers=("user/carol",))
    world.reconcile(HINT)
    world.reconcile(after=300)
    assert world.inbox.sent == [("fraud-detection", 300), ("fraud-detection", 300)]


def test_an_operator_lets_one_version_pass_one_check(world: World) -> None:
    world.ask(approvers=("user/carol",))
    _put(world, 2, modified_at=GIVEN, modifier=BO, modified_by=BO.arn, registered_by=ANN)
    world.reconcile(HINT)
    override = Override(world.head.approvals[0].order, "approvers", OP, "incident 7", NOW)
    world.begin(dataclasses.replace(world.head, overrides=(override,)))
    world.reconcile(after=60)
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    assert opened.summary.endswith(
        f"approvers failed: found user/bo, wanted one of user/carol (overridden by {OP}: incident 7)"
    )
    assert _version(world) == arn(2)
    assert world.head.overrides == ()
    assert type(_approve(world, 3, BO, containers=())) is Hold


def test_an_operator_lets_a_version_go_while_an_alarm_of_the_user_s_burns(world: World) -> None:
    world.watch.alarms["kpi"] = fired("kpi")
    assert type(world.reconcile(HINT)) is Hold
    override = Override(world.head.approvals[0].order, "alarms", "arn:op", "it is the cure", NOW)
    world.begin(dataclasses.replace(world.head, overrides=(override,)))
    world.reconcile(after=60)
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    assert opened.summary.endswith(", without: alarm kpi is in ALARM")
    assert "kpi" not in opened.detail["alarms"]


def test_another_check_s_override_does_not_let_it_go_past_a_burning_alarm(world: World) -> None:
    world.watch.alarms["kpi"] = fired("kpi")
    world.begin(dataclasses.replace(world.head, overrides=(Override(10, "freeze", "arn:op", "incident 7", NOW),)))
    assert type(world.reconcile(HINT)) is Hold


@pytest.mark.parametrize("check", ["approval_status", "pin"])
def test_nothing_overrides_the_approval_itself_nor_what_was_approved(world: World, check: str) -> None:
    override = Override(10, check, "arn:op", "please", NOW)
    world.begin(dataclasses.replace(world.head, overrides=(override,)))
    if check == "pin":
        world.artifacts.objects[_model(2)] = ("etag-evil", NOW)
    else:
        _put(world, 2, approval_status="Rejected")
        waiting = dataclasses.replace(world.head, approved=(1, 2), approvals=(approval(2, order=10),))
        world.begin(waiting)
    world.reconcile(HINT)
    assert world.head.approvals == ()
    assert world.hosting.accepted == []


def test_a_pause_of_all_endpoints_holds_this_one(world: World) -> None:
    world.begin(Head(names.ALL, SpecSeen(0, 0.0), horizon=0.0, paused="audit"))
    decision = world.reconcile(HINT)
    assert decision == Hold(
        "all endpoints are paused: audit",
        reconcile_at=NOW + 300,
        notice=Notice(Code.ALL_PAUSED, "audit"),
        approval=world.head.approvals[0],
    )
    assert world.hosting.configs == {}
    world.begin(Head(names.ALL, SpecSeen(0, 0.0), horizon=0.0))
    world.reconcile(after=300)
    assert _version(world) == arn(2)


def test_a_pause_of_all_endpoints_holds_the_way_back_too(world: World) -> None:
    world.begin(head(live=live(2), good=(live(1),), approved=(1, 2)))
    world.begin(Head(names.ALL, SpecSeen(0, 0.0), horizon=0.0, paused="audit"))
    world.hosting.now = endpoint("gate-v2")
    _put(world, 2, approval_status="Rejected")
    assert world.reconcile().reason == "all endpoints are paused: audit"


def test_what_burns_during_a_pause_of_all_endpoints_is_left_to_whoever_paused(world: World) -> None:
    world.begin(head(live=live(2, since=NOW - 600), good=(live(1),), approved=(1, 2)))
    world.begin(Head(names.ALL, SpecSeen(0, 0.0), horizon=0.0, paused="audit"))
    world.hosting.now = endpoint("gate-v2")
    world.watch.alarms["kpi"] = fired("kpi", NOW - 60)
    assert world.reconcile().reason == "all endpoints are paused: audit"
    assert world.head.quarantined == ()


def test_a_spec_that_only_advises_says_so_and_lets_it_pass(world: World) -> None:
    world.ask(require=(Condition("f1", "metrics.f1 >= `0.8`", mode=Mode.ADVISE),))
    world.reconcile(HINT)
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    assert "require.f1 could not be evaluated: found" in opened.summary
    assert opened.summary.endswith("(advised)")


# Approval by stage

PRODUCTION = Stage("Production", "Approved")
THERE = {"ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"}}


def _staged(world: World) -> None:
    """Version 1 is live and at the stage; version 2 is Approved and is not."""
    world.ask(stage=PRODUCTION)
    _put(world, 1, description=THERE)
    world.begin(dataclasses.replace(world.head, stage=PRODUCTION))


def _move(world: World, number: int, **described: Any) -> Any:
    world.now += 1
    _put(world, number, modified_at=world.now, modifier=BO, description=described)
    return world.reconcile(ApprovalHint(arn(number), world.now, by_stage=True))


def test_reaching_the_stage_is_the_approval_and_leaving_it_the_revocation(world: World) -> None:
    _staged(world)
    assert type(world.reconcile(HINT)) is Keep
    _move(world, 2, **THERE)
    assert _version(world) == arn(2)
    _move(world, 2, ModelLifeCycle={"Stage": "Retired", "StageStatus": "Approved"})
    assert _version(world) == arn(1)
    (revoked,) = world.facts(Kind.APPROVAL_REVOKED)
    assert revoked.version == arn(2)
    _move(world, 2, **THERE)
    assert _version(world) == arn(2)


def test_leaving_the_stage_during_the_rollout_aborts_it(world: World) -> None:
    _staged(world)
    _move(world, 2, **THERE)
    assert type(_move(world, 2)) is RequestAbort


def test_leaving_the_stage_right_before_the_call_stops_it(world: World) -> None:
    _staged(world)

    def leave(version: str) -> None:
        if any("attempt_opened" in call for call in world.journal.calls):
            _put(world, 2)

    world.registry.at_describe = leave
    assert _move(world, 2, **THERE).outcome is Outcome.ABORTED
    assert world.hosting.accepted == []


def test_a_stage_says_nothing_where_the_spec_names_none(world: World) -> None:
    world.reconcile(HINT)
    assert _version(world) == arn(2)
    _move(world, 2, **THERE)
    _move(world, 1, **THERE)
    assert world.kinds.count("approval_seen") == 1
    assert _version(world) == arn(2)


@pytest.mark.parametrize("stage", [PRODUCTION, None])
def test_a_spec_that_names_another_stage_begins_anew_and_surprises_nobody(world: World, stage: Stage | None) -> None:
    """What was Approved before was not approved by what counts now."""
    _put(world, 2, description=THERE)
    _put(world, 3)
    world.begin(head(live=live(1), approved=(1, 2, 3), stage=None if stage else PRODUCTION))
    world.ask(stage=stage)
    assert world.specs.stored is not None
    world.specs.stored = StoredSpec(world.specs.stored.spec, SpecSeen(2, NOW - 10))
    assert type(world.reconcile()) is Keep
    assert world.kinds == ["spec_changed", "baseline"]
    assert (world.head.stage, world.head.approved) == (stage, (2,) if stage else (1, 2, 3))
    assert type(world.reconcile(after=300)) is Keep
    assert world.hosting.accepted == []


def test_an_approval_behind_an_endpoint_that_somebody_keeps_busy_is_reported_once(world: World) -> None:
    before, world.hosting.now = world.hosting.now, endpoint(status="Updating")
    world.reconcile(HINT)
    for _ in range(48):
        assert type(world.reconcile(after=3600)) is Wait
    (held,) = world.facts(Kind.HELD)
    assert (held.version, held.detail["endpoint_status"]) == (arn(2), "Updating")
    world.hosting.now = before
    world.reconcile(after=300)
    assert [fact.version for fact in world.facts(Kind.ATTEMPT_OPENED)] == [arn(2)]


def test_a_held_version_that_a_later_approval_overtakes_does_not_vanish(world: World) -> None:
    world.ask(require=(Condition("never", "`2` == approval.comment"),))
    assert type(world.reconcile(HINT)) is Hold
    world.ask()
    _approve(world, 3, BO)
    (over,) = world.facts(Kind.APPROVAL_OVERTAKEN)
    assert (over.version, over.detail["overtaken_by"]) == (arn(2), arn(3))


def test_a_package_that_stays_pending_is_reported_once_and_so_is_its_end(world: World) -> None:
    _put(world, 2, modified_at=GIVEN, status="Pending")
    world.reconcile(HINT)
    for _ in range(5):
        assert type(world.reconcile(after=3600)) is Hold
    assert [fact.version for fact in world.facts(Kind.HELD)] == [arn(2)]
    world.change(2, approval_status="Rejected")
    world.reconcile(after=60)
    assert [fact.detail["waited"] for fact in world.facts(Kind.APPROVAL_REVOKED)] == [True]
