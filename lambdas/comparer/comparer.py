"""One task of the comparer: it reads what both variants answered within a time, compares it, and reports the counts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger

from lambdas.comparer.captures import Budget, Captures
from lambdas.comparer.pairing import APART_SECONDS, Pairing
from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.state.answers import AnswersResult, AnswersTask

COPIES_SECONDS, REQUESTS_SECONDS = 12.0, 25.0
"""How long the copies and then the live version's requests are read. The report fits into the rest of the function's
timeout."""
MOST_BYTES = 256_000_000
"""How many bytes of each variant's captures are read for one task."""


@dataclass(frozen=True)
class Comparer:
    """`endpoint`: its name. `elapsed`: returns the seconds of a monotonic clock. `most_bytes`: of each variant's
    captures, for one task."""

    endpoint: str
    captures: Captures
    inbox: Inbox
    logger: Logger
    elapsed: Callable[[], float] = time.monotonic
    most_bytes: int = MOST_BYTES

    def run(self, records: list[dict[str, Any]]) -> dict[str, Any]:
        """Carry out the tasks and return Lambda's partial batch response, so that failed ones are delivered again.

        The log never has the content of a message or of a captured request, nor the text of an error, which may quote
        them.
        """
        failures: list[str] = []
        for record in records:
            try:
                self._carry_out(AnswersTask.from_message(record["body"]))
            except Exception as error:  # noqa: BLE001 The boundary of one task: the others are carried out.
                self.logger.error("fault", extra={"endpoint": self.endpoint, "error": type(error).__name__})
                failures.append(record["messageId"])
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}

    def _carry_out(self, task: AnswersTask) -> None:
        result = self.compared(task)
        self.inbox.send(result.message(self.endpoint), 0)
        counts = {"copies": result.copies, "pairs": result.pairs, "differing": result.differing}
        self.logger.info("compared", extra={"endpoint": self.endpoint, "shadow": task.shadow, **counts})

    def compared(self, task: AnswersTask) -> AnswersResult:
        """Return what the task's answers show. The copies are read first, because they are fewer. Then the live
        version's requests are read until each copy has met its own. None of them is kept."""
        pairing, budget = Pairing(task.differ), Budget(self.elapsed, COPIES_SECONDS, self.most_bytes)
        is_part = False
        for copy in self.captures.requests(task.shadow, task.since, task.until, budget):
            if not pairing.add_copy(copy):
                is_part = True
                break
        is_part = is_part or budget.is_over
        if pairing.copies:
            # The clocks of two instances differ.
            since, until = task.since - APART_SECONDS, task.until + APART_SECONDS
            budget = Budget(self.elapsed, REQUESTS_SECONDS, self.most_bytes)
            for request in self.captures.requests(task.live, since, until, budget):
                pairing.meet(request)
                if pairing.is_complete or not budget.take(0):
                    break
            is_part = is_part or budget.is_over
        return AnswersResult(
            shadow=task.shadow,
            since=task.since,
            until=task.until,
            copies=pairing.copies,
            pairs=pairing.pairs,
            differing=pairing.differing,
            by_id=pairing.by_id,
            is_part=is_part,
            first=tuple(pairing.first),
        )
