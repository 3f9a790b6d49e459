"""An audit answer as Markdown, which is also readable as plain text."""

from collections.abc import Iterator
from datetime import tzinfo

from ops.audit.answers import Answer, Basis, LiveVersions, Served, VersionHistory
from ops.audit.history import ADOPTED, Period
from ops.render import report_sections as sections
from ops.render.markdown import escaped
from ops.render.table import Table
from ops.render.text import event_name, short_names, time_text, version_name


def report(answer: Answer, zone: tzinfo | None) -> list[str]:
    """Return the lines. `zone` None is this machine's time zone."""
    shown = escaped(answer)
    lines = _live_versions(shown, zone) if isinstance(shown, LiveVersions) else _version_history(shown, zone)
    return list(lines)


def _live_versions(answer: LiveVersions, zone: tzinfo | None) -> Iterator[str]:
    begin, end = time_text(answer.begin, zone), time_text(answer.end, zone)
    yield f"# {answer.endpoint}, " + (begin if answer.begin == answer.end else f"{begin} to {end}")
    yield from _basis(answer.basis, zone)
    if not answer.served:
        yield from ("", "The ledger shows no live version.")
    for served in answer.served:
        yield from ("", f"## {sections.period_name(served.period)}, {_live(served.period, zone)}", "")
        yield from _served(served, zone)
    if answer.under_way:
        yield from ("", "## Rollouts in flight", "", *sections.rollouts(answer.under_way, zone))
    yield from ("", "## Live versions until then", "", *sections.periods(answer.periods, zone, still="-"))


def _version_history(answer: VersionHistory, zone: tzinfo | None) -> Iterator[str]:
    yield f"# {version_name(answer.version)} on {answer.endpoint}"
    yield from _basis(answer.basis, zone)
    yield from ("", "## Live", "", *sections.periods(answer.periods, zone, still="now"))
    yield from ("", "## Approvals", "", *sections.approvals(answer.consents, None, zone))
    yield from ("", "## Rollouts", "", *sections.rollouts(answer.rollouts, zone))
    for rollout in answer.rollouts:
        if rollout.gate:
            yield from ("", f"## Gate checks of rollout {rollout.attempt}", "", *sections.gate(rollout.gate))
    rows = tuple(
        (
            str(row.number),
            time_text(row.fact.at, zone),
            short_names(row.fact.who),
            event_name(row),
            short_names(row.fact.summary),
        )
        for row in answer.events
    )
    yield from ("", "## Rows", "", *Table(("row", "when", "who", "what", "why"), rows).markdown())


def _basis(basis: Basis, zone: tzinfo | None) -> Iterator[str]:
    yield ""
    if basis.known_since is None:
        yield "The ledger has no row about this endpoint."
    else:
        rows = "row 1" if basis.rows == 1 else f"rows 1 to {basis.rows}"
        yield f"Based on {rows} of its ledger, which starts at {time_text(basis.known_since, zone)}."
        yield f"Hash of the last row: {basis.hash}"


def _served(served: Served, zone: tzinfo | None) -> Iterator[str]:
    period, rollout = served.period, served.rollout
    yield f"- Version: {period.version or 'unknown to the ledger'}"
    yield f"- Endpoint config: {period.config}"
    if rollout:
        yield f"- Rollout: {rollout.attempt} ({rollout.purpose}), rows {rollout.row} to {period.row}"
        yield f"- Why: {short_names(rollout.reason)}"
        yield f"- Outcome: {rollout.closing_reason}"
    else:
        found = "adopted, and may have been live before" if period.how == ADOPTED else "a manual change"
        yield f"- Not rolled out by Approval Gate: {found} (row {period.row})"
    if period.version:
        yield from ("", "### Approvals", "", *sections.approvals(served.consents, rollout, zone))
    if served.judged and served.judged.gate:
        earlier = "" if served.judged == rollout else f" of rollout {served.judged.attempt}"
        yield from ("", f"### Gate checks{earlier} (row {served.judged.row})", "")
        yield from sections.gate(served.judged.gate)
    elif rollout:
        yield from ("", "No gate verdict is recorded.")


def _live(period: Period, zone: tzinfo | None) -> str:
    since = f"live since {time_text(period.since, zone)}"
    return f"{since} until {time_text(period.until, zone)}" if period.until else since
