"""What people read about a scenario has no value as programs write it, in rows, notifications and answers."""

from collections.abc import Iterator
from datetime import UTC

import pytest

from lambdas.gate.state.fact import Row
from ops.audit.answers import live_versions, to_last_row, version_history
from ops.render.report import report
from ops.render.story import story
from simulation.scenarios.index import SCENARIOS
from simulation.story import written
from tests.plain_text import faults


def _answers(rows: list[Row]) -> Iterator[str]:
    for endpoint in {row.endpoint for row in rows}:
        own = [row for row in rows if row.endpoint == endpoint]
        yield from report(live_versions(endpoint, own, to_last_row(own, 0.0)), UTC)
        for version in {row.fact.version for row in own if row.fact.version}:
            yield from report(version_history(endpoint, own, version), UTC)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_text_of_a_scenario_is_plain(name: str) -> None:
    rows, notifications = written(name)
    texts = [row.fact.summary for row in rows]
    texts += [line for request in notifications for line in (request["Subject"], *request["Message"].split("\n"))]
    assert faults([*texts, *story(rows).lines(), *_answers(rows)]) == []
