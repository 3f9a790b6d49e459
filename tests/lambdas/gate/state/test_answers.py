"""The messages between the deployer and the comparer."""

import dataclasses
import json
from typing import Any

import pytest

from lambdas.gate.spec.shadow import Differ
from lambdas.gate.spec.tolerance import Tolerance
from lambdas.gate.state.answers import MOST_LISTED, Answers, AnswersResult, AnswersTask, Pair

COMPARER, DEPLOYER = "AROACOMPARER", "AROADEPLOYER"
SENDER = f"{COMPARER}:approval-gate-comparer-fraud"
TASK = AnswersTask("AllTraffic", "shadow-2-4", 600.0, 1200.0, Differ(1, "score", Tolerance(0.1)))
PAIR = Pair("0a" * 8, "0f8b-1", "0f8b-2")
RESULT = AnswersResult("shadow-2-4", 600.0, 1200.0, copies=50, pairs=40, differing=3, by_id=20, first=(PAIR,))


def received(result: AnswersResult, sender: str | None = SENDER, **changed: Any) -> AnswersResult:
    content = json.loads(result.message("fraud"))["answers"] | changed
    return AnswersResult.from_message(content, sender, DEPLOYER)


def test_a_task_is_read_as_it_was_sent() -> None:
    assert AnswersTask.from_message(TASK.message()) == TASK


@pytest.mark.parametrize("changed", [{"since": 1200.0}, {"until": float("nan")}, {"live": 1}, {"differ": None}])
def test_a_task_that_does_not_fit_is_refused(changed: dict[str, Any]) -> None:
    content = json.loads(TASK.message())["compare"] | changed
    with pytest.raises((KeyError, TypeError, ValueError)):
        AnswersTask.from_message(json.dumps({"compare": content}))


def test_a_result_is_from_the_sender_that_sqs_names() -> None:
    assert received(RESULT) == dataclasses.replace(RESULT, sender=SENDER)
    assert received(dataclasses.replace(RESULT, sender=SENDER), "AROAFORGER:x").sender == "AROAFORGER:x"
    assert received(dataclasses.replace(RESULT, sender=SENDER), f"{DEPLOYER}:x").sender == SENDER


@pytest.mark.parametrize(
    ("role_id", "is_its"), [(COMPARER, True), ("AROAOTHER", False), ("AROA", False), (None, False)]
)
def test_a_result_counts_only_from_a_session_of_the_role(role_id: str | None, is_its: bool) -> None:
    assert received(RESULT).is_from(role_id) is is_its


@pytest.mark.parametrize(
    "changed",
    [
        {"pairs": 60},
        {"differing": 41},
        {"differing": -1},
        {"by_id": 41},
        {"copies": 10**12},
        {"since": float("inf")},
        {"shadow": "a" * 65},
        {"shadow": "a\nb"},
        {"first": [{"request": "jane@example.com", "live": "", "shadow": ""}]},
        {"first": [{"request": "", "live": "a" * 65, "shadow": ""}]},
        {"pairs": "40"},
    ],
)
def test_a_result_that_does_not_fit_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        received(RESULT, **changed)


def test_only_the_first_pairs_are_kept() -> None:
    pairs = tuple(dataclasses.replace(PAIR, live=str(number)) for number in range(9))
    assert received(dataclasses.replace(RESULT, first=pairs)).first == pairs[:MOST_LISTED]
    known = Answers(600.0, 100, 1, 0, pairs[:4]).plus(RESULT)
    assert known == Answers(1200.0, 140, 4, 20, (*pairs[:4], PAIR))
