"""What an account should show, and what it shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate.aws.errors import AwsError
from lambdas.gate.aws.ledger import Altered
from ops.error_texts import explain
from ops.errors import Refused
from ops.policies import is_denial


class Verdict(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_SEEN = "not seen"
    """Nothing that happened here shows it yet."""
    NOT_READ = "not read"
    """AWS did not let the caller read it."""


class Weight(Enum):
    """What it means if the account differs."""

    REQUIRED = "required"
    """Approval Gate does not work as it promises."""
    ADVISED = "advised"
    """Approval Gate works, and somebody should know."""
    EITHER = "either"
    """Nothing: Approval Gate works with either answer."""


@dataclass(frozen=True)
class Answer:
    """What the account shows, in words."""

    verdict: Verdict
    seen: str
    fix: str | None = None
    """What to do if it differs; None for what the expectation says."""


@dataclass(frozen=True)
class Expectation:
    """One sentence about the account."""

    text: str
    weight: Weight
    ask: Callable[[], Answer]
    """Looks it up in the account. It only reads."""
    fix: str | None = None
    """What to do if the account differs; empty if nobody can do anything."""
    assumption: str = ""
    """The assumption about AWS that it settles, by its name in `assumptions.ASSUMED`; empty if it settles none."""


@dataclass(frozen=True)
class Finding:
    """An expectation with its answer."""

    text: str
    weight: Weight
    answer: Answer
    fix: str | None = None
    """What to do; empty if there is nothing to do."""
    assumption: str = ""
    """The assumption about AWS that it settles; empty if it settles none."""

    @property
    def is_at_fault(self) -> bool:
        """True if the account breaks an expectation that is required."""
        return self.weight is Weight.REQUIRED and self.answer.verdict is Verdict.DIFFERS

    @property
    def is_hidden(self) -> bool:
        """True if nobody can say whether the account breaks an expectation that is required."""
        return self.weight is Weight.REQUIRED and self.answer.verdict is Verdict.NOT_READ


def ask_all(expectations: Iterable[Expectation]) -> list[Finding]:
    """Return the finding for each expectation. What cannot be read is named with its reason, and the rest goes on."""
    return [_find(one) for one in expectations]


def required(text: str, ask: Callable[[], Answer], fix: str | None = None, assumption: str = "") -> Expectation:
    """Return an expectation without which Approval Gate does not work."""
    return Expectation(text, Weight.REQUIRED, ask, fix, assumption)


def advised(text: str, ask: Callable[[], Answer], fix: str | None = None) -> Expectation:
    """Return an expectation that somebody should know about."""
    return Expectation(text, Weight.ADVISED, ask, fix)


def either(text: str, ask: Callable[[], Answer], assumption: str = "") -> Expectation:
    """Return an expectation that Approval Gate works with and without."""
    return Expectation(text, Weight.EITHER, ask, assumption=assumption)


def compared(agrees: bool, seen: str) -> Answer:
    """Return that it agrees or differs."""
    return Answer(Verdict.AGREES if agrees else Verdict.DIFFERS, seen)


def not_seen(why: str) -> Answer:
    """Return that the account does not show it, and why."""
    return Answer(Verdict.NOT_SEEN, why)


def is_missing(error: ClientError) -> bool:
    """True if AWS says that there is no such resource."""
    told = error.response["Error"]
    if told.get("Code") in ("NoSuchEntity", "NotFoundException", "ResourceNotFoundException"):
        return True
    return not is_denial(error) and told.get("Message", "").startswith(
        "Could not find"
    )  # SageMaker's code is of no use.


def _find(one: Expectation) -> Finding:
    try:
        answer = one.ask()
    except (AwsError, Altered, BotoCoreError, ClientError, Refused) as error:
        answer = Answer(Verdict.NOT_READ, explain(error))
    fix = one.fix if answer.fix is None else answer.fix
    return Finding(one.text, one.weight, answer, fix if answer.verdict is Verdict.DIFFERS else None, one.assumption)
