"""One attempt, from the decision to the answer of SageMaker: the real ledger, fakes around it."""

import dataclasses
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from lambdas.gate import names
from lambdas.gate.aws.errors import AlreadyExists, Denied, InProgress, Limited, NotFound, Refused, Throttled
from lambdas.gate.aws.ledger import Conflict, Ledger
from lambdas.gate.decide.action import Accept, Alert, Close, Defer, Hold, Wait
from lambdas.gate.policy.checks import ALARMS
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.serving import Capture, Serving
from lambdas.gate.spec.spec import Variant
from lambdas.gate.state.attempt import Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.hour import Hour
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Container
from lambdas.gate.state.orders import Override
from lambdas.gate.state.shared_minute import Count
from lambdas.gate.state.tries import Quarantined
from lambdas.gate.timing import LOCK
from tests.lambdas.builders import (
    NOW,
    SPEC,
    approval,
    arn,
    config_name,
    endpoint,
    fired,
    head,
    live,
    model_name,
    package,
)
from tests.lambdas.fakes import World

CONFIG = config_name(2, order=10, attempt=4)
"""Of the attempt after three, for the approval after nine."""
OWN = alarms.rollout_names(SPEC, CONFIG)


@pytest.fixture
def world(nowhere: World) -> World:
    """Version 1 is live, version 2 was just approved."""
    nowhere.begin(head(live=live(1), approved=(1,)))
    nowhere.registry.put(1)
    nowhere.registry.put(2)
    return nowhere


def test_the_writing_calls_and_their_order(world: World) -> None:
    decision = world.reconcile()
    assert world.journal.calls == [
        "CreateModel",
        "CreateEndpointConfig",
        "PutMetricAlarm",
        "write approval_seen+approval_pinned+attempt_opened",
        "UpdateEndpoint",
        "write attempt_accepted",
        "SendMessage",
    ]
    assert decision == Wait(f"put FraudDetectionGroup/2 live, approved by {approval(2).by}", reconcile_at=NOW + 1500)
    assert world.hosting.configs == {CONFIG: arn(2)}
    assert set(world.watch.alarms) == {"kpi", *OWN}


@pytest.mark.parametrize(
    "change", [{"specification": "fedcba9876543210"}, {"modified_at": NOW + 5}], ids=["specification", "an edit"]
)
def test_a_version_that_was_changed_since_a_reconcile_that_ended_has_another_config(
    world: World, change: dict[str, Any]
) -> None:
    """The numbers are given again, and the config that is there leads to the model of what the package was before."""
    seen = world.head

    def write() -> None:
        Ledger(world.dynamodb, names.LEDGER).write(seen, seen)

    world.ledger.interfere = write
    with pytest.raises(Conflict):
        world.reconcile()
    world.registry.put(2, **change)
    world.reconcile(after=10)
    assert world.head.attempts == 4
    assert [world.hosting.configs[each["EndpointConfigName"]] for each in world.hosting.accepted] == [arn(2)]
    assert len(world.hosting.configs) == 2


def test_the_approval_is_read_once_more_between_the_intent_and_the_call(world: World) -> None:
    at_read: list[list[str]] = []
    world.registry.at_describe = lambda version: at_read.append(list(world.journal.calls))
    world.reconcile()
    intent = ["write approval_seen+approval_pinned+attempt_opened"]
    # After the first read the live version is compared. Then once for what it names, and last for its status.
    assert [calls[-1:] for calls in at_read] == [[], ["PutMetricAlarm"], intent, intent]


def test_the_update_carries_the_guardrails_and_keeps_the_capacity(world: World) -> None:
    world.reconcile()
    guards = [{"AlarmName": name} for name in (*OWN, "kpi")]
    assert world.hosting.accepted == [
        {
            "EndpointConfigName": CONFIG,
            "DeploymentConfig": {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {
                        "Type": "CANARY",
                        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
                        "WaitIntervalInSeconds": 300,
                    },
                    "TerminationWaitInSeconds": 300,
                    "MaximumExecutionTimeoutInSeconds": 3600,
                },
                "AutoRollbackConfiguration": {"Alarms": guards},
            },
            "keep_count": True,
            "keep_capture": True,
        }
    ]


def test_the_head_knows_the_attempt_and_that_it_was_accepted(world: World) -> None:
    world.reconcile()
    attempt = world.head.attempt
    assert attempt is not None
    assert (attempt.number, attempt.approval.version, attempt.purpose) == (4, arn(2), Purpose.UPDATE)
    assert (attempt.fleet.config, attempt.previous_config) == (CONFIG, "gate-v1")
    assert (attempt.opened_at, attempt.accepted_at, attempt.expected_end) == (NOW, NOW, NOW + 1500)
    assert attempt.alarms == (*OWN, "kpi")
    assert world.head.look_at == NOW + 900
    assert world.inbox.sent == [("fraud-detection", 900)]


def test_revoked_between_the_intent_and_the_call(world: World) -> None:
    def revoke(version: str) -> None:
        if "write approval_seen+approval_pinned+attempt_opened" in world.journal.calls:
            world.registry.put(2, approval_status="Rejected")

    world.registry.at_describe = revoke
    decision = world.reconcile()
    assert (type(decision), decision.outcome) == (Close, Outcome.ABORTED)
    assert decision.reason == "stopped right before the call: its approval status is Rejected"
    assert world.hosting.accepted == []
    assert world.head.attempt is None
    assert set(world.watch.alarms) == {"kpi"}
    world.settle()
    assert (world.head.live, world.head.approved, world.head.approvals) == (live(1), (1,), ())
    assert world.kinds == ["approval_seen", "approval_pinned", "attempt_opened", "attempt_closed", "approval_revoked"]


def test_revoked_right_before_the_call_and_approved_again_before_the_next_look(world: World) -> None:
    """The events of both are lost, and no look sees it revoked."""

    def revoke(version: str) -> None:
        if "write approval_seen+approval_pinned+attempt_opened" in world.journal.calls:
            world.registry.put(2, approval_status="Rejected")

    world.registry.at_describe = revoke
    world.reconcile()
    world.registry.at_describe = lambda version: None
    world.registry.put(2)
    world.settle()
    assert world.kinds == [
        "approval_seen",
        "approval_pinned",
        "attempt_opened",
        "attempt_closed",
        "attempt_opened",
        "attempt_accepted",
        "attempt_closed",
    ]


@pytest.mark.parametrize(
    "lost",
    [
        ClientError({"Error": {"Code": "InternalFailure", "Message": "Try later."}}, "DescribeModelPackage"),
        ReadTimeoutError(endpoint_url="https://sagemaker"),
    ],
    ids=["internal error", "no answer"],
)
def test_an_approval_that_cannot_be_read_before_the_call_is_tried_again_with_growing_distance(
    world: World, lost: Exception
) -> None:
    def fail(version: str) -> None:
        if "write approval_seen+approval_pinned+attempt_opened" in world.journal.calls:
            raise lost

    world.registry.at_describe = fail
    decision = world.reconcile()
    told = f"stopped right before the call: FraudDetectionGroup/2 could not be read: {lost}"
    assert (decision.outcome, decision.quarantine, decision.reason) == (Outcome.FAILED, False, told)
    assert decision.reconcile_at == NOW + 300
    assert world.hosting.accepted == []


def test_deleted_between_the_intent_and_the_call(world: World) -> None:
    def delete(version: str) -> None:
        if "write approval_seen+approval_pinned+attempt_opened" in world.journal.calls:
            world.registry.packages.pop(arn(2), None)

    world.registry.at_describe = delete
    assert world.reconcile().outcome == Outcome.ABORTED
    assert world.hosting.accepted == []


@pytest.mark.parametrize(
    "refusal",
    [InProgress('Cannot update in-progress endpoint "arn".'), Throttled("Rate exceeded")],
    ids=["in progress", "throttled"],
)
def test_a_refusal_that_passes_by_itself_is_tried_again_and_counts_for_nothing(
    world: World, refusal: Exception
) -> None:
    for _ in range(6):
        world.hosting.refusals = [refusal]
        decision = world.reconcile(after=61)
        assert (type(decision), decision.outcome, decision.quarantine) == (Close, Outcome.FAILED, False)
        assert decision.reason == f"SageMaker is busy: {refusal}"
        assert decision.reconcile_at == world.now + 60
        assert world.head.quarantined == ()
        assert [retry.tries for retry in world.head.retries] == [0]
        assert set(world.watch.alarms) == {"kpi"}
    world.reconcile(after=61)
    assert len(world.hosting.accepted) == 1
    assert "alert" not in world.kinds


@pytest.mark.parametrize(
    "refusal",
    [
        Denied("not authorized to perform: sagemaker:UpdateEndpoint"),
        NotFound('Could not find endpoint configuration "arn".'),
    ],
    ids=["denied", "config not visible"],
)
def test_a_refusal_that_may_pass_is_tried_again_with_growing_distance_and_given_up(
    world: World, refusal: Exception
) -> None:
    distances = []
    for _ in range(3):
        world.hosting.refusals = [refusal]
        decision = world.reconcile()
        assert (decision.outcome, decision.quarantine, decision.reason) == (
            Outcome.FAILED,
            False,
            f"SageMaker refused: {refusal}",
        )
        assert decision.reconcile_at is not None
        distances.append(decision.reconcile_at - world.now)
        assert type(world.reconcile(after=distances[-1] - 1)) is Wait
        world.now += 1
    assert distances == [300, 900, 2700]
    world.hosting.refusals = [refusal]
    decision = world.reconcile()
    assert decision.quarantine
    assert decision.alert == f"FraudDetectionGroup/2 is given up after 4 tries: SageMaker refused: {refusal}"
    assert world.kinds[-2:] == ["attempt_closed", "alert"]
    world.settle()
    assert world.hosting.accepted == []
    assert set(world.watch.alarms) == {"kpi"}


def test_a_refusal_for_good_is_quarantined_with_the_words_of_aws(world: World) -> None:
    refused = Refused("Value '51' at 'canarySize' failed to satisfy constraint")
    world.hosting.refusals = [refused, refused]
    decision = world.reconcile()
    reason = "SageMaker refused: Value '51' at 'canarySize' failed to satisfy constraint"
    assert decision == Close(reason, NOW, outcome=Outcome.FAILED, quarantine=True, alert=reason)
    assert world.kinds == ["approval_seen", "approval_pinned", "attempt_opened", "attempt_closed", "alert"]
    assert [(q.approval.version, q.reason) for q in world.head.quarantined] == [(arn(2), reason)]
    assert set(world.watch.alarms) == {"kpi"}
    world.settle()
    assert world.hosting.accepted == []
    assert world.kinds.count("alert") == 1


@pytest.mark.parametrize(
    "lost",
    [ReadTimeoutError(endpoint_url="https://sagemaker"), ConnectTimeoutError(endpoint_url="https://sagemaker")],
    ids=["read timeout", "connect timeout"],
)
@pytest.mark.parametrize("acted", [True, False])
def test_a_lost_answer_leaves_the_attempt_open_to_be_judged_by_its_witnesses(
    world: World, lost: Exception, *, acted: bool
) -> None:
    (world.hosting.lost if acted else world.hosting.refusals).append(lost)
    with pytest.raises(type(lost)):
        world.reconcile()
    attempt = world.head.attempt
    assert attempt is not None
    assert attempt.accepted_at is None
    world.settle()
    assert world.head.attempt is None
    assert world.head.live is not None
    assert world.head.live.version == arn(2)
    assert len(world.hosting.accepted) == 1
    assert world.kinds.count("attempt_opened") == (1 if acted else 2)


def test_another_invocation_that_wrote_first_wins_and_nothing_is_called(world: World) -> None:
    seen = world.head

    def pause() -> None:
        world.begin(dataclasses.replace(seen, paused="by an operator"))

    world.ledger.interfere = pause
    with pytest.raises(Conflict):
        world.reconcile()
    assert world.hosting.accepted == []
    assert type(world.reconcile()) is Hold


def test_an_operator_who_writes_during_the_call_does_not_hide_that_it_was_accepted(world: World) -> None:
    def pause() -> None:
        world.begin(dataclasses.replace(world.head, paused="by an operator"))

    def later(version: str) -> None:
        if "write approval_seen+approval_pinned+attempt_opened" in world.journal.calls:
            world.ledger.interfere = pause

    world.registry.at_describe = later
    with pytest.raises(Conflict):
        world.reconcile()
    assert len(world.hosting.accepted) == 1
    world.registry.at_describe = lambda version: None
    assert type(world.reconcile(after=20)) is Accept
    assert world.head.attempt is not None
    assert world.head.attempt.accepted_at == world.now


def test_an_open_intent_younger_than_the_lock_is_another_invocation_at_work(world: World) -> None:
    world.hosting.refusals = [ConnectTimeoutError(endpoint_url="https://sagemaker")]
    with pytest.raises(ConnectTimeoutError):
        world.reconcile()
    calls = list(world.journal.calls)
    assert world.reconcile(after=LOCK - 1) == Defer(
        "another invocation is about to update the endpoint", reconcile_at=NOW + LOCK
    )
    assert world.journal.calls == calls


def not_prepared(answer: str) -> Alert:
    reason = f"AWS refused to prepare the rollout: {answer}"
    return Alert(reason, reconcile_at=NOW + 300, notice=Notice(Code.ROLLOUT_NOT_PREPARED, answer))


def test_a_version_that_aws_makes_no_model_of_is_told_and_nothing_is_opened(world: World) -> None:
    world.hosting.no_model = Refused("The model package is not Approved")
    assert world.reconcile() == not_prepared("The model package is not Approved")
    assert world.kinds == ["approval_seen", "approval_pinned", "alert"]
    assert world.inbox.sent == [("fraud-detection", 300)]


def test_a_denial_while_preparing_is_told_and_nothing_is_opened(world: World) -> None:
    """A service control policy that asks every model for a VPC denies as IAM does."""
    world.hosting.no_model = Denied("not authorized to perform: sagemaker:CreateModel")
    assert world.reconcile() == not_prepared("not authorized to perform: sagemaker:CreateModel")
    assert world.kinds == ["approval_seen", "approval_pinned", "alert"]


def test_the_quota_of_alarms_is_told_and_nothing_is_opened(world: World) -> None:
    world.watch.no_alarm = Limited("The maximum limit of alarms has been reached")
    assert world.reconcile() == not_prepared("The maximum limit of alarms has been reached")
    assert world.kinds == ["approval_seen", "approval_pinned", "alert"]


@pytest.mark.parametrize("unseen", ["config", "alarm"])
def test_what_was_just_made_and_is_not_visible_yet_is_looked_for_again(world: World, unseen: str) -> None:
    if unseen == "config":
        world.hosting.visible = False
    else:
        world.watch.visible = False
    decision = world.reconcile()
    assert (type(decision), decision.reconcile_at) == (Wait, NOW + 30)
    assert world.hosting.accepted == []
    # The approval is in the ledger, not only in the message.
    assert [a.version for a in world.head.approvals] == [arn(2)]
    assert world.inbox.sent == [("fraud-detection", 30)]


def test_a_rollout_that_is_held_leaves_nothing_behind(world: World) -> None:
    world.watch.alarms["kpi"] = fired("kpi")
    decision = world.reconcile()
    assert decision == Hold(
        "the rollout would end at once: alarm kpi is in ALARM",
        reconcile_at=NOW + 300,
        notice=Notice(Code.ALARMS_UNFIT, "kpi: IN_ALARM"),
        approval=world.head.approvals[0],
    )
    assert world.journal.calls == ["write approval_seen+approval_pinned+held", "SendMessage"]
    world.reconcile(after=300)
    assert world.kinds == ["approval_seen", "approval_pinned", "held"]
    world.watch.alarms["kpi"] = None
    world.reconcile(after=300)
    assert len(world.hosting.accepted) == 1


def test_a_revert_goes_ahead_without_the_burning_alarm_and_says_so(world: World) -> None:
    world.begin(head(live=live(2), good=(live(1),), approved=(1, 2), orders=9))
    world.registry.put(2, approval_status="Rejected")
    world.hosting.now = endpoint("gate-v2")
    world.watch.alarms["kpi"] = fired("kpi")
    decision = world.reconcile()
    assert decision.reason == (
        "FraudDetectionGroup/2 is live and was revoked; back to FraudDetectionGroup/1, without: alarm kpi is in ALARM"
    )
    (update,) = world.hosting.accepted
    assert "kpi" not in [a["AlarmName"] for a in update["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]]
    assert update["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["Type"] == "ALL_AT_ONCE"
    assert [f.summary for f in world.ledger.facts if f.kind is Kind.ATTEMPT_OPENED] == [decision.reason]


@pytest.mark.parametrize("changed", [True, False])
def test_a_revert_passes_over_a_changed_version_that_aws_makes_no_model_of(world: World, changed: bool) -> None:
    world.begin(head(live=live(3), good=(live(2), live(1)), approved=(1, 2, 3), orders=9))
    world.hosting.now = endpoint("gate-v3")
    for number in (1, 2):
        world.registry.put(number)
    if changed:
        world.registry.put(2, fixed=64 * "e", specification=64 * "f")
    world.registry.put(3, approval_status="Rejected")
    world.hosting.no_model = Refused("Environment variable map cannot be specified both")
    assert isinstance(world.reconcile(), Close if changed else Alert)
    world.hosting.no_model = None
    world.reconcile(after=300)
    opened = world.facts(Kind.ATTEMPT_OPENED)[-1]
    assert (opened.version, len(world.hosting.accepted)) == (arn(1 if changed else 2), 1)


def test_what_burns_goes_back_once_that_is_not_refused_any_more_though_its_alarm_is_out(world: World) -> None:
    world.begin(head(live=live(2, since=NOW - 600), good=(live(1),), approved=(1, 2), orders=9))
    world.hosting.now = endpoint("gate-v2")
    world.watch.alarms["kpi"] = fired("kpi", NOW - 60)
    world.hosting.no_model = Denied("not authorized")
    told = (
        "AWS refused to prepare the rollout: not authorized; "
        "meanwhile FraudDetectionGroup/2 is live, and its alarm fired"
    )
    assert world.reconcile().reason == told
    assert world.head.quarantined == (Quarantined(approval(2), SPEC.settings, told),)
    for state in (fired("kpi", NOW - 60), None, fired("kpi", NOW + 700), None):
        world.watch.alarms["kpi"] = state
        world.reconcile(after=300)
    assert (world.kinds, len(world.head.quarantined)) == (["alert"], 1)
    world.hosting.no_model = None
    assert (
        world.reconcile(after=300).reason
        == "FraudDetectionGroup/2 is live and is quarantined; back to FraudDetectionGroup/1"
    )
    assert len(world.hosting.accepted) == 1


@pytest.mark.parametrize("good", [(live(1),), ()], ids=["a good version", "none"])
def test_what_burns_while_the_next_version_is_held_goes_back_if_that_one_is_withdrawn(
    world: World, good: tuple[Live, ...]
) -> None:
    world.begin(head(live=live(2, since=NOW - 600), good=good, approved=(1, 2), orders=9))
    world.registry.put(3)
    world.hosting.now = endpoint("gate-v2")
    standing = alarms.standing_names(SPEC)[-1]
    world.watch.alarms[standing] = fired(standing, NOW - 60)
    world.hosting.no_model = Denied("not authorized")
    refused = "AWS refused to prepare the rollout: not authorized"
    told = f"{refused}; meanwhile FraudDetectionGroup/2 is live, and its alarm fired" if good else refused
    assert world.reconcile().reason == told
    assert world.head.quarantined == ((Quarantined(approval(2), SPEC.settings, told),) if good else ())
    assert [waiting.version for waiting in world.head.approvals] == [arn(3)]
    for state in (fired(standing, NOW + 200), None):
        world.watch.alarms[standing] = state
        world.reconcile(after=300)
    assert world.kinds.count("alert") == 1
    world.hosting.no_model = None
    world.registry.put(3, approval_status="Rejected")
    back = "FraudDetectionGroup/2 is live and is quarantined; back to FraudDetectionGroup/1"
    assert world.reconcile(after=300).reason == (back if good else "the live version is the wanted one")
    assert len(world.hosting.accepted) == len(good)


def test_a_first_create_has_no_alarms(world: World) -> None:
    world.begin(head(approvals=(approval(2, order=9),), approved=(1, 2)))
    world.hosting.now = None
    world.reconcile()
    config = config_name(2, order=9, attempt=4)
    assert world.journal.calls == [
        "CreateModel",
        "CreateEndpointConfig",
        "write attempt_opened",
        "CreateEndpoint",
        "write attempt_accepted",
        "SendMessage",
    ]
    assert world.hosting.accepted == [{"EndpointName": "fraud-detection", "EndpointConfigName": config}]
    assert world.head.attempt is not None
    assert world.head.attempt.alarms == ()


@pytest.mark.parametrize(
    ("variant", "autoscaled", "keep_count"),
    [
        (Variant("AllTraffic", "ml.m5.large", 2), False, True),
        (Variant("AllTraffic", "ml.m5.large", 4), False, False),
        (Variant("AllTraffic", "ml.m5.large", 4), True, True),
        (Variant("AllTraffic", "ml.m5.xlarge", 2), False, False),
    ],
    ids=["unchanged", "count changed", "count changed but autoscaled", "type changed"],
)
def test_when_the_spec_s_own_count_is_set(
    world: World, variant: Variant, *, autoscaled: bool, keep_count: bool
) -> None:
    assert world.specs.stored is not None
    spec = dataclasses.replace(SPEC, variant=variant)
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=spec)
    world.hosting.autoscaled = autoscaled
    world.reconcile()
    assert [update["keep_count"] for update in world.hosting.accepted] == [keep_count]


CAPTURED = Serving(data_capture=Capture(10, "s3://capture/", ("Input",)))


@pytest.mark.parametrize(
    ("serving", "captures", "keep_capture"),
    [(Serving(), False, True), (CAPTURED, False, False), (CAPTURED, True, False), (Serving(), True, False)],
    ids=["nothing is captured", "it begins", "it goes on", "it ends"],
)
def test_the_spec_says_what_is_captured_and_not_the_old_config(
    world: World, serving: Serving, *, captures: bool, keep_capture: bool
) -> None:
    assert world.specs.stored is not None
    assert world.hosting.now is not None
    world.specs.stored = dataclasses.replace(world.specs.stored, spec=dataclasses.replace(SPEC, serving=serving))
    world.hosting.now = dataclasses.replace(world.hosting.now, captures_data=captures)
    world.reconcile()
    assert [update["keep_capture"] for update in world.hosting.accepted] == [keep_capture]


def test_an_endpoint_that_was_not_to_be_seen_and_exists_is_looked_at_again(world: World) -> None:
    """DescribeEndpoint may be behind, and the create is refused."""
    there, world.hosting.now = world.hosting.now, None
    world.hosting.refusals = [AlreadyExists('Cannot create already existing endpoint "arn".')]
    decision = world.reconcile()
    assert (decision.outcome, decision.quarantine, decision.reconcile_at) == (Outcome.FAILED, False, NOW + 60)
    world.hosting.now = there
    world.settle()
    assert world.head.live
    assert (world.head.live.version, len(world.hosting.accepted)) == (arn(2), 1)


# What CreateModel really used

IMAGE, DIGEST = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1", f"sha256:{64 * 'a'}"
DATA = f"{SPEC.model_artifacts}2.tar.gz"
NAMED = Container(IMAGE, DIGEST, DATA)


@pytest.mark.parametrize(
    ("loaded", "told"),
    [
        (Container(None), None),
        (Container(IMAGE, DIGEST, DATA), None),
        (Container(f"{IMAGE.partition(':')[0]}@{DIGEST}", None, DATA), None),
        (Container("elsewhere/fraud:1"), "its model runs the image elsewhere/fraud:1, which is not the version's"),
        (
            Container(IMAGE, f"sha256:{64 * 'b'}"),
            f"its model runs an image with the digest sha256:{64 * 'b'}, which is not the version's",
        ),
        (
            Container(IMAGE, None, "s3://elsewhere/2.tar.gz"),
            "its model loads s3://elsewhere/2.tar.gz, which is not the version's",
        ),
        (
            Container(IMAGE, None, DATA, named=("s3://elsewhere/code.tar.gz",)),
            "its model loads s3://elsewhere/code.tar.gz, which is not the version's",
        ),
    ],
    ids=["nothing is shown", "all of it", "by digest", "image", "digest", "model data", "code"],
)
def test_a_model_that_loads_something_else_does_not_go_live(world: World, loaded: Container, told: str | None) -> None:
    world.registry.put(2, containers=(NAMED,))
    world.artifacts.objects[DATA] = ("e", NOW - 9000)
    world.hosting.loaded = (loaded,)
    decision = world.reconcile()
    if told is None:
        assert type(decision) is Wait
        return
    assert isinstance(decision, Close)
    assert (decision.outcome, decision.quarantine) == (Outcome.ABORTED, True)
    assert decision.reason == f"stopped right before the call: of FraudDetectionGroup/2 {told}"
    assert world.hosting.accepted == []


def test_a_model_that_is_not_visible_yet_is_waited_for(world: World) -> None:
    world.hosting.loaded = None
    decision = world.reconcile()
    assert decision == Wait(f"the model {model_name(package(2))} is not visible yet", reconcile_at=NOW + 30)
    world.hosting.loaded = (Container(None),)
    world.reconcile(after=30)
    assert len(world.hosting.accepted) == 1


def test_a_version_that_was_changed_while_its_model_was_made_is_tried_again_with_a_new_model(world: World) -> None:
    """It may have been changed back before the comparison, so that nothing else shows it."""
    times = iter([NOW - 1, NOW - 1])

    def edit(version: str) -> None:
        if "CreateModel" in world.journal.calls and (at := next(times, None)):
            world.registry.put(2, modified_at=at)

    world.registry.at_describe = edit
    decision = world.reconcile()
    assert isinstance(decision, Close)
    assert (decision.outcome, decision.quarantine) == (Outcome.FAILED, False)
    assert decision.reason == (
        "stopped right before the call: FraudDetectionGroup/2 was changed while its model was made; "
        "it is tried again with a new model"
    )
    assert world.hosting.accepted == []
    world.reconcile(after=120)
    assert len(world.hosting.accepted) == 1


def test_a_rollout_that_an_operator_let_go_in_spite_of_the_background_has_no_error_alarm(world: World) -> None:
    world.watch.hours = tuple(Hour(NOW - 3600 * place, Count(6000, 120)) for place in range(72, 0, -1))
    assert type(world.reconcile()) is Hold
    (waiting,) = world.head.approvals
    allowed = Override(waiting.order, ALARMS, "arn:op", "it has always been so", NOW)
    world.begin(dataclasses.replace(world.head, overrides=(allowed,)))
    world.reconcile(after=300)
    (accepted,) = world.hosting.accepted
    watched = [each["AlarmName"] for each in accepted["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]]
    assert [name.rpartition("/")[2] for name in watched] == ["model-errors-most", "p99-latency", "abort", "kpi"]
    assert not any(name.endswith("/model-errors") for name in world.watch.alarms)
    (opened,) = world.facts(Kind.ATTEMPT_OPENED)
    assert opened.summary.endswith("without: its error alarm, as the live version has always failed more")
