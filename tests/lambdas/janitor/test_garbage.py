"""What is garbage: a row per protection. Everything here is garbage but for the one thing that the row is about."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Golden
from lambdas.gate.state.attempt import Fleet
from lambdas.gate.state.fact import Fact, Row
from lambdas.gate.state.fact import Kind as Happened
from lambdas.gate.state.head import Head
from lambdas.gate.state.watch import Watch
from lambdas.janitor.garbage import Deletion, garbage
from lambdas.janitor.inventory import Failure, Hosted, Inventory, Kind, Thing
from lambdas.janitor.policy import DAY, Mode, Policy
from tests.lambdas.builders import NOW, SPEC, attempt, head, live

POLICY = Policy(Mode.DELETE, retention_days=30, keep_good=2, failed_endpoint_days=7)
NAME = SPEC.endpoint
LONG_AGO = NOW - 400 * DAY
BURNT = f"approval-gate/{NAME}/gate-old/5xx"


def thing(kind: Kind, name: str, **fields: Any) -> Thing:
    return dataclasses.replace(Thing(kind, name, NOW - 31 * DAY, NAME), **fields)


CONFIG, MODEL, ALARM = (
    thing(Kind.CONFIG, "gate-old"),
    thing(Kind.MODEL, "gate-old-model"),
    thing(Kind.ALARM, BURNT),
)


def hosted(**fields: Any) -> Hosted:
    """In service on gate-v9 since long ago."""
    defaults: dict[str, Any] = {
        "name": NAME,
        "arn": f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{NAME}",
        "status": "InService",
        "config": "gate-v9",
        "made_at": LONG_AGO,
        "modified_at": LONG_AGO,
    }
    return Hosted(**defaults | fields)


def known(**fields: Any) -> Head:
    """Version 9 is live; 8 to 5 were before, in this order, and until long ago."""
    good = tuple(live(number, since=LONG_AGO, until=LONG_AGO) for number in (8, 7, 6, 5))
    return head(**{"live": live(9), "good": good, "previous_config": "gate-v8"} | fields)


def stock(*things: Thing, **fields: Any) -> Inventory:
    return Inventory(**{"endpoints": (hosted(),), "things": things, "heads": {NAME: known()}} | fields)


def goes(found: Inventory, policy: Policy = POLICY, now: float = NOW) -> list[tuple[Kind, str]]:
    return [(each.kind, each.name) for each in garbage(found, policy, now)]


def config(name: str, **fields: Any) -> Thing:
    return thing(Kind.CONFIG, name, **fields)


def other(**fields: Any) -> Hosted:
    return hosted(name="other", **fields)


def test_what_nothing_needs_goes_by_endpoint_and_kind_each_with_its_reason() -> None:
    theirs = thing(Kind.ALARM, "approval-gate/churn/gate-x/abort", endpoint="churn", made_at=NOW - 99.6 * DAY)
    found = stock(MODEL, CONFIG, ALARM, theirs, heads={NAME: known(), "churn": known()})
    because = "nothing serves it, waits for it or goes back to it"
    assert garbage(found, POLICY, NOW) == (
        Deletion(Kind.ALARM, theirs.name, "churn", f"made 100 days ago; {because}"),
        Deletion(Kind.ALARM, BURNT, NAME, f"made 31 days ago; {because}"),
        Deletion(Kind.CONFIG, "gate-old", NAME, f"made 31 days ago; {because}"),
        Deletion(Kind.MODEL, "gate-old-model", NAME, f"made 31 days ago; {because}"),
    )


def test_one_day_is_one_day() -> None:
    (only,) = garbage(stock(config("gate-old", made_at=NOW - DAY)), dataclasses.replace(POLICY, retention_days=1), NOW)
    assert only.reason == "made 1 day ago; nothing serves it, waits for it or goes back to it"


@pytest.mark.parametrize("what", [CONFIG, MODEL, ALARM])
@pytest.mark.parametrize(("days", "is_kept"), [(0, True), (29.99, True), (30, False), (31, False)])
def test_what_is_younger_than_the_retention_stays(what: Thing, days: float, is_kept: bool) -> None:
    young = dataclasses.replace(what, made_at=NOW - days * DAY)
    assert goes(stock(young)) == ([] if is_kept else [(what.kind, what.name)])


KEPT: dict[str, Inventory] = {
    "a config that an endpoint serves": stock(CONFIG, endpoints=(hosted(config="gate-old"),)),
    "a config that another endpoint serves": stock(CONFIG, endpoints=(hosted(), other(config="gate-old"))),
    "a config that an endpoint serves under a name in capitals": stock(
        CONFIG, endpoints=(hosted(), other(config="GATE-Old"))
    ),
    "a config with capitals that an endpoint serves": stock(config("Gate-Old"), endpoints=(hosted(config="gate-old"),)),
    "a config on its way to an endpoint": stock(CONFIG, endpoints=(hosted(), other(pending_config="gate-old"))),
    "an alarm of an endpoint's last deployment": stock(ALARM, endpoints=(hosted(alarms=(BURNT, "kpi")),)),
    "the live config, though the endpoint says otherwise": stock(CONFIG, heads={NAME: known(live=live(9, "gate-old"))}),
    "the config before the last promotion": stock(CONFIG, heads={NAME: known(previous_config="gate-old")}),
    "the newest good config": stock(config("gate-v8"), heads={NAME: known(previous_config=None)}),
    "the last of so many good configs": stock(config("gate-v7")),
    "a good config of another endpoint": stock(
        config("gate-v7", endpoint="other"), heads={NAME: known(), "other": known(good=())}
    ),
    "a config that served until less than the retention ago": stock(
        config("gate-v6"),
        heads={NAME: known(good=(*known().good[:2], live(6, since=LONG_AGO, until=NOW - 29.9 * DAY)))},
    ),
    "a model that a config names": stock(MODEL, named_models=frozenset({"gate-old-model"})),
    "a model that a config names in capitals": stock(MODEL, named_models=frozenset({"GATE-old-model"})),
    "everything of an endpoint with an open attempt": stock(
        CONFIG, MODEL, ALARM, heads={NAME: known(attempt=attempt())}
    ),
    "the config of an attempt that another endpoint has open": stock(
        CONFIG, heads={NAME: known(), "other": known(attempt=attempt(fleet=Fleet("gate-old", "", "ml.m5.large", 2)))}
    ),
    "the config before it": stock(
        CONFIG, heads={NAME: known(), "other": known(attempt=attempt(previous_config="gate-old"))}
    ),
    "its alarms": stock(ALARM, heads={NAME: known(), "other": known(attempt=attempt(alarms=(BURNT,)))}),
    "everything of an endpoint that another janitor is at": stock(
        CONFIG, MODEL, ALARM, heads={NAME: known(cleaning_until=NOW + 1)}
    ),
    "everything of an endpoint without a head": stock(CONFIG, MODEL, ALARM, heads={NAME: None}),
    "everything of an endpoint that is not known": stock(CONFIG, MODEL, ALARM, heads={}),
    "what does not say for which endpoint it was made": stock(
        thing(Kind.CONFIG, "gate-old", endpoint=None), thing(Kind.MODEL, "gate-old-model", endpoint=None)
    ),
    "a config and a model that are not the gate's": stock(config("my-gate-v1"), thing(Kind.MODEL, "investigate-1")),
    "a standing alarm": stock(thing(Kind.ALARM, f"approval-gate/{NAME}/standing/5xx")),
    "somebody's alarm": stock(thing(Kind.ALARM, "checkout-conversion-low")),
    "an alarm of another endpoint's rollout": stock(thing(Kind.ALARM, "approval-gate/churn/gate-x/5xx")),
}


PROBED = dataclasses.replace(SPEC, golden=Golden("ff" * 32, 4))
GUARDS = alarms.rollout_names(PROBED, "gate-v2")
OF_A_ROLLOUT = tuple(thing(Kind.ALARM, name) for name in GUARDS)


@pytest.mark.parametrize(
    ("at", "is_kept"),
    [
        pytest.param({"heads": {NAME: known(attempt=attempt(alarms=GUARDS))}}, True, id="its attempt is open"),
        pytest.param(
            {"heads": {NAME: known(), "other": known(attempt=attempt(alarms=GUARDS))}}, True, id="another's attempt"
        ),
        pytest.param({"endpoints": (hosted(status="Updating"),)}, True, id="SageMaker is at work on it"),
        pytest.param({"endpoints": (hosted(alarms=GUARDS),)}, True, id="they are of the last deployment"),
        pytest.param({}, False, id="it is over, and who closed it died before they were deleted"),
    ],
)
def test_the_alarms_of_a_rollout_with_golden_requests_stay_for_as_long_as_it_needs_them(
    at: dict[str, Any], *, is_kept: bool
) -> None:
    """The golden one is as the others are."""
    assert GUARDS[-2] == f"approval-gate/{NAME}/gate-v2/golden"
    gone = [] if is_kept else sorted((Kind.ALARM, name) for name in GUARDS)
    assert goes(stock(*OF_A_ROLLOUT, **at)) == gone


@pytest.mark.parametrize("what", KEPT)
def test_this_stays(what: str) -> None:
    assert goes(KEPT[what]) == []


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_nothing_goes_while_sagemaker_is_at_work_on_the_endpoint(status: str) -> None:
    assert goes(stock(CONFIG, MODEL, ALARM, endpoints=(hosted(status=status),))) == []
    assert goes(stock(CONFIG, endpoints=(hosted(), other(status=status)))) == [(Kind.CONFIG, "gate-old")]


@pytest.mark.parametrize(("keep_good", "gone"), [(1, ["gate-v5", "gate-v6", "gate-v7"]), (3, ["gate-v5"]), (9, [])])
def test_good_configs_beyond_those_to_keep_go(keep_good: int, gone: list[str]) -> None:
    found = stock(*(config(f"gate-v{number}") for number in (9, 8, 7, 6, 5)))
    policy = dataclasses.replace(POLICY, keep_good=keep_good)
    assert goes(found, policy) == [(Kind.CONFIG, name) for name in gone]


def test_what_belongs_to_an_endpoint_that_was_deleted_goes_too() -> None:
    assert goes(stock(CONFIG, endpoints=())) == [(Kind.CONFIG, "gate-old")]


def test_a_claim_that_has_ended_protects_nothing() -> None:
    assert goes(stock(CONFIG, heads={NAME: known(cleaning_until=NOW)})) == [(Kind.CONFIG, "gate-old")]


FAILED_AT = NOW - 8 * DAY
OPENED_AT = FAILED_AT - 1200


def row(number: int, kind: Happened, at: float = FAILED_AT, **detail: Any) -> Row:
    return Row(NAME, number, Fact(kind, at, "", detail=detail), "", "")


OPENED = row(2, Happened.ATTEMPT_OPENED, OPENED_AT, purpose="create", endpoint_config="gate-v1")
CLOSED = row(4, Happened.ATTEMPT_CLOSED, FAILED_AT + 5, outcome="failed")
ROWS = (row(1, Happened.BASELINE, OPENED_AT, endpoint_config=None), OPENED, row(3, Happened.ATTEMPT_ACCEPTED), CLOSED)


def stillborn(
    endpoint: dict[str, Any] | None = None,
    ledger: dict[str, Any] | None = None,
    rows: tuple[Row, ...] = ROWS,
    *,
    is_opted_in: bool = True,
    requests: int = 0,
) -> Inventory:
    """An endpoint whose creation by the gate failed eight days ago."""
    made = {"status": "Failed", "config": "gate-v1", "made_at": OPENED_AT + 2, "modified_at": FAILED_AT}
    return Inventory(
        endpoints=(hosted(**made | (endpoint or {})),),
        heads={NAME: head(**(ledger or {}))},
        failures={NAME: Failure(rows, is_opted_in, requests)},
    )


def test_an_endpoint_whose_creation_failed_goes_after_its_days() -> None:
    assert garbage(stillborn(), POLICY, NOW) == (
        Deletion(Kind.ENDPOINT, NAME, NAME, "its creation failed 8 days ago, and it has never been in service"),
    )
    assert goes(stillborn(), now=FAILED_AT + 7 * DAY) == [(Kind.ENDPOINT, NAME)]
    assert goes(stillborn(), now=FAILED_AT + 6.99 * DAY) == []


def test_its_config_stays_for_as_long_as_it_does() -> None:
    found = dataclasses.replace(stillborn(), things=(config("gate-v1"),))
    assert goes(found) == [(Kind.ENDPOINT, NAME)]


@pytest.mark.parametrize("status", ["OutOfService", "InService", "UpdateRollbackFailed", "Creating", "Deleting"])
def test_an_endpoint_that_is_not_failed_stays(status: str) -> None:
    assert goes(stillborn({"status": status})) == []


ALIVE: dict[str, Inventory] = {
    "it is not opted in": stillborn(is_opted_in=False),
    "it answered a request": stillborn(requests=1),
    "it was updated": stillborn({"is_updated": True}),
    "the ledger knows what is live": stillborn(ledger={"live": live(1)}),
    "the ledger knows what was good": stillborn(ledger={"good": (live(1),)}),
    "an attempt is open": stillborn(ledger={"attempt": attempt()}),
    "nobody attempted to create it": stillborn(rows=ROWS[:1]),
    "the last attempt was an update": stillborn(
        rows=(
            *ROWS,
            row(5, Happened.ATTEMPT_OPENED, OPENED_AT, purpose="update", endpoint_config="gate-v1"),
            dataclasses.replace(CLOSED, number=6),
        )
    ),
    "the attempt made another config": stillborn({"config": "gate-v2"}),
    "it is older than the attempt": stillborn({"made_at": OPENED_AT - 61}),
    "it is younger than the attempt": stillborn({"made_at": FAILED_AT + 66}),
    "the attempt has no outcome": stillborn(rows=ROWS[:3]),
    "the attempt succeeded": stillborn(rows=(*ROWS[:3], row(4, Happened.ATTEMPT_CLOSED, outcome="succeeded"))),
    "the attempt was overtaken": stillborn(rows=(*ROWS[:3], row(4, Happened.ATTEMPT_CLOSED, outcome="superseded"))),
    "it was changed by hand": stillborn(rows=(*ROWS, row(5, Happened.CHANGED_BY_HAND, endpoint_config="theirs"))),
    "it was found serving": stillborn(rows=(*ROWS, row(5, Happened.BASELINE, endpoint_config="gate-v1"))),
    "nothing is known of how it failed": dataclasses.replace(stillborn(), failures={}),
    "there is no head": dataclasses.replace(stillborn(), heads={NAME: None}),
}


@pytest.mark.parametrize("why", ALIVE)
def test_a_failed_endpoint_stays_where(why: str) -> None:
    assert goes(ALIVE[why]) == []


def test_what_an_endpoint_of_that_name_once_was_makes_no_difference() -> None:
    before = row(1, Happened.BASELINE, LONG_AGO, endpoint_config="theirs")
    assert goes(stillborn(rows=(before, *ROWS[1:]))) == [(Kind.ENDPOINT, NAME)]


def test_clocks_that_differ_a_little_make_no_difference() -> None:
    assert goes(stillborn({"made_at": OPENED_AT - 59})) == [(Kind.ENDPOINT, NAME)]
    assert goes(stillborn({"made_at": FAILED_AT + 64})) == [(Kind.ENDPOINT, NAME)]


@pytest.mark.parametrize(
    ("config", "until", "is_garbage"),
    [("gate-v9", NOW, False), ("gate-v9", NOW - 1, True), ("gate-v8", NOW, True)],
    ids=["within the watch window", "after it", "another version is live"],
)
def test_a_watch_alarm_goes_only_after_the_watch_window(config: str, until: float, *, is_garbage: bool) -> None:
    alarm = thing(Kind.ALARM, alarms.watch_name(NAME, config))
    found = stock(alarm, heads={NAME: known(watches=(Watch(config, until, 1.0),))})
    assert goes(found) == ([(Kind.ALARM, alarm.name)] if is_garbage else [])
