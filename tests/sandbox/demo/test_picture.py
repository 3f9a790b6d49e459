"""The picture of the demo in the README: how it is drawn, and that it shows the demo of today."""

import ast
import html
import re

from sandbox.demo.picture import FILE, STEPS, WIDTH, draw

PRINTED = """\
Deployed in 56 s.

Step 1: v1 is created
00:02  ok   it is version 1 of the group

Step 2: v2 goes live
06:58  reviewer: approves v2: AUC 0.93
06:58       Updating · Creating | v1 100%, v2 0% | alarms quiet
08:58       Updating · ActivatingTraffic | v1 50%, v2 50% | ALARM: new fleet's 5xx
08:58  ok   part of the traffic is on v2's canary
08:59  ledger: found: {long}

Step 3: v3 is rolled back
26:01  ok   v3 is quarantined

Step 4: nobody calls
32:14  ok   its rollout begins
"""


def test_the_picture_has_two_steps_and_the_last_of_states_in_a_row() -> None:
    lines = shown(draw(PRINTED.format(long=WIDTH * "x").splitlines()))
    assert lines == [
        "Step 2: v2 goes live",
        "06:58  reviewer: approves v2: AUC 0.93",
        "08:58  Updating · ActivatingTraffic | v1 50%, v2 50% | ALARM: new fleet's 5xx",
        "08:58  ✓  part of the traffic is on v2's canary",
        ("08:59  ledger: found: " + WIDTH * "x")[: WIDTH - 1] + "…",
        "Step 3: v3 is rolled back",
        "26:01  ✓  v3 is quarantined",
    ]


def test_the_picture_loads_nothing_from_the_network() -> None:
    assert "url(http" not in draw(PRINTED.splitlines())
    assert "url(http" not in FILE.read_text()


def test_the_picture_in_the_docs_shows_the_steps_of_the_demo() -> None:
    """Otherwise draw it anew: python -m sandbox.demo | python -m sandbox.demo.picture"""
    titles = [title for number, title in steps() if number in STEPS]
    assert len(titles) == len(STEPS)
    assert [line.split(": ", 1)[1] for line in shown(FILE.read_text()) if line.startswith("Step ")] == titles


def steps() -> list[tuple[int, str]]:
    """Return the numbers and titles of the demo's steps, as its story has them."""
    tree = ast.parse((FILE.parents[2] / "sandbox" / "demo" / "story.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return [
        tuple(ast.literal_eval(argument) for argument in call.args)
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "step"
    ]


def shown(svg: str) -> list[str]:
    """Return the lines of text in a picture of a terminal."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for x, y, text in re.findall(r'<text class="[^"]*-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', svg):
        rows.setdefault(float(y), []).append((float(x), html.unescape(text).replace("\xa0", " ")))
    lines = ("".join(text for _, text in sorted(rows[y])).strip() for y in sorted(rows))
    return [line for line in lines if line]
