"""The list of architecture decisions."""

from docs.links import links
from tests.paths import ROOT

FOLDER = ROOT / "docs" / "adr"


def test_every_decision_is_listed_once_in_order() -> None:
    listed = [link.destination for link in links((FOLDER / "README.md").read_text())]
    assert listed == sorted(file.name for file in FOLDER.glob("0*.md"))
