"""The fix that is told is the one that was meant, and applying it makes the problem go away."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.config.document import parse
from infra.config.load import parse_configuration
from infra.config.problem import ConfigError
from tests.infra.config.mistakes import mistakes
from tests.infra.config.test_every_file import ODD, VALID, flow, places
from tests.infra.config.test_load import LEFT_OUT, problems, text


def fixes(source: str) -> dict[str, str]:
    """Place → fix."""
    blocks = problems(source).split("\n\n")[1:]
    return {block.partition(": ")[2].partition("\n")[0]: block.rpartition("fix      ")[2] for block in blocks}


LINES = Path(__file__).with_name("suggestions.txt").read_text().splitlines()[2:]


@pytest.mark.parametrize(("mistake", "fix"), [line.split("  =>  ") for line in LINES])
def test_what_was_meant_is_derived_from_what_was_found_or_there_is_no_example(mistake: str, fix: str) -> None:
    section, value = mistake.split(": ", 1)
    assert list(fixes(text(**{section: value})).values()) == [fix]


def test_a_key_that_is_missing_because_it_is_misspelled_is_told_of_once() -> None:
    assert fixes("endpoint: {}\n") == {"endpoint": "did you mean `endpoints`?"}
    assert fixes("defaults: {}\n") == {"endpoints": "add `endpoints: {}`"}


def applied(source: str, place: str, fix: str) -> str | None:
    """The file with the fix, or None if the fix leaves the choice to people."""
    whole = copy.deepcopy(parse("f", source).data)
    path: list[Any] = [int(part[1:-1]) if part[0] == "[" else part for part in re.findall(r"[^.\[]+|\[\d+\]", place)]
    *around, last = path
    inner = whole
    for part in around:
        inner = inner[part]
    match re.fullmatch(
        r"(write|add|did you mean|move it to|remove it)( `(- |(\w+): )?(.*)`)?\??", fix.split("`, or ", maxsplit=1)[0]
    ):
        case found if found is None or "``" in fix:
            return None
        case found if found[1] == "remove it":
            del inner[last]
        case found if found[1] == "did you mean":
            inner[found[5]] = inner.pop(last)
        case found if found[1] == "move it to":
            entry = whole[path[0]] if path[0] == "defaults" else whole[path[0]][path[1]]
            value = inner.pop(last)
            for part in found[5].split("."):
                entry = entry.setdefault(part, {})
            entry[last] = value
        case found:
            value = parse("f", found[5] if found[5] != "" else '""').data
            if found[4] in path:
                inner = whole
                for part in path[: len(path) - 1 - path[::-1].index(found[4])]:
                    inner = inner[part]
            elif found[4]:
                inner.pop(last, None)
            inner[found[4] or last] = value
    return flow(whole)


def told(source: str) -> set[tuple[str, str, str]]:
    """Place, what was found and the fix."""
    try:
        parse_configuration("endpoints.yaml", source)
    except ConfigError as error:
        pattern = r"endpoints\.yaml:\d+: (.*)\n  found    (.*)\n  allowed  .*\n  fix      (.*)"
        return {(each[1], each[2], each[3]) for each in re.finditer(pattern, str(error))}
    return set()


def check_fixes(source: str) -> None:
    for place, found, fix in told(source):
        after = applied(source, place, fix)
        if after is not None:
            assert (place, found) not in {each[:2] for each in told(after)}, f"{place}: {fix} of {found}"


@pytest.mark.parametrize("mistake", [each for each, _ in mistakes("mistakes.txt") + mistakes("serving_mistakes.txt")])
def test_applying_the_fix_of_a_mistake_makes_it_go_away(mistake: str) -> None:
    key, _, value = mistake.partition(": ")
    check_fixes(text(**{key.removeprefix("without "): value or LEFT_OUT}))


ODD_UNITS = ["yes", "10m", "25%", "2GB", "1h30m", "'7'", "600", "100000000", "[a]", "[600]", "Canary", "1k"]
READABLE = [each for each in ODD if not re.search(r"[&*<!]|^[-@`%.>|#]|\$", each) and len(each) < 50]
WRONG = st.sampled_from([*READABLE, *ODD_UNITS, "[{a: b}]", "a, b", "1 000"])


@settings(max_examples=120)
@given(st.sampled_from(VALID), st.data())
def test_applying_the_fix_of_any_wrong_value_makes_it_go_away(valid: Any, data: st.DataObject) -> None:
    whole = copy.deepcopy(valid)
    *around, last = data.draw(st.sampled_from(list(places(whole))[2:]))
    inner = whole
    for part in around:
        inner = inner[part]
    inner[last] = f"\0{data.draw(WRONG)}"
    try:
        source = flow(parse("f", flow(whole)).data)
    except ConfigError:
        return
    check_fixes(source)
