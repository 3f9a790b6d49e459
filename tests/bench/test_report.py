"""The table and the page of the benchmark are written from its figures alone."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import report
from bench.point import Figures, Findings, Goal, Measure, Point

MEASURES = [
    Measure("start", "ms", 300.0, (Goal(0.5, "typical"), Goal(200)), {"typical": 1000.0}),
    Measure("memory", "MB", 0.000412),
]
FOUND = Findings(MEASURES, [Figures("Sizes:", ("memory", "start"), [("512 MB", "1 s")])], ["Missed, because."], [1])
POINT = Point("start", "Cold start", "How it is measured.", lambda: FOUND)


def test_findings_are_read_back_as_they_were_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report.store(POINT, FOUND, datetime(2026, 11, 30, tzinfo=UTC))
    report.store(dataclasses.replace(POINT, name="other"), Findings(()), datetime(2026, 12, 1, tzinfo=UTC))
    kept = report.stored()
    assert list(kept) == ["start", "other"]
    read = Findings.from_json(kept["start"])
    assert (read.measures, read.notes, read.data) == (MEASURES, ["Missed, because."], [1])


def test_the_page_has_each_goal_with_its_ratio_and_says_whether_it_is_met() -> None:
    found = {"start": {"on": "2026-11-30", "machine": "2 cores", **FOUND.to_json()}}
    text = report.page([POINT, dataclasses.replace(POINT, name="never", title="Never measured")], found)
    assert [line for line in text.splitlines() if line.startswith("| start")] == [
        "| start | start | ≤ 0.5 times typical | 300 ms | typical: 1,000 | 0.3 times typical | yes |",
        "| start | start | ≤ 200 ms | 300 ms | typical: 1,000 | 0.3 times typical | no |",
        "| start | memory |  | 0.00041 MB |  |  |  |",
    ]
    assert text.split("## Cold start\n")[1] == (
        "\nHow it is measured.\n\nMeasured on 2026-11-30: 2 cores.\n\nSizes:\n\n"
        "| memory | start |\n| --- | --- |\n| 512 MB | 1 s |\n\nMissed, because.\n"
    )
    assert "Never measured" not in text
