"""Golden requests in the ledger: which wrong answers are the new fleet's, and what is made of them."""

import dataclasses
import json
from typing import Any

import pytest

from lambdas.gate import codec, names
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Close, Defer, Wait
from lambdas.gate.decide.judgement import PARTLY_HEARD, judge
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.minimum_requests import MinimumRequests, Otherwise
from lambdas.gate.spec.spec import Golden, Spec, SpecSeen
from lambdas.gate.state.attempt import Attempt, Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.golden_result import GoldenResult, Wrong
from lambdas.gate.state.orders import Abort
from lambdas.gate.transitions import closing, golden
from tests.lambdas.builders import NOW, SPEC, arn, attempt, config_name, endpoint, fired, head, live, observed
from tests.lambdas.fakes import World
from tests.lambdas.request_model import violations

SET = "ff" * 32
OWN_NAMESPACE = "ApprovalGate/fraud-detection"
ROLE = "AROAPROBERPROBERPROBE"
SENDER = f"{ROLE}:approval-gate-prober-fraud-detection"
PROBED: Spec = dataclasses.replace(SPEC, golden=Golden(SET, 4, ROLE, OWN_NAMESPACE))
UNNAMED: Spec = dataclasses.replace(SPEC, golden=Golden(SET, 4))
"""The spec of a stack that an earlier release deployed."""
WRONG = Wrong("a large payment", "0.1", "0.9")
TOLD = "golden request 'a large payment': found 0.1, wanted 0.9"


def played(config: str | None = "gate-v2", *, failed: int = 1, **fields: Any) -> GoldenResult:
    defaults: dict[str, Any] = {"digest": SET, "at": NOW - 50, "alone": False, "wrong": (WRONG,) if failed else ()}
    defaults |= {"sender": SENDER}
    return GoldenResult(config=config, failed=failed, **defaults | fields)


RIGHT = played("gate-v1", failed=0, alone=True)
KNOWN = live(1, golden=RIGHT)
PART = played(failed=0, alone=True, is_part=True)
WHOLE = played(failed=0, alone=True)


# -- what is evidence of an attempt


@pytest.mark.parametrize(
    ("before", "found", "kept"),
    [
        pytest.param(KNOWN, played(), True, id="the live version answered the set right: the new fleet's"),
        pytest.param(live(1), played(), False, id="nobody knows what the live version answers: either fleet's"),
        pytest.param(live(1, golden=played("gate-v1", alone=True)), played(), False, id="it answers wrong as well"),
        pytest.param(
            live(1, golden=dataclasses.replace(RIGHT, digest="ab" * 32)), played(), False, id="that was another set"
        ),
        pytest.param(live(1), played(alone=True), True, id="all traffic was on the new fleet"),
        pytest.param(live(1), played("gate-v3", alone=True), False, id="of another fleet"),
        pytest.param(live(1), played(failed=0, alone=True), True, id="right answers of the new fleet alone"),
        pytest.param(KNOWN, played(failed=0), False, id="right answers that either fleet may have given"),
    ],
)
def test_which_answers_are_the_new_fleets(before: Any, found: GoldenResult, kept: bool) -> None:
    after, facts = golden.settle(PROBED, head(live=before, attempt=attempt()), (found,), NOW)
    assert after.attempt is not None
    assert (after.attempt.golden, facts) == (found if kept else None, ())


def test_the_first_wrong_answers_of_an_attempt_stand() -> None:
    first, second = played(at=NOW - 90), played(at=NOW - 60, failed=3)
    right = played(at=NOW - 30, failed=0, alone=True)
    after, _ = golden.settle(PROBED, head(live=KNOWN, attempt=attempt()), (right, second, first), NOW)
    assert after.attempt is not None
    assert after.attempt.golden == first


@pytest.mark.parametrize(
    ("before", "found", "kept"),
    [
        pytest.param(None, played(failed=0, alone=True), True, id="right ones of its set"),
        pytest.param(None, played(failed=0, alone=True, digest="ab" * 32), False, id="right ones of another set"),
        pytest.param(None, played(alone=True, digest="ab" * 32), True, id="wrong ones of another set"),
        pytest.param(PART, played(failed=0, alone=True), True, id="the whole set after a part of it"),
        pytest.param(played(failed=0, alone=True), PART, False, id="a part of it after the whole"),
        pytest.param(played(failed=0, alone=True), played(alone=True), True, id="wrong ones after right ones"),
    ],
)
def test_what_is_known_of_a_rollout_that_asked_for_golden_requests(
    before: GoldenResult | None, found: GoldenResult, kept: bool
) -> None:
    asked = attempt(golden_set=SET, golden=before)
    after, _ = golden.settle(PROBED, head(live=live(1), attempt=asked), (found,), NOW)
    assert after.attempt is not None
    assert after.attempt.golden == (found if kept else before)


# -- whose results count


@pytest.mark.parametrize(
    ("sender", "counts"),
    [
        (SENDER, True),
        (f"{ROLE}:another-session", True),
        (ROLE, False),
        (f"{ROLE}X:approval-gate-prober-fraud-detection", False),
        ("AROAANOTHERANOTHERANO:approval-gate-prober-fraud-detection", False),
        (f"AROAANOTHERANOTHERANO:{ROLE}:", False),
        ("AIDASOMEBODYSOMEBODYS", False),
        ("events.amazonaws.com", False),
        ("", False),
        (None, False),
    ],
)
@pytest.mark.parametrize("found", [played("gate-v1", alone=True), played("gate-v1", failed=0, alone=True), played()])
def test_only_results_of_the_prober_that_the_spec_names_count(
    found: GoldenResult, sender: str | None, counts: bool
) -> None:
    before = head(live=KNOWN if found.config == "gate-v2" else live(1), attempt=attempt() if found.failed else None)
    after, facts = golden.settle(PROBED, before, (dataclasses.replace(found, sender=sender),), NOW)
    assert ((after, facts) != (before, ())) == counts


@pytest.mark.parametrize("spec", [SPEC, UNNAMED], ids=["without golden requests", "of an earlier release"])
def test_no_result_counts_if_the_spec_names_no_prober(spec: Spec) -> None:
    before = head(live=live(1), attempt=attempt())
    wrong, right = played(alone=True), played("gate-v1", failed=0, alone=True)
    after, _ = golden.settle(spec, before, (wrong, right), NOW)
    assert dataclasses.replace(after, unproved=None) == before


def test_people_are_told_once_which_stack_to_deploy_and_the_row_has_the_result() -> None:
    first = played(at=NOW - 90, sender="AIDASOMEBODYSOMEBODYS")
    told, (fact,) = golden.settle(UNNAMED, head(live=live(1)), (played(), first), NOW)
    assert (fact.kind, fact.version, fact.summary) == (
        Kind.ALERT,
        None,
        "results of golden requests do not count: the spec does not name the prober's role; "
        "deploy the stack ApprovalGate-fraud-detection",
    )
    assert fact.detail == {
        "golden_requests": {
            "digest": SET,
            "failed": 1,
            "wrong": [{"request": "a large payment", "found": "0.1", "wanted": "0.9"}],
            "config": "gate-v2",
            "sender": "AIDASOMEBODYSOMEBODYS",
            "counts": False,
        }
    }
    assert golden.settle(UNNAMED, told, (played(),), NOW) == (told, ())


def test_people_are_told_again_if_an_earlier_release_deploys_the_stack_again() -> None:
    told, _ = golden.settle(UNNAMED, head(live=live(1)), (played(),), NOW)
    deployed, facts = golden.settle(PROBED, told, (), NOW)
    assert (deployed, facts) == (head(live=live(1)), ())
    assert len(golden.settle(UNNAMED, deployed, (played(),), NOW)[1]) == 1


def test_nobody_is_told_of_results_that_do_not_come() -> None:
    assert golden.settle(UNNAMED, head(live=live(1)), (), NOW) == (head(live=live(1)), ())


# -- what is live


def test_what_is_live_and_answers_right_has_a_baseline_from_then_on() -> None:
    assert not golden.has_baseline(live(1), SET)
    after, facts = golden.settle(PROBED, head(live=live(1)), (RIGHT,), NOW)
    assert (golden.has_baseline(after.live, SET), facts) == (True, ())
    assert not golden.has_baseline(after.live, "ab" * 32)
    assert not golden.has_baseline(None, SET)


def test_what_is_live_and_answers_wrong_is_an_alert_once_for_each_set() -> None:
    wrong = played("gate-v1", failed=2, alone=True)
    after, (fact,) = golden.settle(PROBED, head(live=live(1)), (wrong, wrong), NOW)
    assert (fact.kind, fact.at, fact.version, fact.summary) == (
        Kind.ALERT,
        NOW,
        arn(1),
        f"FraudDetectionGroup/1 is live and answers wrong: {TOLD}; 2 wrong answers in all",
    )
    assert fact.detail == {
        "golden_requests": {
            "digest": SET,
            "failed": 2,
            "wrong": [{"request": "a large payment", "found": "0.1", "wanted": "0.9"}],
        }
    }
    assert golden.settle(PROBED, after, (wrong,), NOW) == (after, ())
    _, other = golden.settle(PROBED, after, (dataclasses.replace(wrong, digest="ab" * 32),), NOW)
    assert [each.kind for each in other] == [Kind.ALERT]


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        pytest.param(played(None, alone=True, at=NOW - 10), True, id="whatever is live, and no rollout is under way"),
        pytest.param(played(None, alone=True, at=NOW - 6000), False, id="what was live before"),
        pytest.param(played("gate-v0", alone=True), False, id="another config"),
    ],
)
def test_what_is_told_without_an_attempt_is_about_what_is_live(found: GoldenResult, kept: bool) -> None:
    after, facts = golden.settle(PROBED, head(live=live(1)), (found,), NOW)
    assert after.live is not None
    assert (after.live.golden, len(facts)) == (found if kept else None, int(kept))


def test_during_a_rollout_whatever_is_live_may_be_either_fleet() -> None:
    before = head(live=live(1), attempt=attempt())
    assert golden.settle(PROBED, before, (played(None, alone=True, at=NOW - 10),), NOW) == (before, ())


# -- the outcome


def test_a_rollback_by_the_golden_alarm_says_which_request_was_answered_wrong() -> None:
    alarm = fired("approval-gate/fraud-detection/gate-v2/golden")
    own = alarms.rollout_names(PROBED, "gate-v2")
    seen = observed(endpoint=endpoint(modified_at=NOW - 100), fired=(alarm,))
    decision: Any = judge(seen, head(live=KNOWN), attempt(alarms=own, golden=played(), golden_set=SET), NOW)
    assert (decision.outcome, decision.quarantine, decision.fired) == (Outcome.ROLLED_BACK, True, (alarm,))
    assert decision.reason == (
        "FraudDetectionGroup/2 was rolled back: approval-gate/fraud-detection/gate-v2/golden fired: "
        f"Threshold Crossed; {TOLD}"
    )


def test_a_rollback_by_another_alarm_does_not_blame_golden_requests() -> None:
    seen = observed(endpoint=endpoint(modified_at=NOW - 100), fired=(fired(),))
    decision: Any = judge(seen, head(live=KNOWN), attempt(golden=played()), NOW)
    assert decision.reason == f"FraudDetectionGroup/2 was rolled back: {fired().name} fired: Threshold Crossed"


@pytest.mark.parametrize(
    ("found", "alert"),
    [
        (played(alone=True), f"FraudDetectionGroup/2 is live and answers wrong: {TOLD}"),
        (played(failed=0, alone=True), None),
        (None, None),
    ],
)
def test_what_went_live_although_it_answers_wrong_is_an_alert(found: GoldenResult | None, alert: str | None) -> None:
    """Nothing went back: the bake was over, or the endpoint had just been created."""
    decision: Any = judge(observed(endpoint=endpoint("gate-v2")), head(live=live(1)), attempt(golden=found), NOW)
    assert (decision.outcome, decision.alert) == (Outcome.SUCCEEDED, alert)


UNHEARD = (
    "FraudDetectionGroup/2 is live; the prober reported no answer of the new fleet to golden requests: inconclusive"
)
ENDED = NOW - alarms.ARRIVAL_SECONDS
FEW = MinimumRequests(100)


def succeeded(at: float = NOW, **fields: Any) -> Any:
    """The decision about a rollout that asked for golden requests and went live at ENDED."""
    seen = observed(endpoint=endpoint("gate-v2", modified_at=ENDED), requests=fields.pop("requests", None))
    asked: dict[str, Any] = {"golden_set": SET, "opened_at": NOW - 3000}
    return judge(seen, head(live=KNOWN), attempt(**asked | fields), at)


@pytest.mark.parametrize(
    ("known", "alert"),
    [
        (None, UNHEARD),
        (played(failed=0, alone=True, digest="ab" * 32), UNHEARD),
        (played(failed=0, alone=True), None),
        (PART, f"FraudDetectionGroup/2 is live; {PARTLY_HEARD}"),
        (played(alone=True), f"FraudDetectionGroup/2 is live and answers wrong: {TOLD}"),
        (played(alone=True, digest="ab" * 32), f"FraudDetectionGroup/2 is live and answers wrong: {TOLD}"),
    ],
)
def test_a_rollout_that_asked_for_golden_requests_and_heard_nothing_has_not_passed(
    known: GoldenResult | None, alert: str | None
) -> None:
    decision = succeeded(golden=known)
    assert (decision.outcome, decision.quarantine, decision.alert) == (Outcome.SUCCEEDED, False, alert)
    assert ("inconclusive" in decision.reason) is (alert is not None and "inconclusive" in alert)


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.RESIZE])
def test_its_row_says_so_and_its_alert_too(purpose: Purpose) -> None:
    asked = attempt(golden_set=SET, purpose=purpose)
    before = head(live=KNOWN, attempt=asked)
    _, (closed, alert) = closing.closed(before, asked, succeeded(purpose=purpose), endpoint("gate-v2"), NOW)
    assert (closed.summary, closed.detail["inconclusive"], closed.detail["quarantined"]) == (UNHEARD, True, False)
    assert closed.detail["golden_requests"] == {"digest": SET, "heard": False}
    assert (alert.summary, alert.detail) == (
        UNHEARD,
        {"attempt": 3, "golden_requests": {"digest": SET, "heard": False}},
    )
    heard = attempt(golden_set=SET, golden=WHOLE)
    _, (told,) = closing.closed(before, heard, succeeded(golden=WHOLE), endpoint("gate-v2"), NOW)
    assert not {"inconclusive", "golden_requests"} & told.detail.keys()


def test_the_last_message_is_waited_for_and_no_longer() -> None:
    early = succeeded(NOW - 1)
    assert (type(early), early.reconcile_at) == (Wait, NOW)
    assert type(succeeded(NOW - 1, golden=PART)) is Wait
    assert type(succeeded(NOW - 1, golden=WHOLE)) is Close
    assert type(succeeded(NOW)) is Close


@pytest.mark.parametrize(
    ("fields", "reason", "alert"),
    [
        pytest.param(
            {"enough": FEW, "requests": 99},
            "99 requests reached it, fewer than the 100 of the minimum: inconclusive",
            True,
            id="too few requests as well",
        ),
        pytest.param({"enough": FEW, "requests": 100}, "100 requests reached it", True, id="enough requests"),
        pytest.param(
            {"enough": MinimumRequests(100, Otherwise.REVERT), "requests": 99},
            "99 requests reached it, fewer than the 100 of the minimum: inconclusive, so it is reverted",
            False,
            id="too few, and it goes back anyway",
        ),
    ],
)
def test_what_requests_say_is_said_besides(fields: dict[str, Any], reason: str, alert: bool) -> None:
    decision = succeeded(**fields)
    unheard = UNHEARD.partition("; ")[2]
    told = f"FraudDetectionGroup/2 is live; {reason}" + (f"; {unheard}" if alert else "")
    assert (decision.reason, decision.alert, decision.quarantine) == (told, told if alert else None, not alert)


def test_what_was_ordered_off_is_not_waited_for() -> None:
    decision = succeeded(NOW - 1, abort=Abort("carol", "the wrong data", NOW - 60))
    assert (type(decision), decision.quarantine) == (Close, True)


def test_a_part_of_the_set_is_no_baseline_until_all_of_it_was_answered_right() -> None:
    known = live(1, golden=dataclasses.replace(RIGHT, is_part=True))
    assert not golden.has_baseline(known, SET)
    after, facts = golden.settle(PROBED, head(live=known), (RIGHT,), NOW)
    assert (golden.has_baseline(after.live, SET), facts) == (True, ())


def test_a_ledger_from_before_reads_as_it_was() -> None:
    """Probers told of nothing but wrong answers then: such an attempt is told of, and nothing else becomes of it."""
    text = codec.encode(attempt(golden_set=SET, golden=played(sender=None)))
    assert not {"is_part", "sender"} & set(json.loads(text)["golden"])
    assert codec.decode(Attempt, text) == attempt(golden_set=SET, golden=played(sender=None))


def test_what_counted_before_senders_were_compared_counts() -> None:
    assert golden.has_baseline(live(1, golden=dataclasses.replace(RIGHT, sender=None)), SET)
    assert type(succeeded(NOW - 1, golden=dataclasses.replace(WHOLE, sender=None))) is Close


def test_what_was_live_keeps_no_baseline() -> None:
    decision: Any = judge(observed(endpoint=endpoint("gate-v2")), head(live=KNOWN), attempt(), NOW)
    after, _ = closing.closed(head(live=KNOWN), attempt(), decision, endpoint("gate-v2"), NOW)
    assert after.live is not None
    assert (after.live.golden, [good.golden for good in after.good]) == (None, [None])


# -- the alarm


def test_its_alarm_latches_on_a_metric_of_this_rollout() -> None:
    name, request = next(
        (request["AlarmName"], request)
        for request in alarms.rollout_alarms(PROBED, "gate-c", has_baseline=True)
        if request["AlarmName"].endswith("/golden")
    )
    assert violations("cloudwatch", "PutMetricAlarm", request) == []
    assert request == {
        "AlarmName": "approval-gate/fraud-detection/gate-c/golden",
        "AlarmDescription": "Rolls back gate-c on fraud-detection when it answers golden requests wrong.",
        "ActionsEnabled": False,
        "Namespace": "ApprovalGate/fraud-detection",
        "MetricName": "GoldenFailures",
        "Dimensions": [
            {"Name": "EndpointName", "Value": "fraud-detection"},
            {"Name": "EndpointConfigName", "Value": "gate-c"},
        ],
        "Statistic": "Maximum",
        "Period": 10,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "ignore",
    }
    made = tuple(request["AlarmName"] for request in alarms.rollout_alarms(PROBED, "gate-c"))
    assert alarms.rollout_names(PROBED, "gate-c") == made
    assert name in made


@pytest.mark.parametrize(("spec", "namespace"), [(PROBED, OWN_NAMESPACE), (UNNAMED, "ApprovalGate")])
def test_its_metric_is_in_the_namespace_that_the_spec_names(spec: Spec, namespace: str) -> None:
    requests = alarms.rollout_alarms(spec, "gate-c")
    found = {each["AlarmName"].rpartition("/")[2]: each.get("Namespace") for each in requests}
    assert (found["golden"], found["abort"]) == (namespace, "ApprovalGate")


@pytest.mark.parametrize(
    ("spec", "known", "after"),
    [
        pytest.param(PROBED, {"golden_set": SET}, OWN_NAMESPACE, id="the stack was deployed meanwhile"),
        pytest.param(PROBED, {"golden_set": SET, "golden_namespace": OWN_NAMESPACE}, OWN_NAMESPACE, id="as before"),
        pytest.param(PROBED, {}, None, id="it is not judged by golden requests"),
        pytest.param(UNNAMED, {"golden_set": SET}, None, id="nothing is named yet"),
        pytest.param(UNNAMED, {"golden_set": SET, "golden_namespace": "a"}, "a", id="an older spec was read"),
        pytest.param(SPEC, {"golden_set": SET, "golden_namespace": "a"}, "a", id="no golden requests any more"),
    ],
)
def test_where_the_alarm_of_an_open_attempt_watches(spec: Spec, known: dict[str, Any], after: str | None) -> None:
    before = head(live=live(1), attempt=attempt(**known))
    found = golden.moved(before, spec)
    assert found.attempt is not None
    assert found.attempt.golden_namespace == after
    assert (found == before) == (found.attempt == before.attempt)


class Prepared:
    """A look at what was just approved; which metric its golden alarm watches."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.metrics: list[str] = []
        self.namespaces: list[str] = []
        world.specs.stored = StoredSpec(PROBED, SpecSeen(1, NOW - 9000))
        create = world.watch.create

        def recorded(requests: tuple[dict[str, Any], ...]) -> None:
            golden_ones = [request for request in requests if request["AlarmName"].endswith("/golden")]
            self.metrics += (request["MetricName"] for request in golden_ones)
            self.namespaces += (request["Namespace"] for request in golden_ones)
            create(requests)

        monkeypatch.setattr(world.watch, "create", recorded)
        world.registry.put(1)
        world.registry.put(2)


@pytest.fixture
def prepared(nowhere: World, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    return Prepared(nowhere, monkeypatch)


@pytest.mark.parametrize(
    ("known", "metric"), [(RIGHT, names.GOLDEN_METRIC), (None, names.GOLDEN_METRIC_AT_FULL_TRAFFIC)]
)
def test_a_canary_is_judged_from_its_first_answer_where_the_live_version_is_known_to_answer_right(
    prepared: Prepared, known: GoldenResult | None, metric: str
) -> None:
    world = prepared.world
    world.begin(head(live=live(1, golden=known), approved=(1,)))
    world.reconcile()
    assert prepared.metrics == [metric]
    config = config_name(2, order=10, attempt=4)
    assert world.head.attempt is not None
    assert world.head.attempt.alarms == (*alarms.rollout_names(PROBED, config), "kpi")
    (opened,) = [fact for fact in world.ledger.facts if fact.kind is Kind.ATTEMPT_OPENED]
    assert opened.detail["golden_requests"] == {"digest": SET}


@pytest.mark.parametrize(
    ("known", "metric"), [(RIGHT, names.GOLDEN_METRIC), (None, names.GOLDEN_METRIC_AT_FULL_TRAFFIC)]
)
def test_a_rollout_stays_guarded_while_its_stack_is_deployed_by_a_newer_release(
    prepared: Prepared, known: GoldenResult | None, metric: str
) -> None:
    world = prepared.world
    world.specs.stored = StoredSpec(UNNAMED, SpecSeen(1, NOW - 9000))
    world.begin(head(live=live(1, golden=known), approved=(1,)))
    world.reconcile()
    world.specs.stored = StoredSpec(PROBED, SpecSeen(2, NOW + 30))
    world.reconcile(after=60)
    world.reconcile(after=60)
    assert (prepared.namespaces, prepared.metrics) == (["ApprovalGate", OWN_NAMESPACE], [metric, metric])
    assert world.head.attempt is not None
    assert world.head.attempt.golden_namespace == OWN_NAMESPACE


def test_a_way_back_is_not_barred_by_golden_requests(prepared: Prepared) -> None:
    world = prepared.world
    world.registry.put(2, approval_status="Rejected")
    world.hosting.now = endpoint("gate-v2")
    world.begin(head(live=live(2), good=(live(1),), approved=(1, 2)))
    world.reconcile()
    assert world.head.attempt is not None
    assert (world.head.attempt.purpose, prepared.metrics) == (Purpose.REVERT, [])
    assert world.head.attempt.golden_set is None
    assert not [name for name in world.head.attempt.alarms if name.endswith("/golden")]


def test_a_first_create_is_judged_by_no_alarm_and_checked_when_it_is_live(prepared: Prepared) -> None:
    world = prepared.world
    world.hosting.now = None
    world.registry.put(2, approval_status="PendingManualApproval")
    world.begin(head(approved=()))
    world.reconcile()
    created = world.head.attempt
    assert created is not None
    assert (created.purpose, prepared.metrics, created.golden_set) == (Purpose.CREATE, [], None)
    world.hosting.finish()
    world.reconcile(after=200, played=(played(created.fleet.config, alone=True),))
    assert [fact.kind for fact in world.ledger.facts][-2:] == [Kind.ATTEMPT_CLOSED, Kind.ALERT]
    closed, alert = world.ledger.facts[-2:]
    assert closed.detail["golden_requests"]["failed"] == 1
    assert alert.detail == {"attempt": 4, "golden_requests": closed.detail["golden_requests"]}
    assert alert.summary == f"FraudDetectionGroup/1 is live and answers wrong: {TOLD}"
    assert world.head.live is not None
    assert world.head.live.golden == played(created.fleet.config, alone=True)
    before = len(world.ledger.facts)
    world.reconcile(after=100, played=(played(created.fleet.config, alone=True),))
    assert len(world.ledger.facts) == before


def test_a_message_about_an_endpoint_that_is_busy_at_its_first_look_comes_again(nowhere: World) -> None:
    nowhere.hosting.now = endpoint(status="Updating")
    assert type(nowhere.reconcile(played=(RIGHT,))) is Defer
