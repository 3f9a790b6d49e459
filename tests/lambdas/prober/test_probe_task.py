"""What makes the prober play, which requests, and when again. Also how likely a canary is to be seen."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.gate.state.golden_result import GoldenResult, Wrong
from lambdas.prober.probe_task import (
    BATCH,
    LATE_SECONDS,
    MOST_TRIES,
    SECONDS_BETWEEN,
    Batch,
    Malformed,
    ProbeTask,
    asked,
)
from tests.lambdas.builders import NOW

WAIT, BAKE = 600, 300
AT = datetime.fromtimestamp(NOW, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
WRONG = Wrong("r", "0.4", "0.5")
ROLLOUT = ProbeTask("gate-v2", NOW, alone=False, until=NOW + BAKE, digest="abc")
FULL = dataclasses.replace(ROLLOUT, alone=True)
CHECK = ProbeTask("gate-v1", NOW, alone=True, digest="abc")


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


def uncounted(status: str) -> str:
    told = json.loads(deployment(status))
    variant = told["detail"]["PendingDeploymentSummary"]["ProductionVariants"][0]
    del variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]
    return json.dumps(told)


def change(status: str) -> str:
    return event("SageMaker Endpoint State Change", EndpointConfigName="gate-v1", EndpointStatus=status)


@pytest.mark.parametrize(
    ("body", "errand"),
    [
        (deployment("Creating"), None),
        (deployment("Deleting"), None),
        (deployment("ActivatingTraffic"), ProbeTask("gate-v2", NOW + 7, alone=False, until=NOW + 7)),
        (deployment("Baking"), ProbeTask("gate-v2", NOW + 7, alone=False, until=NOW + 7 + WAIT)),
        # While traffic is moved to the whole fleet, the old one may still answer.
        (deployment("ActivatingTraffic", current=2), ProbeTask("gate-v2", NOW + 7, alone=False, until=NOW + 7)),
        (deployment("Baking", current=2), ProbeTask("gate-v2", NOW + 7, alone=True, until=NOW + 7 + BAKE)),
        (event("SageMaker Endpoint Deployment State Change", EndpointStatus="UPDATING"), None),
        (
            event("SageMaker Endpoint Deployment State Change", PendingDeploymentSummary={"EndpointConfigName": "c"}),
            None,
        ),
        # Which phase it is, nobody knows.
        (uncounted("Baking"), ProbeTask("gate-v2", NOW + 7, alone=False, until=NOW + 7 + WAIT)),
        (change("IN_SERVICE"), ProbeTask("gate-v1", NOW, alone=True)),
        (change("UPDATING"), None),
        (event("Parameter Store Change", operation="Update"), ProbeTask(None, NOW, alone=True)),
        (ROLLOUT.message(), ROLLOUT),
        (CHECK.message(), CHECK),
    ],
)
def test_a_message_asks_for(body: str, errand: ProbeTask | None) -> None:
    assert asked(body, WAIT, BAKE) == errand


@pytest.mark.parametrize(
    "body",
    [
        *("", "[]", "1", "{}", '{"errand": {}}', '{"errand": 1}', '{"detail-type": "x"}'),
        event("Something Else"),
        "[" * 100_000,
        deployment("Baking").replace(str((NOW + 7) * 1000), "1" + "0" * 400),
        deployment("Baking").replace(str((NOW + 7) * 1000), "1" + "0" * 5000),
        deployment("Baking").replace(str((NOW + 7) * 1000), "Infinity"),
        deployment("Baking").replace('"gate-v2"', "7"),
        ROLLOUT.message().replace('"next":0', '"next":-1'),
        ROLLOUT.message().replace('"until":', '"until":NaN,"x":'),
    ],
)
def test_what_is_neither_an_event_nor_an_errand_is_malformed(body: str) -> None:
    with pytest.raises(Malformed, match="neither an event nor a probe task"):
        asked(body, WAIT, BAKE)


def test_a_phase_without_its_start_begins_with_its_event() -> None:
    told = json.loads(deployment("Baking"))
    del told["detail"]["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"][0]["StartTime"]
    assert asked(json.dumps(told), WAIT, BAKE) == ProbeTask("gate-v2", NOW, alone=False, until=NOW + WAIT)


def test_a_rollout_goes_round_the_set_and_a_check_ends_with_it() -> None:
    assert ROLLOUT.numbers(10, NOW) == [*range(10), *range(10), *range(5)]
    assert ProbeTask("c", NOW, alone=False, until=NOW, next=5).numbers(10, NOW)[:6] == [5, 6, 7, 8, 9, 0]
    assert ROLLOUT.numbers(100, NOW) == list(range(BATCH))
    assert CHECK.numbers(10, NOW) == list(range(10))
    assert ProbeTask("c", NOW, alone=True, next=20).numbers(30, NOW) == list(range(20, 30))


def test_a_bake_is_probed_every_half_minute_until_its_end() -> None:
    errand, now, begun = ROLLOUT, NOW, []
    while True:
        begun.append(now - NOW)
        errand = dataclasses.replace(errand.after(Batch(BATCH, right=BATCH), 40, now), unsaid=None)
        if (delay := errand.due()) is None:
            break
        now += delay
    assert begun == [SECONDS_BETWEEN * number for number in range(10)]
    assert errand.next == 10 * BATCH % 40


def test_two_hundred_requests_are_each_played_in_the_shortest_bake() -> None:
    errand, played = ProbeTask("c", NOW, alone=True, until=NOW + 271), set[int]()
    now: float = NOW
    while True:
        played.update(errand.numbers(200, now))
        errand = errand.after(Batch(BATCH), 200, now)
        if (delay := errand.due()) is None:
            break
        now += delay
    assert played == set(range(200))


def test_what_a_batch_had_no_time_for_is_in_the_next() -> None:
    assert ROLLOUT.after(Batch(3, right=3), 40, NOW).next == 3
    after = CHECK.after(Batch(3, right=3), 40, NOW)
    assert (after.next, after.due()) == (3, 0)


def test_traffic_that_is_only_being_moved_is_probed_once() -> None:
    assert ProbeTask("gate-v2", NOW, alone=False, until=NOW).after(Batch(BATCH), 10, NOW).due() is None


def test_what_comes_long_after_its_phase_plays_nothing() -> None:
    end = NOW + BAKE
    assert len(ROLLOUT.numbers(10, end + LATE_SECONDS)) == BATCH
    assert ROLLOUT.numbers(10, end + LATE_SECONDS + 1) == []
    after = FULL.after(Batch(0), 10, end + LATE_SECONDS + 1)
    assert (after.unsaid, after.over, after.due()) == (None, True, None)


RIGHT, ONE_WRONG = Batch(BATCH, right=BATCH), Batch(BATCH, right=24, failed=1, wrong=(WRONG,))
FAILED = GoldenResult("abc", "gate-v2", NOW, alone=False, failed=1, wrong=(WRONG,))


def test_the_first_wrong_answer_of_a_rollout_is_told_once() -> None:
    first = ROLLOUT.after(ONE_WRONG, 10, NOW)
    assert (first.unsaid, first.owed) == (FAILED, 1)
    assert ROLLOUT.after(RIGHT, 10, NOW).unsaid is None
    said = dataclasses.replace(first, unsaid=None, owed=0).after(ONE_WRONG, 10, NOW + 30)
    assert (said.unsaid, said.owed) == (None, 1)


def test_what_could_not_be_told_and_published_goes_along_and_grows() -> None:
    second = ROLLOUT.after(ONE_WRONG, 10, NOW).after(ONE_WRONG, 10, NOW + 30)
    assert (second.unsaid, second.owed) == (FAILED, 2)
    last = second.after(ONE_WRONG, 10, NOW + BAKE - 10)
    assert (last.owed, last.over, last.due(), last.numbers(10, NOW + BAKE)) == (3, True, SECONDS_BETWEEN, [])
    assert last.after(Batch(0), 10, NOW + BAKE + 20) == last
    assert dataclasses.replace(last, tries=MOST_TRIES).due() is None


def test_right_answers_of_the_new_fleet_alone_are_told_once_the_whole_set_was_answered_right() -> None:
    whole = GoldenResult("abc", "gate-v2", NOW, alone=True)
    assert FULL.after(RIGHT, 10, NOW).unsaid == whole
    assert ROLLOUT.after(RIGHT, 10, NOW).unsaid is None
    first = FULL.after(RIGHT, 40, NOW)
    assert (first.unsaid, first.right) == (None, 25)
    second = first.after(RIGHT, 40, NOW + 30)
    assert second.unsaid == whole
    said = dataclasses.replace(second, unsaid=None)
    assert said.after(RIGHT, 40, NOW + 60).unsaid is None
    assert said.after(ONE_WRONG, 40, NOW + 60).unsaid == dataclasses.replace(FAILED, alone=True)


def test_of_nothing_but_errors_nothing_is_told() -> None:
    assert FULL.after(Batch(BATCH), 40, NOW + BAKE - 30).unsaid is None


def test_one_error_does_not_ask_for_the_whole_set_again() -> None:
    """Of three requests the second had no answer the first time that the set was played."""
    one = FULL.after(Batch(2, right=1, places=(0,)), 3, NOW)
    assert (one.left, one.unsaid) == ((1, 2), None)
    two = one.after(Batch(3, right=3), 3, NOW + 30)
    assert (two.left, two.unsaid) == ((), GoldenResult("abc", "gate-v2", NOW, alone=True))


@pytest.mark.parametrize(
    ("batch", "told"),
    [
        (
            Batch(BATCH, right=24, places=tuple(range(24))),
            GoldenResult("abc", "gate-v2", NOW, alone=True, is_part=True),
        ),
        (Batch(BATCH), GoldenResult("abc", "gate-v2", NOW, alone=True, is_part=True)),
        (RIGHT, GoldenResult("abc", "gate-v2", NOW, alone=True)),
    ],
)
def test_where_some_requests_had_no_answer_the_last_batch_tells_that_others_were_right(
    batch: Batch, told: GoldenResult | None
) -> None:
    """Of 40 requests the first batch answered all but the last ten of its 25."""
    before = FULL.after(Batch(BATCH, right=15, places=tuple(range(15))), 40, NOW)
    assert (before.right, before.left, before.unsaid) == (15, tuple(range(15, 40)), None)
    before = dataclasses.replace(before, next=15)
    assert before.after(batch, 40, NOW + BAKE - 30).unsaid == told


def test_a_check_is_told_as_a_whole() -> None:
    first = CHECK.after(ONE_WRONG, 30, NOW)
    assert (first.unsaid, first.owed, first.due()) == (None, 0, 0.0)
    last = first.after(Batch(5, right=4, failed=1, wrong=(WRONG,)), 30, NOW)
    assert last.unsaid == GoldenResult("abc", "gate-v1", NOW, alone=True, failed=2, wrong=(WRONG, WRONG))
    assert (last.owed, last.due()) == (0, SECONDS_BETWEEN)
    assert dataclasses.replace(last, unsaid=None).due() is None


def test_a_check_that_all_answered_right_is_told_too_and_one_with_gaps_is_not() -> None:
    assert CHECK.after(Batch(4, right=4), 4, NOW).unsaid == GoldenResult("abc", "gate-v1", NOW, alone=True)
    assert CHECK.after(Batch(4, right=3), 4, NOW).unsaid is None


def test_what_was_found_with_another_set_counts_for_nothing() -> None:
    begun = CHECK.after(Batch(BATCH, right=25), 30, NOW)
    assert begun.of("abc") == begun
    assert begun.of("def") == dataclasses.replace(CHECK, digest="def")
    assert dataclasses.replace(begun, digest=None).of("abc") == CHECK
    owing = ROLLOUT.after(ONE_WRONG, 10, NOW)
    assert (owing.of("def").owed, owing.of("def").unsaid) == (1, FAILED)


def test_a_message_that_comes_again_and_again_has_no_end_of_successors() -> None:
    """Each may have had one before it came again."""
    lines, messages = [ROLLOUT], 0
    while lines:
        errand = lines.pop()
        for times in (1, 2, 3, 4, 5):
            delivered = errand.delivered(times)
            if times > 1 and delivered.continues(times):
                lines.append(delivered)
                messages += 1
    assert messages == 7
    assert all(ROLLOUT.delivered(times).continues(times) for times in (1, 2, 3, 4))
    assert not ROLLOUT.delivered(5).continues(5)
    assert dataclasses.replace(ROLLOUT, again=9).continues(1)


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
