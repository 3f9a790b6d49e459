"""Each scenario without faults calls AWS, writes the ledger and notifies as its known story says."""

from typing import Any

import pytest

from lambdas.gate.aws import ledger
from lambdas.gate.aws.ledger import row_item
from lambdas.gate.state.fact import Row
from simulation.scenarios.index import SCENARIOS
from simulation.story import stories, story


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_goes_as_its_story_says(name: str) -> None:
    assert story(name) == stories()[name]


def test_each_known_story_is_a_scenario_s() -> None:
    assert list(stories()) == list(SCENARIOS)


@pytest.mark.parametrize("name", ["burns", "errs", "paused", "revoke-in-flight"])
def test_a_reworded_summary_changes_no_story(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def reworded(row: Row) -> dict[str, Any]:
        return row_item(row) | {"summary": {"S": "something happened"}}

    monkeypatch.setattr(ledger, "row_item", reworded)
    assert story(name) == stories()[name]
