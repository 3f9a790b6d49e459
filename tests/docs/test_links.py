"""The check of the links in Markdown files: what it finds, and what it leaves alone."""

from pathlib import Path

import pytest

from docs import links
from docs.links import anchors, broken_links


def problems(root: Path, text: str) -> list[str]:
    """What is wrong with the links of a page beside `other.md`, which has the headings `Here` and `Here`."""
    (root / "folder").mkdir()
    (root / "folder" / "other.md").write_text("# Here\n\n## Here\n")
    (root / "folder" / "page.md").write_text(text)
    return broken_links(root)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[x](missing.md)", "folder/page.md:1: missing.md: there is no such file"),
        ("\n\n[x](other.md#there)", "folder/page.md:3: other.md#there: there is no such anchor"),
        ("# Mine\n\n[x](#yours)", "folder/page.md:3: #yours: there is no such anchor"),
        ("[x](other.md#here-2)", "folder/page.md:1: other.md#here-2: there is no such anchor"),
        ("![x](missing.svg)", "folder/page.md:1: missing.svg: there is no such file"),
        ("[x][1]\n\n[1]: missing.md", "folder/page.md:1: missing.md: there is no such file"),
        ("| a |\n|---|\n| [x](missing.md) |", "folder/page.md:3: missing.md: there is no such file"),
        ('<img src="missing.png">', "folder/page.md:1: missing.png: there is no such file"),
        ("[x](../../page.md)", "folder/page.md:1: ../../page.md: it leads out of the repository"),
        ("[x](/page.md)", "folder/page.md:1: /page.md: there is no such file"),
    ],
    ids=[
        "no file",
        "no anchor",
        "no anchor in the page itself",
        "a number too high",
        "an image",
        "by reference",
        "in a table",
        "in HTML",
        "out of the repository",
        "from the root",
    ],
)
def test_a_broken_link_is_named_with_its_line(tmp_path: Path, text: str, found: str) -> None:
    assert problems(tmp_path, text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "[x](other.md), [x](other.md#here), [x](other.md#here-1), [x](/folder/other.md), [x](..)",
        "# Mine\n\n[x](#mine)",
        "[x](https://example.com/missing.md#there), <mailto:a@example.com>",
        "`[x](missing.md)`\n\n```\n[x](missing.md)\n```",
    ],
    ids=["files and anchors that exist", "an anchor of the page itself", "other sites", "code"],
)
def test_all_other_links_are_left_alone(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == []


def test_files_of_others_are_not_checked(tmp_path: Path) -> None:
    for folder in ("node_modules", ".venv", "cdk.out"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.md").write_text("[x](missing.md)")
    assert broken_links(tmp_path) == []


def test_a_repeated_heading_gets_a_number() -> None:
    assert anchors("# A\n\n# A\n\n# A 1\n\n# A") == {"a", "a-1", "a-1-1", "a-2"}


def test_the_exit_code_says_whether_a_link_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(links, "ROOT", tmp_path)
    assert (links.main(), capsys.readouterr().out) == (0, "")
    (tmp_path / "page.md").write_text("[x](missing.md)")
    assert (links.main(), capsys.readouterr().out) == (1, "page.md:1: missing.md: there is no such file\n")
