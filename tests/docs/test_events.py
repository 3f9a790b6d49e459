"""docs/events.md knows every kind of event, and which of them are notified."""

import re

import pytest

from lambdas.gate.state.fact import Kind
from lambdas.publisher.event import detail_type
from tests.docs.notifications import notifications
from tests.paths import ROOT

ROW = re.compile(r"^\| `(Approval Gate [\w ]+)` \| [^|]+ \| ([^|]*)\|$", re.MULTILINE)
LISTED = {kind: notified.strip() for kind, notified in ROW.findall((ROOT / "docs" / "events.md").read_text())}


def test_every_kind_is_listed() -> None:
    assert LISTED.keys() == {detail_type(kind) for kind in Kind}


@pytest.mark.parametrize("kind", Kind)
def test_it_says_which_kinds_are_notified(kind: Kind) -> None:
    assert bool(LISTED[detail_type(kind)]) == any(row.fact.kind is kind for row in notifications())
