"""The findings of `check` as text."""

from collections.abc import Iterable
from typing import Any

from ops.checks.assumption import Finding


def lines(findings: Iterable[Finding]) -> list[str]:
    """Return two lines for each finding: the assumption, and what the account shows."""
    found = []
    for finding in findings:
        either = "" if finding.is_required else " (either answer is fine)"
        found += [f"{finding.answer.verdict:8}  {finding.text}{either}", f"          {finding.answer.seen}"]
    return found


def as_json(finding: Finding) -> dict[str, Any]:
    """Return the finding for programs."""
    return {
        "assumption": finding.text,
        "required": finding.is_required,
        "verdict": finding.answer.verdict.value,
        "seen": finding.answer.seen,
    }


def failure(findings: Iterable[Finding]) -> str | None:
    """Return why the check fails; None if it passes."""
    differing = sum(finding.is_at_fault for finding in findings)
    if not differing:
        return None
    subject = "1 required assumption differs" if differing == 1 else f"{differing} required assumptions differ"
    return f"{subject}. What rests on it: docs/develop/simulation.md."
