"""An auditor's answer as a page of Markdown, which is also readable as it is."""

from collections.abc import Iterator
from datetime import tzinfo

from ops.audit.answers import Answer, Basis, Life, Served, Standing
from ops.audit.history import FIRST_LOOK, Period
from ops.render import report_sections
from ops.render.story import short, what, when


def page(answer: Answer, zone: tzinfo | None) -> list[str]:
    """The lines; times in `zone`, None being this machine's."""
    lines = _standing(answer, zone) if isinstance(answer, Standing) else _life(answer, zone)
    return list(lines)


def _standing(answer: Standing, zone: tzinfo | None) -> Iterator[str]:
    asked = when(answer.begin, zone)
    yield f"# {answer.endpoint}, " + (asked if answer.begin == answer.end else f"{asked} to {when(answer.end, zone)}")
    yield from _basis(answer.basis, zone)
    if not answer.served:
        yield from ("", "Nothing was live, as far as the ledger knows.")
    for served in answer.served:
        yield from ("", f"## {report_sections.called(served.period)}, {_time(served.period, zone)}", "")
        yield from _served(served, zone)
    if answer.under_way:
        yield from ("", "## Rollouts under way", "", *report_sections.rollouts(answer.under_way, zone))
    yield from ("", "## All that was live until then", "", *report_sections.periods(answer.periods, zone))


def _life(answer: Life, zone: tzinfo | None) -> Iterator[str]:
    yield f"# {report_sections.label(answer.version)} on {answer.endpoint}"
    yield from _basis(answer.basis, zone)
    yield from ("", "## Live", "", *report_sections.periods(answer.periods, zone))
    yield from ("", "## Approvals", "", *report_sections.consents(answer.consents, None, zone))
    yield from ("", "## Rollouts", "", *report_sections.rollouts(answer.rollouts, zone))
    for rollout in answer.rollouts:
        if rollout.gate:
            yield from ("", f"## The gate before rollout {rollout.attempt}", "", *report_sections.gate(rollout.gate))
    rows = (
        (str(r.number), when(r.fact.at, zone), short(r.fact.who), what(r), short(r.fact.summary)) for r in answer.events
    )
    yield from ("", "## Every row about it", "", *report_sections.table(("row", "when", "who", "what", "why"), rows))


def _basis(basis: Basis, zone: tzinfo | None) -> Iterator[str]:
    yield ""
    if basis.known_since is None:
        yield "The ledger has no row about this endpoint."
    else:
        yield f"From rows 1 to {basis.rows} of its ledger, which begins {when(basis.known_since, zone)}."
        yield f"The last one's hash is {basis.hash}."


def _served(served: Served, zone: tzinfo | None) -> Iterator[str]:
    period, rollout = served.period, served.rollout
    yield f"- Version: {period.version or 'none that the ledger knows'}"
    yield f"- Endpoint config: {period.config}"
    if rollout:
        yield f"- Put there by rollout {rollout.attempt} ({rollout.purpose}), rows {rollout.row} to {period.row}"
        yield f"- Why: {short(rollout.reason)}"
        yield f"- Outcome: {rollout.closing_reason}"
    else:
        found = "at the first look; it may have been live before" if period.how == FIRST_LOOK else "changed by hand"
        yield f"- Not put there by Approval Gate: found {found} (row {period.row})"
    if period.version:
        yield from ("", "### Who approved it", "", *report_sections.consents(served.consents, rollout, zone))
    if served.judged and served.judged.gate:
        before = "" if served.judged is rollout else f", before rollout {served.judged.attempt}"
        yield from (
            "",
            f"### What the gate found{before} (row {served.judged.row})",
            "",
            *report_sections.gate(served.judged.gate),
        )
    elif rollout:
        yield from ("", "The gate's verdict is not on record.")


def _time(period: Period, zone: tzinfo | None) -> str:
    since = f"live since {when(period.since, zone)}"
    return f"{since} until {when(period.until, zone)}" if period.until else since
