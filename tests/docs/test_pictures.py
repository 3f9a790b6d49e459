"""The pictures of the commands are as the commands print today."""

import pytest

from docs.pictures import FOLDER, pictures
from tests.paths import ROOT

DRAWN = pictures()
PAGE = (ROOT / "docs" / "operate.md").read_text()


@pytest.mark.parametrize("name", DRAWN)
def test_the_picture_in_the_docs_is_that_of_today(name: str) -> None:
    """Otherwise draw it anew: python -m docs.pictures"""
    assert (FOLDER / name).read_text() == DRAWN[name]


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_shown_and_loads_nothing_from_the_network(name: str) -> None:
    assert f"](images/{name})" in PAGE
    assert "url(http" not in DRAWN[name]
