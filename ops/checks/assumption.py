"""An assumption about AWS, and what an account shows of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import ClientError


class Verdict(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_SEEN = "not seen"
    """Nothing that happened here shows it yet, or the caller may not read it."""


@dataclass(frozen=True)
class Answer:
    """What the account shows, in words."""

    verdict: Verdict
    seen: str


@dataclass(frozen=True)
class Assumption:
    """One sentence about AWS."""

    text: str
    is_required: bool
    """Approval Gate's guarantees need it. Otherwise they hold on either answer."""
    ask: Callable[[], Answer]
    """Looks it up in the account. It only reads."""


@dataclass(frozen=True)
class Finding:
    """An assumption with its answer."""

    text: str
    is_required: bool
    answer: Answer

    @property
    def is_at_fault(self) -> bool:
        """True if the account breaks an assumption that is required."""
        return self.is_required and self.answer.verdict is Verdict.DIFFERS


def ask_all(assumptions: Iterable[Assumption]) -> list[Finding]:
    """Return the finding for each assumption. What AWS does not let the caller read is not seen, in AWS's words."""
    return [Finding(one.text, one.is_required, _ask(one)) for one in assumptions]


def compared(agrees: bool, seen: str) -> Answer:
    """Return that it agrees or differs."""
    return Answer(Verdict.AGREES if agrees else Verdict.DIFFERS, seen)


def not_seen(why: str) -> Answer:
    """Return that the account does not show it, and why."""
    return Answer(Verdict.NOT_SEEN, why)


def _ask(assumption: Assumption) -> Answer:
    try:
        return assumption.ask()
    except ClientError as error:
        return not_seen(str(error))
