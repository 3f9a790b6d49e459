"""Findings about the account, as blocks and JSON, in sections."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lambdas.gate.text import counted
from ops.checks.expectation import Finding, Verdict, Weight
from ops.errors import Exit
from ops.render.table import Block

Sections = Mapping[str, Sequence[Finding]]
"""Findings by the title of their section."""


def parts(sections: Sections) -> Iterator[str | Block]:
    """Yield a block for each finding, below its section's title: the verdict and what is expected, what is seen, and
    what to do."""
    for title, findings in sections.items():
        yield f"-- {title}"
        for finding in findings:
            either = " (either answer is fine)" if finding.weight is Weight.EITHER else ""
            fix = () if finding.fix is None else (("fix", finding.fix),)
            yield Block(f"{finding.answer.verdict:8}  {finding.text}{either}", (("seen", finding.answer.seen), *fix))


def values(sections: Sections) -> Iterator[dict[str, Any]]:
    """Yield the findings for programs."""
    for title, findings in sections.items():
        for finding in findings:
            yield {
                "section": title,
                "expected": finding.text,
                "required": finding.weight is Weight.REQUIRED,
                "verdict": finding.answer.verdict.value,
                "seen": finding.answer.seen,
                "fix": finding.fix,
            }


def summary(findings: Iterable[Finding]) -> str:
    """Return how many findings have each verdict."""
    told = [finding.answer.verdict for finding in findings]
    return ", ".join(f"{told.count(verdict)} {verdict}" for verdict in Verdict if verdict in told)


def failure(findings: Sequence[Finding]) -> tuple[Exit, str | None]:
    """Return the exit code, and why it is not 0: something that is required differs, or cannot be read."""
    if broken := sum(finding.is_at_fault for finding in findings):
        return Exit.FAILED, f"{counted(broken, 'problem')}: see what differs above."
    if hidden := sum(finding.is_hidden for finding in findings):
        return Exit.UNREADABLE, f"{counted(hidden, 'answer')} could not be read, see above. Nothing else is wrong."
    return Exit.DONE, None
