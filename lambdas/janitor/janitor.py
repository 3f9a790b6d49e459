"""One run of the janitor: take the inventory, decide what is garbage, and delete it.

The garbage of one endpoint is deleted at a time, under a claim on the endpoint. `claim` says why no rollout can need a
deleted resource. The next run finds all garbage that this run leaves.
"""

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
"""The most deletions of one run."""


class Unread(Exception):
    """This version of the product cannot read the heads or rows of some endpoints. All their resources stay."""


@dataclass(frozen=True)
class Result:
    """`found`: how many resources are garbage. `deleted`: how many of them were deleted. `refused`: how many AWS
    refused to delete."""

    found: int = 0
    deleted: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Janitor:
    """`clock`: returns the seconds since 1970."""

    reader: InventoryReader
    disposal: Disposal
    ledger: Ledger
    policy: Policy
    logger: Logger
    clock: Callable[[], float]

    def run(self) -> Result:
        """Delete the garbage. Raises AwsError and botocore's errors if the inventory could not be taken.

        If AWS throttles a call, the run ends. A fault at one endpoint does not stop the deletions of the others. The
        first fault is raised at the end.
        """
        began = self.clock()
        try:
            inventory = self.reader.take(self.policy, began)
        except Throttled as error:
            self._stopped(error)
            return Result()
        found = garbage(inventory, self.policy, began)
        for endpoint, why in inventory.unread.items():
            self.logger.error("skipped: its part of the ledger cannot be read", endpoint=endpoint, error=why)
        if self.policy.mode is Mode.DRY_RUN:
            for each in found:
                self._log("would delete", each)
            return _unless_unread(inventory, Result(found=len(found)))
        deleted, refused = 0, 0
        faults: list[Exception] = []
        for endpoint, theirs in groupby(found[:MOST], key=lambda each: each.endpoint):
            if self.clock() > began + JANITOR_TIMEOUT - LOCK:
                break
            try:
                cleaned = self._clean(inventory, endpoint, tuple(theirs), began + JANITOR_TIMEOUT)
            except Exception as error:
                self.logger.exception("fault", endpoint=endpoint)
                faults.append(error)
                continue
            deleted, refused = deleted + len(cleaned.gone), refused + cleaned.refused
            if cleaned.is_throttled:
                break
        if faults:
            raise faults[0]
        return _unless_unread(inventory, Result(len(found), deleted, refused))

    def _clean(
        self, inventory: Inventory, endpoint: str, deletions: tuple[Deletion, ...], ends_at: float
    ) -> "_Cleaned":
        head = inventory.heads[endpoint]
        if head is None or self._is_moved(inventory, endpoint):
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
            # AWS may still execute the last deletion.
            release(self.ledger, held, cleaned.gone, now, until=now + LANDING)
            raise cleaned.unanswered
        release(self.ledger, held, cleaned.gone, now)
        return cleaned

    def _is_moved(self, inventory: Inventory, name: str) -> bool:
        """True if somebody changed the endpoint manually since the inventory was taken. A change of the deployer makes
        the claim fail."""
        seen = next((each for each in inventory.endpoints if each.name == name), None)
        found = self.reader.endpoint(name)
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


def _unless_unread(inventory: Inventory, result: Result) -> Result:
    if inventory.unread:
        raise Unread(f"the ledger cannot be read for {', '.join(sorted(inventory.unread))}")
    return result


@dataclass(frozen=True)
class _Cleaned:
    """`gone`: what was deleted. `refused`: how many deletions AWS refused. `is_throttled`: True if AWS throttled the
    last one. `unanswered`: the error of the last one, if AWS may have executed it."""

    gone: tuple[Deletion, ...] = ()
    refused: int = 0
    is_throttled: bool = False
    unanswered: Exception | None = None
