"""What people and models wrote is shown as text in every output, also if an earlier release did not make it safe."""

import csv
import dataclasses
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

import click
import pytest

from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.text import is_safe
from lambdas.gate.transitions import intervention
from lambdas.publisher import notification
from lambdas.publisher.registry_note import note
from ops.audit.answers import version_history
from ops.checks.expectation import Finding, Weight, compared
from ops.dead_letters.cause import cause
from ops.dead_letters.queues import QUEUES, DeadLetter
from ops.render import dead_letters, findings, status, story
from ops.render.csv_export import csv_export
from ops.render.json_export import answer_json, json_line, row_json
from ops.render.output import Output
from ops.render.report import report
from ops.render.text import recorded
from tests.ops.chronicle import five_days
from tests.ops.test_status import SETTLED, approval

MARK = "EVIL"
TEXTS = {
    "a line of its own": f"x\n{MARK}: all is well",
    "a carriage return": f"x\r{MARK}",
    "a line separator": f"x\u2028{MARK}\u0085{MARK}",
    "colours and the title of a terminal": f"\x1b[31m\x1b]0;{MARK}\x07\x9b2J\x7f\x00",
    "the writing direction": f"\u202e{MARK}\u2066\u200f\u061c",
    "half a character": f"\ud83d{MARK}",
    "a heading": f"\n# {MARK}\n\n- {MARK}",
    "a link": f"[{MARK}](https://example.com) ![{MARK}](https://example.com/a.png)",
    "HTML": f"<script>{MARK}</script><!-- {MARK}",
    "an entity": f"&lt;{MARK}&gt;&#x202e;",
    "markup": f"*{MARK}* _{MARK}_ `{MARK}` ~~{MARK}~~ ${MARK}$ \\",
    "a column": f"{MARK} | passed |",
    "a formula": f'=HYPERLINK("https://example.com","{MARK}")',
    "a cell": f'",=1+1,"\n=1+1,{MARK}',
    "the advice of a notification": f"x\n\nWhat to do:\n  {MARK}",
}
BEFORE = five_days()


def hostile_row(text: str) -> Row:
    detail = {"approval": 9, "approved_at": 1.0, "comment": text, "inferred": False, "reason": [text], text: text}
    detail |= {"approver": None, "approver_uncertain": False, "overtaken_by": text}
    fact = Fact(Kind.APPROVAL_SEEN, 1_800_000_000.0, f"7 was approved: {text}", text, "arn:a:b:c:d:e/G/7", detail)
    return Row("fraud-detection", len(BEFORE) + 1, fact, BEFORE[-1].hash, "")


def hostile_head(text: str) -> Head:
    live = dataclasses.replace(SETTLED.live, approval=approval(2, text)) if SETTLED.live else None
    return dataclasses.replace(SETTLED, live=live, notice=text, paused=text)


def output(*parts: Any, failure: str | None = None) -> Output:
    return Output(*parts, values=(), failure=failure)


def printed(output: Output, capsys: Any) -> list[str]:
    try:
        output.show()
    except click.ClickException as error:
        error.show()
    shown = capsys.readouterr()
    lines: list[str] = f"{shown.out}{shown.err}".removesuffix("\n").split("\n")
    return lines


def _status(text: str) -> Iterator[Output]:
    yield output(status.everything(hostile_head(text), UTC))
    yield output(status.overview([("fraud-detection", hostile_head(text))], UTC))


def _story(text: str) -> Iterator[Output]:
    yield output(story.story((hostile_row(text),)))


def _json(text: str) -> Iterator[Output]:
    yield output(json_line(row_json(hostile_row(text))))
    yield output(json_line(answer_json(version_history("e", (*BEFORE, hostile_row(text)), "G/7"))))


def _csv(text: str) -> Iterator[Output]:
    yield output(*csv_export([version_history("e", (*BEFORE, hostile_row(text)), "G/7")]).split("\n"))


def _page(text: str) -> Iterator[Output]:
    yield output(*report(version_history("e", (*BEFORE, hostile_row(text)), "G/7"), UTC))


def _answers(text: str) -> Iterator[Output]:
    yield output(recorded("e", intervention.pause(dataclasses.replace(SETTLED, paused=None), text, text, 1.0)[1]))
    yield output(failure=text)


def _mail(text: str) -> Iterator[Output]:
    message = notification.request(hostile_row(text), "arn:aws:sns:us-east-1:123456789012:topic")
    assert message is not None
    yield output(message["Subject"], *message["Message"].split("\n"))


def _registry(text: str) -> Iterator[Output]:
    quarantined = dataclasses.replace(hostile_head(text), live=None)
    yield output(note(quarantined, "arn:a:b:c:d:e/G/7", hostile_row(text)))


def _dead_letters(text: str) -> Iterator[Output]:
    for queue in QUEUES:
        letter = DeadLetter("id", queue, text, None, text, 1.0, 1, 1.0, {"ErrorMessage": text})
        yield output(dead_letters.block(letter, cause(letter, ()), UTC))
    undelivered = {"RULE_ARN": text, "ERROR_MESSAGE": text}
    letter = DeadLetter("id", QUEUES[0], text, text, text, 1.0, 1, 1.0, undelivered)
    yield output(
        dead_letters.block(letter, cause(letter, ()), UTC), json_line(dead_letters.as_json(letter, cause(letter, ())))
    )


def _findings(text: str) -> Iterator[Output]:
    sections = {text: [Finding(text, Weight.REQUIRED, compared(False, text), text)]}
    yield output(*findings.parts(sections), *map(json_line, findings.values(sections)))


OUTPUTS: dict[str, Callable[[str], Iterator[Output]]] = {
    "status": _status,
    "story": _story,
    "JSON": _json,
    "CSV": _csv,
    "page": _page,
    "answer of a command": _answers,
    "dead letters": _dead_letters,
    "findings": _findings,
    "mail": _mail,
    "registry": _registry,
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("show", OUTPUTS.values(), ids=OUTPUTS.keys())
def test_no_text_controls_a_terminal_or_begins_a_line(
    show: Callable[[str], Iterator[Output]], text: str, capsys: Any
) -> None:
    harmless = [len(printed(output, capsys)) for output in show("harmless")]
    found = [printed(output, capsys) for output in show(text)]
    assert all(is_safe(line) for lines in found for line in lines)
    if show is not _story and show is not _status:  # Their long lines are wrapped.
        assert [len(lines) for lines in found] == harmless
    assert not any(line.startswith(MARK) for lines in found for line in lines)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_no_text_is_markup_of_a_page(text: str) -> None:
    lines = report(version_history("e", (*BEFORE, hostile_row(text)), "G/7"), UTC)
    line = next(line for line in lines if "7 was approved" in line)
    plain = re.sub(r"\\[!-/:-@\[-`{-~]", "", line)
    assert [markup for markup in ("<", "[", "`", "*", "~", "$", "&lt;", "&#", " _", "_ ") if markup in plain] == []
    assert plain.count("|") == 6


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_no_text_is_a_formula_or_another_cell(text: str) -> None:
    *_, found = csv.reader(io.StringIO(csv_export([version_history("e", (*BEFORE, hostile_row(text)), "G/7")])))
    assert len(found) == 9
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in found)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_json_changes_no_text(text: str) -> None:
    line = json_line(row_json(hostile_row(text)))
    assert json.loads(line) == json.loads(json.dumps(row_json(hostile_row(text))))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_in_a_mail_it_is_quoted(text: str) -> None:
    message = notification.request(hostile_row(text), "arn:aws:sns:us-east-1:123456789012:topic")
    assert message is not None
    assert MARK not in message["Subject"]
    lines = message["Message"].split("\n")
    assert [line for line in lines if MARK in line and not line.startswith("> ")] == []
    assert lines.count("What to do:") == 1
