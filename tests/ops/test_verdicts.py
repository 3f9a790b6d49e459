"""`verify` computes the judge's verdicts again from the minutes that their rows keep."""

from typing import Any

import pytest

from lambdas.gate.decide.judging import compared
from lambdas.gate.spec.judge import Judge, JudgeMode, Latency
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.shared_minute import Count, SharedMinute, Slow
from lambdas.gate.transitions.verdict import evidence
from ops.verification import verdicts

RULES = Judge(JudgeMode.REVERT)
MINUTES = tuple(SharedMinute(60.0 * at, Count(600, 6), Count(590, 40)) for at in range(2))
WRITTEN = evidence(RULES, MINUTES, compared(RULES, MINUTES))


def rows(*details: dict[str, Any], kind: Kind = Kind.JUDGED) -> list[Row]:
    return [Row("churn", number, Fact(kind, 0.0, "", detail=each), "", "") for number, each in enumerate(details, 1)]


def test_a_verdict_follows_from_its_minutes() -> None:
    assert verdicts.first_misjudged(rows(WRITTEN, WRITTEN)) is None


def test_a_shadow_that_was_compared_has_a_verdict_and_any_other_has_none() -> None:
    given = rows({"end": "aborted"}, {"end": "worse"} | WRITTEN, kind=Kind.SHADOW_ENDED)
    assert verdicts.first_misjudged(given) is None
    assert verdicts.coverage(given) == "The verdict of the judge can be computed again from the rows."
    changed = rows({"end": "worse"} | WRITTEN | {"minutes": []}, kind=Kind.SHADOW_ENDED)
    assert verdicts.first_misjudged(changed) == (
        "row 1 is no verdict of the judge: its minutes show inconclusive, and it says worse"
    )


def test_rows_of_another_kind_have_none() -> None:
    given = rows({}, kind=Kind.ATTEMPT_CLOSED)
    assert (verdicts.first_misjudged(given), verdicts.coverage(given)) == (None, None)


COMPARED = (Kind.ANSWERS_COMPARED, {"window": {"shadow": "shadow-2-4", "pairs": 100, "differing": 20}})


def ended(end: str, pairs: int, differing: int) -> tuple[Kind, dict[str, Any]]:
    """The end of a shadow whose answers may differ in 5 %."""
    known = {"pairs": pairs, "differing": differing}
    return Kind.SHADOW_ENDED, {
        "end": end,
        "variant": "shadow-2-4",
        "shadow": {"differ": {"max_percent": 5}},
        "answers": known,
    }


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ((COMPARED, ended("differing", 100, 20)), None),
        ((COMPARED, COMPARED, ended("differing", 200, 40)), None),
        ((ended("unproven", 0, 0),), None),
        ((COMPARED, ended("passed", 100, 20)), "its answers differ too often, and it says passed"),
        ((ended("differing", 0, 0),), "its answers do not differ too often, and it says differing"),
        ((COMPARED, ended("passed", 100, 0)), "its answers are not the sums of the rows before it"),
        ((COMPARED, COMPARED, ended("differing", 100, 20)), "its answers are not the sums of the rows before it"),
    ],
)
def test_the_end_of_a_shadow_follows_from_its_answers(
    given: tuple[tuple[Kind, dict[str, Any]], ...], problem: str | None
) -> None:
    made = [
        Row("churn", number, Fact(kind, 0.0, "", detail=detail), "", "")
        for number, (kind, detail) in enumerate(given, 1)
    ]
    expected = None if problem is None else f"row {len(given)} is no verdict of the judge: {problem}"
    assert verdicts.first_misjudged(made) == expected


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"minutes": [[0.0, 600, 6, 590, 6]]}, "its minutes show not worse seen, and it says worse"),
        ({"minutes": []}, "its minutes show inconclusive, and it says worse"),
        ({"judge": WRITTEN["judge"] | {"margin_percent": 90}}, "its minutes show inconclusive, and it says worse"),
        (
            {"comparison": WRITTEN["comparison"] | {"new": {"requests": 590, "failures": 41}}},
            "its minutes show worse, and it says worse with other counts",
        ),
        ({"minutes": [[0.0, 600]]}, "its verdict cannot be computed again"),
        ({"judge": {}, "minutes": None}, "its verdict cannot be computed again"),
        ({"comparison": None}, "its verdict cannot be computed again"),
    ],
)
def test_a_verdict_that_its_minutes_do_not_show_is_named(changed: dict[str, Any], problem: str) -> None:
    given = rows(WRITTEN, WRITTEN | changed)
    assert verdicts.first_misjudged(given) == f"row 2 is no verdict of the judge: {problem}"


@pytest.mark.parametrize(("count", "text"), [(1, "The verdict of the judge"), (2, "All 2 verdicts of the judge")])
def test_an_intact_ledger_says_how_many_verdicts_it_has(count: int, text: str) -> None:
    assert verdicts.coverage(rows(*[WRITTEN] * count)) == f"{text} can be computed again from the rows."


TIMED = Judge(JudgeMode.REVERT, latency=Latency(JudgeMode.OBSERVE, 200))
EQUAL = tuple(SharedMinute(60.0 * at, Count(600, 6), Count(590, 6), Slow(12, 60)) for at in range(2))
BOTH = evidence(TIMED, EQUAL, compared(TIMED, EQUAL))
FAILED_ONLY = {name: value for name, value in BOTH["comparison"].items() if name != "latency"}
FASTER = [[at, *rest, 12, 12] for at, *rest, _, _ in BOTH["minutes"]]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, None),
        ({"minutes": FASTER}, "by latency its minutes show not worse seen, and it says worse"),
        ({"judge": WRITTEN["judge"]}, "by latency its minutes were not compared"),
        ({"comparison": FAILED_ONLY}, "by latency its minutes were not compared"),
        ({"minutes": [[*minute, 1] for minute in BOTH["minutes"]]}, "its verdict cannot be computed again"),
        ({"judge": BOTH["judge"] | {"latency": {}}}, "its verdict cannot be computed again"),
        ({"judge": BOTH["judge"] | {"latency": {"mode": "x"}}}, "its verdict cannot be computed again"),
    ],
)
def test_a_verdict_by_latency_follows_from_its_minutes_too(changed: dict[str, Any], problem: str | None) -> None:
    found = verdicts.first_misjudged(rows(BOTH | changed))
    assert found == (f"row 1 is no verdict of the judge: {problem}" if problem else None)
