"""What makes the prober play, which requests, and when again. Also how likely a canary is to be seen."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.gate.played import Played, Wrong
from lambdas.prober.errand import BATCH, SECONDS_BETWEEN, Batch, Errand, Malformed, asked
from tests.lambdas.builders import NOW

BAKE = 300
AT = datetime.fromtimestamp(NOW, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
WRONG = Wrong("r", "0.4", "0.5")
ROLLOUT = Errand("gate-v2", NOW, alone=False, until=NOW + BAKE)
CHECK = Errand("gate-v1", NOW, alone=True)


def event(kind: str, **detail: Any) -> str:
    return json.dumps({"detail-type": kind, "time": AT, "detail": detail})


def deployment(status: str, current: int = 1, desired: int = 2) -> str:
    variant = {
        "VariantName": "AllTraffic",
        "CurrentInstanceCount": current,
        "DesiredInstanceCount": desired,
        "VariantStatus": [{"Status": status, "StatusMessage": "...", "StartTime": (NOW + 7) * 1000}],
    }
    pending = {"EndpointConfigName": "gate-v2", "ProductionVariants": [variant], "StartTime": NOW * 1000}
    return event(
        "SageMaker Endpoint Deployment State Change",
        EndpointName="fraud-detection",
        EndpointConfigName="gate-v1",
        EndpointStatus="UPDATING",
        PendingDeploymentSummary=pending,
    )


def change(status: str) -> str:
    return event("SageMaker Endpoint State Change", EndpointConfigName="gate-v1", EndpointStatus=status)


@pytest.mark.parametrize(
    ("body", "errand"),
    [
        (deployment("Creating"), None),
        (deployment("Deleting"), None),
        (deployment("ActivatingTraffic"), Errand("gate-v2", NOW + 7, alone=False, until=NOW + 7)),
        (deployment("Baking"), Errand("gate-v2", NOW + 7, alone=False, until=NOW + 7 + BAKE)),
        # While traffic is moved to the whole fleet, the old one may still answer.
        (deployment("ActivatingTraffic", current=2), Errand("gate-v2", NOW + 7, alone=False, until=NOW + 7)),
        (deployment("Baking", current=2), Errand("gate-v2", NOW + 7, alone=True, until=NOW + 7 + BAKE)),
        (event("SageMaker Endpoint Deployment State Change", EndpointStatus="UPDATING"), None),
        (
            event("SageMaker Endpoint Deployment State Change", PendingDeploymentSummary={"EndpointConfigName": "c"}),
            None,
        ),
        (change("IN_SERVICE"), CHECK),
        (change("UPDATING"), None),
        (event("Parameter Store Change", operation="Update"), Errand(None, NOW, alone=True)),
        (ROLLOUT.message(), ROLLOUT),
        (CHECK.message(), CHECK),
    ],
)
def test_a_message_asks_for(body: str, errand: Errand | None) -> None:
    assert asked(body, BAKE) == errand


@pytest.mark.parametrize(
    "body", ["", "[]", "1", "{}", '{"errand": {}}', '{"errand": 1}', event("Something Else"), '{"detail-type": "x"}']
)
def test_what_is_neither_an_event_nor_an_errand_is_malformed(body: str) -> None:
    with pytest.raises(Malformed, match="neither an event nor an errand"):
        asked(body, BAKE)


def test_a_phase_without_its_start_begins_with_its_event() -> None:
    told = json.loads(deployment("Baking"))
    del told["detail"]["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"][0]["StartTime"]
    assert asked(json.dumps(told), BAKE) == ROLLOUT


def test_a_rollout_goes_round_the_set_and_a_check_ends_with_it() -> None:
    assert ROLLOUT.numbers(10) == [*range(10), *range(10), *range(5)]
    assert Errand("c", NOW, alone=False, until=NOW, next=5).numbers(10)[:6] == [5, 6, 7, 8, 9, 0]
    assert ROLLOUT.numbers(100) == list(range(BATCH))
    assert CHECK.numbers(10) == list(range(10))
    assert Errand("c", NOW, alone=True, next=20).numbers(30) == list(range(20, 30))


def test_a_bake_is_probed_every_half_minute_until_its_end() -> None:
    errand, now, begun = ROLLOUT, NOW, []
    while True:
        begun.append(now - NOW)
        errand = errand.after(Batch(BATCH, right=BATCH), 40)
        if (delay := errand.due(40, now)) is None:
            break
        now += delay
    assert begun == [SECONDS_BETWEEN * number for number in range(10)]
    assert errand.next == 10 * BATCH % 40


def test_two_hundred_requests_are_each_played_in_the_shortest_bake() -> None:
    errand, played = Errand("c", NOW, alone=True, until=NOW + 271), set[int]()
    now: float = NOW
    while True:
        played.update(errand.numbers(200))
        errand = errand.after(Batch(BATCH), 200)
        if (delay := errand.due(200, now)) is None:
            break
        now += delay
    assert played == set(range(200))


def test_what_a_batch_had_no_time_for_is_in_the_next() -> None:
    assert ROLLOUT.after(Batch(3, right=3), 40).next == 3
    after = CHECK.after(Batch(3, right=3), 40)
    assert (after.next, after.due(40, NOW)) == (3, 0)


def test_traffic_that_is_only_being_moved_is_probed_once() -> None:
    assert Errand("gate-v2", NOW, alone=False, until=NOW).due(10, NOW) is None


def test_the_first_wrong_answer_of_a_rollout_is_told_once() -> None:
    batch = Batch(BATCH, right=24, failed=1, wrong=(WRONG,))
    told = ROLLOUT.told_by(batch, "abc", 10)
    assert told == Played("abc", "gate-v2", NOW, alone=False, failed=1, wrong=(WRONG,))
    assert ROLLOUT.told_by(Batch(BATCH, right=BATCH), "abc", 10) is None
    assert ROLLOUT.after(batch, 10).told_by(batch, "abc", 10) is None


def test_a_check_is_told_as_a_whole() -> None:
    first = Batch(BATCH, right=24, failed=1, wrong=(WRONG,))
    assert CHECK.told_by(first, "abc", 30) is None
    second = CHECK.after(first, 30)
    last = Batch(5, right=4, failed=1, wrong=(WRONG,))
    assert second.told_by(last, "abc", 30) == Played("abc", "gate-v1", NOW, alone=True, failed=2, wrong=(WRONG, WRONG))
    assert second.after(last, 30).due(30, NOW) is None


def test_a_check_that_all_answered_right_is_told_too_and_one_with_gaps_is_not() -> None:
    assert CHECK.told_by(Batch(4, right=4), "abc", 4) == Played("abc", "gate-v1", NOW, alone=True)
    assert CHECK.told_by(Batch(4, right=3), "abc", 4) is None


@pytest.mark.parametrize(
    ("share", "requests", "missed"),
    [
        (0.05, 1, 0.95**250),  # 3 in a million
        (0.05, 25, 0.95**10),  # each request is played ten times in 300 s
        (0.5, 25, 0.5**10),
        (0.1, 5, 0.9**50),
    ],
)
def test_the_chance_that_a_canary_s_one_fault_is_missed(share: float, requests: int, missed: float) -> None:
    """The figures of docs/golden-requests.md: 1-(1-p)^n for n plays of a request in a wait of 300 s."""
    plays = BATCH * BAKE // SECONDS_BETWEEN // requests
    assert (1 - share) ** plays == pytest.approx(missed)
