"""The answers to an auditor's questions about the chronicle, whole: `answers/` has them as they are printed."""

import csv
import dataclasses
import io
import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from ops.audit.answers import Answer, Basis, LiveVersions, live_versions, version_history
from ops.render.csv_export import csv_export
from ops.render.json_export import answer_json
from ops.render.report import report
from ops.time_range import TimeRange, time_range
from tests.lambdas.builders import arn
from tests.ops.chronicle import DAY, T, five_days

ROWS = five_days()
ANSWERS = Path(__file__).parent / "answers"
NAME = "fraud-detection"


def moment(at: float) -> LiveVersions:
    return live_versions(NAME, ROWS, TimeRange(at, at))


DAY_ONE = live_versions(NAME, ROWS, time_range("2025-11-24", UTC, T + 9 * DAY))
OVERRIDDEN, REVERTED = moment(T + DAY + 3000), moment(T + 3 * DAY + 3000)
LIFE = version_history(NAME, ROWS, "frauddetectiongroup/2")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("an-overridden-check.md", OVERRIDDEN),
        ("a-version-brought-back.md", REVERTED),
        ("a-day-with-a-rollout.md", DAY_ONE),
        ("nothing-live.md", moment(T + 5 * DAY)),
        ("before-the-adoption.md", moment(T - DAY)),
        ("a-manual-change.md", moment(T + 4 * DAY + 60)),
        ("a-versions-life.md", LIFE),
        ("a-version-nobody-knows.md", version_history(NAME, ROWS, "FraudDetectionGroup/9")),
        ("no-ledger.md", live_versions("churn", (), TimeRange(T, T))),
    ],
)
def test_the_page(name: str, answer: Answer) -> None:
    text = "\n".join(report(answer, UTC)) + "\n"
    assert text.replace(ROWS[-1].hash, "HASH") == (ANSWERS / name).read_text()


@pytest.mark.parametrize(
    ("since", "live", "under_way"),
    [
        (T - 1, [], []),
        (T + 20, [], [1]),
        (T + 300, [arn(1)], [1]),
        (T + 320, [arn(1)], []),
        (T + DAY + 800, [arn(1)], [2]),
        (T + DAY + 2200, [arn(2)], [2]),
        (T + 2 * DAY + 500, [arn(2)], [3]),
        (T + 3 * DAY + 660, [arn(1)], []),
        (T + 4 * DAY, [None], []),
        (T + 4 * DAY + 3600, [], []),
    ],
    ids=[
        "before the adoption",
        "while it is created",
        "in service",
        "the rollout is closed",
        "the next one shifts traffic",
        "it is live",
        "one that will be rolled back",
        "reverted",
        "after a manual change",
        "deleted",
    ],
)
def test_what_was_live_at_a_moment(since: float, live: list[str | None], under_way: list[int]) -> None:
    answer = moment(since)
    assert [served.period.version for served in answer.served] == live
    assert [rollout.attempt for rollout in answer.under_way] == under_way


def test_on_a_day_all_that_was_live_at_any_time_of_it() -> None:
    days = [live_versions(NAME, ROWS, time_range(f"2025-11-{day}", UTC, T + 9 * DAY)) for day in range(22, 29)]
    assert [[s.period.version and s.period.version[-1] for s in day.served] for day in days] == [
        [],
        ["1"],
        ["1", "2"],
        ["2"],
        ["2", "1"],
        ["1", None],
        [],
    ]


def test_an_approval_of_later_is_no_answer_for_before() -> None:
    before = live_versions(NAME, ROWS, TimeRange(T + DAY - 60, T + DAY - 60))
    assert [consent.order for served in before.served for consent in served.consents] == [1]


@pytest.mark.parametrize("asked", ["FraudDetectionGroup/2", "FRAUDDETECTIONGROUP/2", arn(2), arn(2).lower()])
def test_a_version_is_found_however_its_group_is_written(asked: str) -> None:
    assert version_history(NAME, ROWS, asked) == LIFE


def test_a_versions_life_is_every_row_about_it_and_those_that_ended_it() -> None:
    assert [row.number for row in LIFE.events] == [5, 6, 7, 8, 9, 10, 11, 12, 18, 21]
    assert version_history(NAME, ROWS, "FraudDetectionGroup/22").events == ()


def test_an_answer_names_the_rows_that_it_is_based_on() -> None:
    assert OVERRIDDEN.basis == Basis(23, ROWS[-1].hash, T)
    assert live_versions(NAME, ROWS[:4], TimeRange(T + DAY, T + DAY)).basis == Basis(4, ROWS[3].hash, T)


def test_as_json_an_answer_has_all_of_it_with_times_in_utc() -> None:
    told = answer_json(OVERRIDDEN)
    assert json.loads(json.dumps(told)) == told
    assert told.keys() == {field.name for field in dataclasses.fields(LiveVersions)}
    assert (told["begin"], told["basis"]["known_since"]) == ("2025-11-24T12:50:00Z", "2025-11-23T12:00:00Z")
    (served,) = told["served"]
    assert served["period"] == {
        "version": arn(2),
        "config": "gate-2",
        "since": "2025-11-24T12:36:40Z",
        "how": "update",
        "row": 12,
        "attempt": 2,
        "until": None,
    }
    assert served["rollout"] == served["judged"]
    assert served["judged"]["gate"] == ROWS[9].fact.detail["gate"]
    assert [consent["at"] for consent in served["consents"]] == ["2025-11-24T12:00:00Z"]
    assert answer_json(LIFE)["events"][0]["number"] == 5


def lines(*answers: Answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_export(answers))))


def test_as_csv_each_version_that_was_live_is_a_line() -> None:
    assert [
        (line["version"], line["live_since"], line["live_until"], line["commit_id"]) for line in lines(DAY_ONE)
    ] == [
        (arn(1), "2025-11-23T12:05:00Z", "2025-11-24T12:36:40Z", "c0ffee1"),
        (arn(2), "2025-11-24T12:36:40Z", "", "c0ffee2"),
    ]
    (line,) = lines(OVERRIDDEN)
    artifact = "s3://example-models/fraud/2/model.tar.gz"
    people = (
        "arn:aws:sts::123456789012:assumed-role/Science/carol",
        "arn:aws:sts::123456789012:assumed-role/Reviewer/alice",
    )
    assert line == {
        "endpoint": NAME,
        "asked_from": "2025-11-24T12:50:00Z",
        "asked_to": "2025-11-24T12:50:00Z",
        "version": arn(2),
        "endpoint_config": "gate-2",
        "live_since": "2025-11-24T12:36:40Z",
        "live_until": "",
        "how": "update",
        "approved_by": people[1],
        "approved_at": "2025-11-24T12:00:00Z",
        "approver_certain": "no",
        "comment": "f1 is not the whole story",
        "gate": "passed",
        "checks": f"four_eyes: passed, found registered by {people[0]}, approved by {people[1]} (different roles or "
        "users), wanted an approver who is none of the version's authors; containers: passed, found containers: 1, "
        "wanted containers that SageMaker can make a model of; artifacts: passed, "
        f"found {artifact}, wanted model data under s3://example-models/fraud/; pin: passed, "
        "found the specification, 1 artifact and 1 image are as approved, "
        "wanted what was approved; require.f1: failed (overridden), found metrics.f1 = 0.75, wanted metrics.f1 >= "
        "`0.8`",
        "registered_by": people[0],
        "generated_by": "arn:pipeline/execution/2",
        "commit_id": "c0ffee2",
        "repository": "",
        "project_id": "",
        "source_uri": "",
        "customer_metadata": '{"dataset":"2025-12"}',
        "ledger_rows": "23",
        "ledger_hash": ROWS[-1].hash,
    }


def test_as_csv_a_time_when_nothing_was_live_is_a_line_too() -> None:
    (line,) = lines(moment(T + 5 * DAY))
    told = {name: value for name, value in line.items() if value}
    assert told.keys() == {"endpoint", "asked_from", "asked_to", "ledger_rows", "ledger_hash"}


def test_as_csv_a_versions_life_is_a_line_for_each_row() -> None:
    found = lines(LIFE)
    assert [line["what"] for line in found[:3]] == ["approval seen", "approval pinned", "held"]
    assert json.loads(found[0]["evidence"]) == ROWS[4].fact.detail
    assert found[0]["hash"] == ROWS[4].hash


@pytest.mark.parametrize("comment", ["=1+1", "+1", "-1", "@x", " =1+1", "\uff1d1+1"])
def test_as_csv_nothing_that_people_wrote_is_a_formula(comment: str) -> None:
    (served,) = OVERRIDDEN.served
    written = dataclasses.replace(served.consents[0], comment=comment)
    answer = dataclasses.replace(OVERRIDDEN, served=(dataclasses.replace(served, consents=(written,)),))
    assert lines(answer)[0]["comment"] == f"'{comment}"


def test_what_people_wrote_does_not_break_a_page() -> None:
    (served,) = OVERRIDDEN.served
    gate: dict[str, Any] = json.loads(json.dumps(served.judged.gate if served.judged else None))
    gate["checks"][0]["found"] = "a | b\nc"
    judged = dataclasses.replace(served.judged, gate=gate) if served.judged else None
    answer = dataclasses.replace(OVERRIDDEN, served=(dataclasses.replace(served, judged=judged),))
    assert any("| a \\| b c |" in line for line in report(answer, UTC))
