"""The report of an acceptance run, as Markdown and as blocks."""

from collections.abc import Iterator
from typing import Any

from lambdas.gate.text import duration_text
from ops.acceptance.report import SETTLED, summary
from ops.render.markdown import escaped_text
from ops.render.table import Block


def parts(report: dict[str, Any]) -> Iterator[str | Block]:
    """Yield a block for each assumption that the run settled, and how many there are."""
    for each in report["assumptions"]:
        if each["verdict"] in SETTLED:
            yield Block(f"{each['verdict']:8}  {each['assumed']}", (("seen", each["seen"]),))
    yield summary(report)


def markdown(report: dict[str, Any]) -> str:
    """Return the report as a page."""
    return "\n".join((*_head(report), *_steps(report), *_assumptions(report), *_relied_on(report), ""))


def _head(report: dict[str, Any]) -> Iterator[str]:
    yield "# An acceptance run of Approval Gate"
    yield ""
    requests, place = report["requests"], f"in {report['region']}, on {report['instance_type']}"
    yield f"Version {report['version']}, {place}, from {report['began']} on."
    yield f"{requests['answered']:,} requests were answered, and {requests['failed']:,} failed."
    yield ""
    ended = "Every step ended as it must." if report["failure"] is None else f"It ended early: {report['failure']}"
    yield f"{escaped_text(ended)} {escaped_text(summary(report))}"
    yield ""


def _steps(report: dict[str, Any]) -> Iterator[str]:
    yield from ("## Steps", "", "| step | took | ended |", "|---|---|---|")
    for step in report["steps"]:
        took = "" if step["seconds"] is None else duration_text(step["seconds"])
        ended = "as it must" if step["seconds"] is not None else step["failure"] or "not yet"
        yield _row(step["title"], took, ended)
    yield ""


def _assumptions(report: dict[str, Any]) -> Iterator[str]:
    yield from ("## What AWS does not document", "")
    yield "Approval Gate works with either answer, but for `functions_end_in_time` and `calls_land_in_time`."
    yield from ("", "| assumption | assumed | answer | seen |", "|---|---|---|---|")
    for each in report["assumptions"]:
        yield f"| `{each['name']}` {_row(each['assumed'], each['verdict'], each['seen'])}"
    yield ""


def _relied_on(report: dict[str, Any]) -> Iterator[str]:
    yield from ("## What Approval Gate relies on", "", "| expected | answer | seen |", "|---|---|---|")
    for each in report["relied_on"]:
        yield _row(each["expected"], each["verdict"], each["seen"])


def _row(*cells: str) -> str:
    return f"| {' | '.join(escaped_text(cell).replace('|', chr(92) + '|') for cell in cells)} |"
