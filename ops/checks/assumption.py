"""What an account shows of what Approval Gate assumes about AWS."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import ClientError


class Verdict(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_SEEN = "not seen"


@dataclass(frozen=True)
class Answer:
    """What was seen, in words."""

    verdict: Verdict
    seen: str


@dataclass(frozen=True)
class Assumption:
    """`rests_on_it`: the invariants do; otherwise they hold on either answer. `ask` only reads."""

    text: str
    rests_on_it: bool
    ask: Callable[[], Answer]


@dataclass(frozen=True)
class Finding:
    text: str
    rests_on_it: bool
    answer: Answer


def found(assumptions: Iterable[Assumption]) -> list[Finding]:
    """Each asked. What AWS does not let the caller read is not seen, with AWS's own words."""
    return [Finding(one.text, one.rests_on_it, _asked(one)) for one in assumptions]


def is_at_fault(finding: Finding) -> bool:
    return finding.rests_on_it and finding.answer.verdict is Verdict.DIFFERS


def lines(findings: Iterable[Finding]) -> list[str]:
    """What is assumed on one line, what was seen on the next."""
    told = []
    for finding in findings:
        either = "" if finding.rests_on_it else " (holds on either answer)"
        told += [f"{finding.answer.verdict:8}  {finding.text}{either}", f"          {finding.answer.seen}"]
    return told


def compared(agrees: bool, seen: str) -> Answer:
    return Answer(Verdict.AGREES if agrees else Verdict.DIFFERS, seen)


def not_seen(why: str) -> Answer:
    return Answer(Verdict.NOT_SEEN, why)


def _asked(assumption: Assumption) -> Answer:
    try:
        return assumption.ask()
    except ClientError as error:
        return not_seen(str(error))
