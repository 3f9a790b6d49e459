"""A serverless endpoint: no guardrails, so no alarms of a rollout, no abort and no rollback; what goes wrong is brought
back after it went live. Version 1 is live on it, and approved."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.gate.aws.errors import Refused
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.spec_parameters import StoredSpec
from lambdas.gate.decide.action import Accept, Close, Hold, Keep, RequestAbort, Update, Wait
from lambdas.gate.decide.decision import decide
from lambdas.gate.decide.judgement import judge
from lambdas.gate.reconcile.preflight import Clearance, Preflight
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.serverless import Serverless
from lambdas.gate.spec.spec import RollbackOn, Rollout, Spec, Strategy, Variant
from lambdas.gate.state.attempt import AbortCause, Attempt, Fleet, Outcome, Purpose
from lambdas.gate.state.fact import Kind
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Endpoint, Observed
from lambdas.gate.state.tries import Quarantined, Retry
from lambdas.gate.transitions import closing, opening
from tests.lambdas import builders
from tests.lambdas.builders import NOW, approval, arn, attempt, config_name, fired, head, live, observed, package
from tests.lambdas.fakes import FakeHosting, FakeWatch, Journal, World
from tests.lambdas.stubbed import client, stubbed

SERVERLESS = Serverless(2048, 20, 5)
SPEC = dataclasses.replace(
    builders.SPEC,
    variant=Variant("AllTraffic", serverless=SERVERLESS),
    rollout=Rollout(Strategy.ALL_AT_ONCE, None, 0, 0, 1800),
)
CONFIG = config_name(2, order=10, attempt=4, spec=SPEC)
FLEET = Fleet(CONFIG, SPEC.settings, None, None, SERVERLESS)
STANDING = alarms.standing_names(SPEC)[0]


def live_on(number: int, **fields: Any) -> Live:
    of_instances = {"instance_type": None, "instance_count": None}
    return live(number, **of_instances | {"settings": SPEC.settings} | fields)


def endpoint(config: str = "gate-v1", **fields: Any) -> Endpoint:
    return builders.endpoint(config, **{"is_serverless": True} | fields)


def in_flight(**fields: Any) -> Attempt:
    fleet = dataclasses.replace(FLEET, config="gate-v2")
    return attempt(2, **{"fleet": fleet, "alarms": ()} | fields)


@pytest.fixture
def world(nowhere: World) -> World:
    nowhere.specs.stored = StoredSpec(SPEC, head().spec)
    nowhere.begin(head(live=live_on(1), approved=(1,)))
    nowhere.hosting.now = endpoint()
    nowhere.registry.put(1)
    return nowhere


# The spec


def test_a_variant_survives_the_parameter_store() -> None:
    assert Spec.from_json(SPEC.to_json()) == SPEC


def test_a_variant_on_instances_is_written_as_before_there_were_others() -> None:
    assert '"variant":{"instance_count":2,"instance_type":"ml.m5.large","name":"AllTraffic"}' in builders.SPEC.to_json()


@pytest.mark.parametrize(
    "serverless",
    [Serverless(3072, 20, 5), Serverless(2048, 21, 5), Serverless(2048, 20, 6), Serverless(2048, 20)],
    ids=["memory", "concurrency", "provisioned concurrency", "none provisioned"],
)
def test_what_it_is_made_of_is_in_the_settings(serverless: Serverless) -> None:
    changed = dataclasses.replace(SPEC, variant=Variant("AllTraffic", serverless=serverless))
    assert len({changed.settings, SPEC.settings, builders.SPEC.settings}) == 3


@pytest.mark.parametrize(
    "fields",
    [{}, {"instance_type": "ml.m5.large"}, {"instance_type": "ml.m5.large", "serverless": SERVERLESS}],
    ids=["neither", "half", "both"],
)
def test_a_variant_has_instances_or_is_serverless(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="has instances, type and count, or is serverless"):
        Variant("AllTraffic", **fields)


def test_the_standing_alarms_watch_what_aws_publishes() -> None:
    watched = {signal.name: {query.metric_name for query in signal.queries} for signal in alarms.signals(SPEC)}
    assert watched == {"5xx": {"Invocation5XXErrors", "Invocations"}, "p99-latency": {"ModelLatency", "Invocations"}}


# The calls

AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
NAME = SPEC.endpoint
OWN = {
    "VariantName": "AllTraffic",
    "ModelName": "m",
    "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": 5},
}
TAGS = [
    {"Key": "approval-gate", "Value": "managed"},
    {"Key": "approval-gate-endpoint", "Value": "fraud-detection"},
]
CREATE_CONFIG = {"EndpointConfigName": CONFIG, "ProductionVariants": [OWN], "Tags": TAGS}
ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud-detection"


def hosting(sagemaker: Any = None, once: Any = None) -> Hosting:
    both = sagemaker or client("sagemaker"), once or client("sagemaker", "once")
    return Hosting(*both, client("application-autoscaling"))


def test_the_endpoint_config_has_neither_instances_nor_weight() -> None:
    with stubbed("sagemaker") as stub:
        stub.add_response("create_endpoint_config", {"EndpointConfigArn": "arn" * 8}, CREATE_CONFIG)
        hosting(stub.client).create_config(SPEC, FLEET, "m")


@pytest.mark.parametrize(
    ("made", "own"),
    [
        ({}, True),
        ({"InitialVariantWeight": 1.0}, True),
        ({"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 20, "ProvisionedConcurrency": 5}}, False),
        ({"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20}}, False),
    ],
    ids=["ours", "as AWS describes it", "other memory", "none provisioned"],
)
def test_a_config_made_before_is_ours_or_is_not_used(made: dict[str, Any], *, own: bool) -> None:
    described = {"EndpointConfigName": CONFIG, "EndpointConfigArn": "arn" * 8, "CreationTime": AT}
    with stubbed("sagemaker") as stub:
        exists = 'Cannot create already existing endpoint configuration "arn".'
        stub.add_client_error("create_endpoint_config", "ValidationException", exists)
        stub.add_response("describe_endpoint_config", described | {"ProductionVariants": [OWN | made]})
        if own:
            hosting(stub.client).create_config(SPEC, FLEET, "m")
            return
        with pytest.raises(Refused, match="is there already and is not Approval Gate's"):
            hosting(stub.client).create_config(SPEC, FLEET, "m")


def test_an_update_asks_for_no_guardrails_and_keeps_nothing() -> None:
    with stubbed("sagemaker", "once") as stub:
        asked = {"EndpointName": NAME, "EndpointConfigName": "c"}
        stub.add_response("update_endpoint", {"EndpointArn": ARN}, asked)
        hosting(once=stub.client).switch_endpoint(NAME, "c")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"CurrentServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20}, "CurrentInstanceCount": 0}, True),
        ({"CurrentInstanceCount": 2}, False),
    ],
    ids=["serverless", "on instances"],
)
def test_of_which_kind_an_endpoint_is(fields: dict[str, Any], *, expected: bool) -> None:
    answer = {
        "EndpointName": NAME,
        "EndpointArn": ARN,
        "EndpointStatus": "InService",
        "CreationTime": AT,
        "LastModifiedTime": AT,
        "ProductionVariants": [{"VariantName": "AllTraffic", **fields}],
    }
    with stubbed("sagemaker") as stub:
        stub.add_response("describe_endpoint", answer, {"EndpointName": NAME})
        found = hosting(stub.client).endpoint(NAME)
        assert found is not None
        assert found.is_serverless is expected


# Preflight

KPI_BURNS = {"kpi": fired("kpi")}
UNGUARDED = Hold(
    "your alarms could not guard it: alarm kpi is in ALARM",
    reconcile_at=NOW + 300,
    notice=Notice(Code.ALARMS_UNFIT, "serverless | kpi: IN_ALARM"),
)


@pytest.mark.parametrize(
    ("purpose", "burning", "expected"),
    [
        (Purpose.UPDATE, {"kpi": None}, Clearance()),
        (Purpose.UPDATE, KPI_BURNS, Clearance(hold=UNGUARDED)),
        (Purpose.REVERT, KPI_BURNS, Clearance()),
    ],
    ids=["quiet", "yours burns already", "a way back goes ahead"],
)
def test_an_alarm_of_yours_guards_it_once_it_is_live(
    purpose: Purpose, burning: dict[str, Any], expected: Clearance
) -> None:
    watch = FakeWatch(Journal())
    watch.alarms = burning
    check = Preflight(FakeHosting(Journal()), watch).check
    assert check(SPEC, head(live=live_on(1)), endpoint(), FLEET, purpose, NOW) == expected


# The decision


def decides(spec: Spec, seen: Endpoint, row: Head, *described: int) -> Any:
    decision: Any = decide(spec, observed(endpoint=seen, described=list(described)), row, NOW)
    return dataclasses.replace(decision, verdict=None) if isinstance(decision, Update) else decision


PUT_LIVE = Update(
    "put FraudDetectionGroup/2 live, approved by arn:aws:iam::123456789012:user/reviewer",
    approval=approval(2),
    purpose=Purpose.UPDATE,
)


def held(reason: str, way: str) -> Any:
    return Hold(reason, reconcile_at=NOW + 300, notice=Notice(Code.OTHER_KIND, way))


@pytest.mark.parametrize(
    ("spec", "served", "seen", "expected"),
    [
        (
            SPEC,
            live(1),
            builders.endpoint(),
            held(
                "the endpoint is on instances, but the spec's variant is serverless: AWS refuses that update; give "
                "the variant an entry and an endpoint of its own",
                "to serverless",
            ),
        ),
        (
            builders.SPEC,
            live_on(1),
            endpoint(),
            held(
                "the endpoint is serverless, but the spec's variant has instances: AWS does not allow that change; "
                "give the variant an entry and an endpoint of its own",
                "from serverless",
            ),
        ),
        (SPEC, live_on(1), endpoint(), PUT_LIVE),
        (SPEC, live_on(1), builders.endpoint(), PUT_LIVE),
        (SPEC, live(None, "gate-v1"), builders.endpoint(), PUT_LIVE),
    ],
    ids=["to serverless", "to instances", "as it is", "AWS does not describe it as such", "adopted: AWS has to say"],
)
def test_an_endpoint_is_not_made_one_of_another_kind(spec: Spec, served: Live, seen: Endpoint, expected: Any) -> None:
    assert decides(spec, seen, head(live=served, approvals=(approval(2),)), 2) == expected


def test_other_memory_is_rolled_out_with_the_live_version() -> None:
    larger = dataclasses.replace(SPEC, variant=Variant("AllTraffic", serverless=Serverless(3072, 20, 5)))
    assert decides(larger, endpoint(), head(live=live_on(1))) == Update(
        "the spec changed: FraudDetectionGroup/1 with other settings",
        approval=approval(1),
        purpose=Purpose.RESIZE,
    )


# The judgement of an open attempt: version 2 on its way from gate-v1 to gate-v2

MOVED = endpoint(modified_at=NOW - 100)
PING = "The primary container did not pass the ping health check."
NO_MODEL = f"the update to FraudDetectionGroup/2 failed: {PING}"


@pytest.mark.parametrize(
    ("open_one", "seen", "row", "expected"),
    [
        (
            in_flight(),
            observed(endpoint=endpoint("gate-v2")),
            head(),
            Close("FraudDetectionGroup/2 is live", NOW, outcome=Outcome.SUCCEEDED),
        ),
        (
            in_flight(accepted_at=None),
            observed(endpoint=endpoint(status="Updating", pending_config="gate-v2")),
            head(),
            Accept("SageMaker is at work on gate-v2: the call was accepted", NOW),
        ),
        (
            in_flight(),
            observed(endpoint=endpoint(status="Updating", pending_config="gate-v2")),
            head(approved=(1,)),
            RequestAbort("FraudDetectionGroup/2 was revoked during its rollout", NOW, cause=AbortCause.REVOKED),
        ),
        (
            in_flight(abort_reason="FraudDetectionGroup/2 was revoked during its rollout"),
            observed(endpoint=endpoint("gate-v2")),
            head(approved=(1,)),
            Close("FraudDetectionGroup/2 is live", NOW, outcome=Outcome.SUCCEEDED),
        ),
        (
            in_flight(),
            observed(endpoint=dataclasses.replace(MOVED, failure_reason=PING)),
            head(),
            Close(NO_MODEL, NOW, outcome=Outcome.FAILED, quarantine=True, alert=NO_MODEL),
        ),
        (
            in_flight(),
            observed(endpoint=MOVED),
            head(),
            Close(
                "the update to FraudDetectionGroup/2 failed: SageMaker gave no reason",
                NOW + 300,
                outcome=Outcome.FAILED,
                retry=Retry(2, SPEC.settings, 1, 0, NOW + 300),
            ),
        ),
        (
            in_flight(abort_reason="FraudDetectionGroup/2 was revoked during its rollout"),
            observed(endpoint=MOVED),
            head(approved=(1,)),
            Close(
                "the update to FraudDetectionGroup/2 failed: SageMaker gave no reason",
                NOW + 300,
                outcome=Outcome.FAILED,
                retry=Retry(2, SPEC.settings, 1, 0, NOW + 300),
            ),
        ),
        (
            in_flight(accepted_at=None),
            observed(endpoint=MOVED),
            head(),
            Close(
                "there is no sign that UpdateEndpoint was accepted",
                NOW + 300,
                outcome=Outcome.FAILED,
                retry=Retry(2, SPEC.settings, 1, 1, NOW + 300),
            ),
        ),
    ],
    ids=[
        "the new config serves: it is live, and nothing judged it",
        "its answer was lost, and it is under way",
        "revoked in flight: people are told that it goes on",
        "revoked in flight and live: the next look takes it back",
        "the model does not start: the update failed, for good",
        "the old config serves, and nobody knows why: it failed, and is tried again",
        "revoked in flight and failed: it was not aborted",
        "no sign that the update was ever accepted: one more try",
    ],
)
def test_judges(open_one: Attempt, seen: Observed, row: Head, expected: Any) -> None:
    assert judge(seen, row, open_one, NOW) == expected


def test_people_are_told_that_it_cannot_be_aborted() -> None:
    open_one = in_flight()
    decision = RequestAbort("2 was revoked", cause=AbortCause.REVOKED)
    _, (fact,) = opening.abort_requested(head(attempt=open_one), open_one, decision, NOW)
    assert (fact.kind, fact.summary) == (
        Kind.ALERT,
        "2 was revoked; an update of a serverless endpoint cannot be aborted; the new version is judged once it is "
        "live",
    )


# Stories


def test_a_version_goes_live_without_alarms_of_a_rollout(world: World) -> None:
    world.registry.put(2)
    world.reconcile()
    assert world.journal.calls == [
        "CreateModel",
        "CreateEndpointConfig",
        "write approval_seen+approval_pinned+attempt_opened",
        "UpdateEndpoint",
        "write attempt_accepted",
        "SendMessage",
    ]
    assert world.hosting.accepted == [{"EndpointConfigName": CONFIG}]
    assert world.head.attempt is not None
    assert (world.head.attempt.fleet, world.head.attempt.alarms) == (FLEET, ())
    world.hosting.finish(at=NOW + 400)
    assert world.reconcile(after=450).reason == "FraudDetectionGroup/2 is live"
    assert world.head.live == Live(CONFIG, NOW + 400, package_approval(), SPEC.settings, suspect_from=NOW + 120)
    assert type(world.reconcile()) is Keep


def package_approval() -> Any:
    return approval(2, order=10, at=package(2).modified_at, inferred=True)


def test_one_that_burns_after_it_went_live_gives_way_to_the_one_before(world: World) -> None:
    world.registry.put(2)
    world.reconcile()
    world.hosting.finish(at=NOW + 400)
    world.reconcile(after=450)
    world.watch.alarms[STANDING] = fired(STANDING, at=NOW + 700)
    decision = world.reconcile(after=300)
    assert decision.reason == (
        f"FraudDetectionGroup/2 is live and {STANDING} fired: Threshold Crossed; back to FraudDetectionGroup/1"
    )
    assert [len(request) for request in world.hosting.accepted] == [1, 1]
    world.hosting.finish(at=world.now + 100)
    world.reconcile(after=200)
    assert world.head.live is not None
    assert world.head.live.version == arn(1)
    assert world.head.is_quarantined(package_approval(), SPEC.settings)


@pytest.mark.parametrize(
    ("fired_at", "action"),
    [(NOW + 119, Keep), (NOW + 200, Update)],
    ids=["too soon to be the new version's", "traffic may have moved by then"],
)
def test_an_alarm_that_fires_before_the_update_has_ended_may_tell_of_it(
    world: World, fired_at: float, action: type
) -> None:
    world.registry.put(2)
    world.reconcile()
    world.watch.alarms[STANDING] = fired(STANDING, at=fired_at)
    world.hosting.finish(at=NOW + 400)
    world.reconcile(after=450)
    before = len(world.hosting.accepted)
    decision = world.reconcile(after=1)
    assert len(world.hosting.accepted) - before == (action is Update)
    assert ("back to FraudDetectionGroup/1" in decision.reason) is (action is Update)


@pytest.mark.parametrize("quarantined", [False, True], ids=["what was replaced was good", "it burned"])
def test_what_is_known_to_be_bad_is_blamed_as_long_as_it_may_serve(*, quarantined: bool) -> None:
    row = head(live=live_on(1), attempt=in_flight())
    if quarantined:
        row = row.with_quarantined(Quarantined(approval(1), SPEC.settings, "5xx"), until=NOW)
    decision = Close("2 is live", outcome=Outcome.SUCCEEDED)
    after, _ = closing.closed(row, in_flight(), decision, endpoint("gate-v2", modified_at=NOW), NOW)
    assert after.live is not None
    assert after.live.suspect_from == (None if quarantined else in_flight().began + 120)


def test_a_way_back_is_not_blamed_for_what_it_replaces() -> None:
    open_one = in_flight(purpose=Purpose.REVERT)
    decision = Close("2 is live", outcome=Outcome.SUCCEEDED)
    row = head(live=live_on(1), attempt=open_one)
    after, _ = closing.closed(row, open_one, decision, endpoint("gate-v2", modified_at=NOW), NOW)
    assert after.live is not None
    assert after.live.suspect_from is None


def test_revoked_in_flight_it_goes_live_and_gives_way(world: World) -> None:
    world.registry.put(2)
    world.reconcile()
    world.registry.put(2, approval_status="Rejected")
    assert type(world.reconcile(after=60)) is RequestAbort
    assert type(world.reconcile(after=1)) is Wait
    assert world.watch.aborts == []
    world.hosting.finish()
    world.reconcile(after=300)
    assert world.reconcile(after=1).reason == (
        "FraudDetectionGroup/2 is live and was revoked; back to FraudDetectionGroup/1"
    )


def test_a_first_create_is_of_the_same_config(nowhere: World) -> None:
    nowhere.specs.stored = StoredSpec(SPEC, head().spec)
    nowhere.begin(head(approvals=(approval(2, order=10),), approved=(1, 2)))
    nowhere.registry.put(2)
    nowhere.hosting.now = None
    nowhere.reconcile()
    assert nowhere.hosting.accepted == [{"EndpointName": NAME, "EndpointConfigName": CONFIG}]
    assert nowhere.head.attempt is not None
    assert nowhere.head.attempt.fleet == FLEET


def test_yours_burning_before_it_starts_holds_it(world: World) -> None:
    assert SPEC.rollback_on == RollbackOn(1, 500, ("kpi",), 3600)
    world.registry.put(2)
    world.watch.alarms = dict(KPI_BURNS)
    assert world.reconcile().reason == "your alarms could not guard it: alarm kpi is in ALARM"
    assert world.hosting.configs == {}
