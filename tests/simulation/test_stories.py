"""What each scenario asks of AWS, writes into the ledger and tells people where nothing goes wrong."""

import pytest

from simulation.scenarios.index import SCENARIOS
from simulation.story import stories, story


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_goes_as_told(name: str) -> None:
    assert story(name) == stories()[name]


def test_no_other_story_is_told() -> None:
    assert list(stories()) == list(SCENARIOS)
