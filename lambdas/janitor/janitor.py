"""One run of the janitor: take stock, decide what is garbage, and delete it, one endpoint's at a time under a claim on
it; see `claim` for why no rollout can ever miss what is deleted. What a run leaves, the next one finds again."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from aws_lambda_powertools.logging import Logger
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate.aws.errors import AwsError, Denied, InProgress, Limited, Refused, Throttled
from lambdas.gate.aws.ledger import Conflict, Ledger
from lambdas.gate.timing import JANITOR_TIMEOUT, LANDING, LOCK
from lambdas.janitor.claim import claim, release
from lambdas.janitor.disposal import Disposal, Step, steps
from lambdas.janitor.garbage import Deletion, garbage
from lambdas.janitor.inventory import Inventory
from lambdas.janitor.policy import Mode, Policy
from lambdas.janitor.take_inventory import InventoryReader

MOST = 200
"""Deletions of one run."""


class Unread(Exception):
    """The ledger's part of some endpoints is not what this version of the product writes. All of theirs stays."""


@dataclass(frozen=True)
class Result:
    """How many things are garbage and how many of them are gone; `refused`: AWS will not delete them."""

    found: int = 0
    deleted: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Janitor:
    """`clock` tells the seconds since 1970."""

    stocktaking: InventoryReader
    disposal: Disposal
    ledger: Ledger
    policy: Policy
    logger: Logger
    clock: Callable[[], float]

    def run(self) -> Result:
        """Raises AwsError and botocore's errors where stock could not be taken; where AWS throttles, the run ends. The
        fault of one endpoint keeps no other one's garbage; the first is raised once all were cleaned."""
        began = self.clock()
        try:
            stock = self.stocktaking.take(self.policy, began)
        except Throttled as error:
            self._stopped(error)
            return Result()
        found = garbage(stock, self.policy, began)
        for endpoint, why in stock.unread.items():
            self.logger.error("left alone: its part of the ledger cannot be read", endpoint=endpoint, error=why)
        if self.policy.mode is Mode.DRY_RUN:
            for each in found:
                self._log("would delete", each)
            return _unless_unread(stock, Result(found=len(found)))
        deleted, refused = 0, 0
        faults: list[Exception] = []
        for endpoint, theirs in groupby(found[:MOST], key=lambda each: each.endpoint):
            if self.clock() > began + JANITOR_TIMEOUT - LOCK:
                break
            try:
                cleaned = self._clean(stock, endpoint, tuple(theirs), began + JANITOR_TIMEOUT)
            except Exception as error:
                self.logger.exception("fault", endpoint=endpoint)
                faults.append(error)
                continue
            deleted, refused = deleted + len(cleaned.gone), refused + cleaned.refused
            if cleaned.is_throttled:
                break
        if faults:
            raise faults[0]
        return _unless_unread(stock, Result(len(found), deleted, refused))

    def _clean(self, stock: Inventory, endpoint: str, deletions: tuple[Deletion, ...], ends_at: float) -> "_Cleaned":
        head = stock.heads[endpoint]
        if head is None or self._is_moved(stock, endpoint):
            self.logger.info("left for the next run: the endpoint has changed", endpoint=endpoint)
            return _Cleaned()
        now = self.clock()
        try:
            held = claim(self.ledger, head, deletions, now, ends_at)
        except Conflict:
            self.logger.info("left for the next run: somebody is at work on the endpoint", endpoint=endpoint)
            return _Cleaned()
        cleaned = self._delete(deletions, held.until)
        now = self.clock()
        if cleaned.unanswered is not None:
            # It may yet be executed.
            release(self.ledger, held, cleaned.gone, now, until=now + LANDING)
            raise cleaned.unanswered
        release(self.ledger, held, cleaned.gone, now)
        return cleaned

    def _is_moved(self, stock: Inventory, name: str) -> bool:
        """By hand, since stock was taken: what the deployer does, the claim finds out."""
        seen = next((each for each in stock.endpoints if each.name == name), None)
        found = self.stocktaking.endpoint(name)
        if seen is None or found is None:
            return seen is not found
        return (seen.status, seen.config, seen.pending_config) != (found.status, found.config, found.pending_config)

    def _delete(self, deletions: tuple[Deletion, ...], until: float) -> "_Cleaned":
        gone: list[Deletion] = []
        refused = 0
        for step in steps(deletions):
            if self.clock() >= until:
                break
            try:
                self.disposal.delete(step)
            except (Throttled, InProgress) as error:
                self._stopped(error)
                return _Cleaned(tuple(gone), refused, is_throttled=True)
            except (Denied, Limited, Refused) as error:
                refused += len(step)
                self._not_deleted(step, error)
                continue
            except (AwsError, ClientError, BotoCoreError) as error:
                return _Cleaned(tuple(gone), refused, unanswered=error)
            gone += step
            for each in step:
                self._log("deleted", each)
        return _Cleaned(tuple(gone), refused)

    def _log(self, what: str, deletion: Deletion) -> None:
        self.logger.info(
            what,
            endpoint=deletion.endpoint,
            kind=deletion.kind.value,
            resource=deletion.name,
            reason=deletion.reason,
        )

    def _stopped(self, error: Exception) -> None:
        self.logger.warning("stopped; the next run goes on", error=f"{type(error).__name__}: {error}")

    def _not_deleted(self, step: Step, error: Exception) -> None:
        for each in step:
            self.logger.error(
                "not deleted", endpoint=each.endpoint, kind=each.kind.value, resource=each.name, error=str(error)
            )


def _unless_unread(stock: Inventory, result: Result) -> Result:
    if stock.unread:
        raise Unread(f"the ledger cannot be read for {', '.join(sorted(stock.unread))}")
    return result


@dataclass(frozen=True)
class _Cleaned:
    """`unanswered`: what came instead of the answer to the last deletion."""

    gone: tuple[Deletion, ...] = ()
    refused: int = 0
    is_throttled: bool = False
    unanswered: Exception | None = None
