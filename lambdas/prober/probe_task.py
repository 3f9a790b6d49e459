"""A probe task: the golden requests that a message asks for, and what is left to do after each batch of them. Pure.

An answer does not say which fleet gave it. So during a rollout batches are sent from its first traffic to the end of
each bake. A live version that has all traffic is checked once, with each request of the set.
"""

import dataclasses
import json
import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from lambdas.gate import codec
from lambdas.gate.state.golden_result import MOST_LISTED, GoldenResult, Wrong

DEPLOYMENT = "SageMaker Endpoint Deployment State Change"
CHANGE = "SageMaker Endpoint State Change"
SPEC = "Parameter Store Change"
IN_SERVICE = "inservice"
ACTIVATING, BAKING = "activatingtraffic", "baking"
"""The values of VariantStatus while a new fleet takes traffic."""
BATCH = 25
"""The most requests of one batch."""
SECONDS_BETWEEN = 30
"""The wait between two batches of a rollout. It makes less than one request a second, besides the callers' requests."""
LATE_SECONDS = 120
"""If a phase has been over for longer, its messages send no more requests, because another fleet would answer."""
MOST_TRIES = 10
"""How often the prober tries, after the last batch, to publish and report what is left."""
MOST_REPEATED = 3
"""How many repeated deliveries one task's messages may have, see `ProbeTask.continues`."""


class Malformed(ValueError):
    """A message is neither an event nor a probe task. It goes to the dead-letter queue."""


@dataclass(frozen=True)
class Batch:
    """The result of some requests. `sent`: how many were sent. `right`, `failed`: how many answers were right or wrong;
    an error is no answer. `wrong`: the first wrong answers, one for each request. `unanswered`: the errors, and how
    many there were of each. `places`: the places in the batch, from 0, of the requests that were answered right."""

    sent: int
    right: int = 0
    failed: int = 0
    wrong: tuple[Wrong, ...] = ()
    unanswered: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    places: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class ProbeTask:
    """Golden requests to send. All times in seconds since 1970.

    There are two kinds of tasks. The task of a rollout has `until`, and sends the set again and again. The check of the
    live version has no `until`, and ends with the set.

    `config`: the endpoint config of the new fleet, or the live one; None for whatever config is live. `begun`: when the
    phase or the check began. `alone`: True if all traffic is on the config's fleet. `until`: the end of the rollout's
    wait or bake. `next`: the number of the next request of the set. `right`: how many requests were answered right so
    far. `failed`, `wrong`: how many wrong answers a check has found, and the first of them. `told`: True once a wrong
    answer was found, which the deployer gets. `digest`: the set that was begun. `heard`: True once right answers were
    found, which the deployer gets. `unsaid`: the result that the deployer has not got yet. `owed`: how many wrong
    answers are not in the metric yet. `tries`: how often that was tried since the last batch. `over`: True if no more
    requests are sent. `again`: how often messages of this task were delivered again. `left`: for a rollout, the numbers
    of the requests that were not answered right yet; None if that is all of them.
    """

    config: str | None
    begun: float
    alone: bool
    until: float | None = None
    next: int = 0
    right: int = 0
    failed: int = 0
    wrong: tuple[Wrong, ...] = ()
    told: bool = False
    digest: str | None = None
    heard: bool = False
    unsaid: GoldenResult | None = None
    owed: int = 0
    tries: int = 0
    over: bool = False
    again: int = 0
    left: tuple[int, ...] | None = field(default=None, metadata=codec.LEFT_OUT)

    def message(self) -> str:
        """Return the message for the prober's own queue."""
        return codec.encode({"errand": self})

    @classmethod
    def from_message(cls, content: Any) -> Self:
        """Return the task in a message. Raises KeyError, TypeError or ValueError if it does not fit."""
        task = codec.decode(cls, json.dumps(content))
        if not all(map(math.isfinite, (task.begun, task.until or 0.0))):
            raise ValueError(f"from {task.begun} until {task.until}")
        if min(task.next, task.right, task.failed, task.owed, task.tries, task.again) < 0:
            raise ValueError("a count below 0")
        return task

    def of(self, digest: str) -> Self:
        """Return the task for this set. If it was begun with another set, or with none, it begins again, because its
        results are not about this set."""
        if self.digest == digest:
            return self
        told = self.told and self.digest is None
        return dataclasses.replace(
            self, digest=digest, next=0, right=0, failed=0, wrong=(), told=told, heard=False, left=None
        )

    def numbers(self, requests: int, now: float, most: int = BATCH) -> list[int]:
        """Return the numbers of the requests in the next batch. `requests`: how many the set has."""
        if self.over or (self.until is not None and now > self.until + LATE_SECONDS):
            return []
        if self.until is None:
            return list(range(self.next, min(self.next + most, requests)))
        return [(self.next + step) % requests for step in range(most)]

    def after(self, batch: Batch, requests: int, now: float) -> Self:
        """Return the task after this batch, with what has to be published and reported about it."""
        done = self._played(batch, requests)
        is_over = done.until is None and done.next >= requests
        is_over = is_over or (done.until is not None and now + SECONDS_BETWEEN >= done.until)
        found = None if self.over else done._found(batch, requests, is_over=is_over)
        if found is not None:
            failed = found.failed > 0
            done = dataclasses.replace(done, unsaid=found, told=done.told or failed, heard=done.heard or not failed)
        owed = batch.failed if done.until is not None and done.config is not None else 0
        return dataclasses.replace(done, owed=done.owed + owed, over=is_over)

    def _played(self, batch: Batch, requests: int) -> Self:
        last = self.next + batch.sent
        if self.until is not None:
            left = self._left(batch, requests)
            return dataclasses.replace(self, next=last % requests, right=requests - len(left), left=left)
        return dataclasses.replace(
            self,
            next=last,
            right=self.right + batch.right,
            failed=self.failed + batch.failed,
            wrong=(*self.wrong, *batch.wrong)[:MOST_LISTED],
        )

    def _left(self, batch: Batch, requests: int) -> tuple[int, ...]:
        places = range(batch.sent) if batch.right == batch.sent else batch.places
        right = {(self.next + place) % requests for place in places}
        before = range(requests) if self.left is None else self.left
        return tuple(number for number in before if number < requests and number not in right)

    def _found(self, batch: Batch, requests: int, *, is_over: bool) -> GoldenResult | None:
        """Return the result to report to the deployer after this batch; None if there is none.

        1. A check is reported at its end. If some requests were not answered, it is reported only if an answer was
           wrong.
        2. For a rollout, the first wrong answers are reported.
        3. If all traffic is on the new fleet, right answers are reported once: when every request was answered right,
           or at the end if only some were.
        """
        if self.until is None:  # 1
            if not is_over or (not self.failed and self.right < requests):
                return None
            return self._of(self.failed, self.wrong)
        if batch.failed:  # 2
            return None if self.told else self._of(batch.failed, batch.wrong[:MOST_LISTED])
        if self.told or self.heard or not self.alone:  # 3
            return None
        if self.right >= requests:
            return self._of(0, ())
        return self._of(0, (), is_part=True) if is_over and self.right else None

    def _of(self, failed: int, wrong: tuple[Wrong, ...], *, is_part: bool | None = None) -> GoldenResult:
        return GoldenResult(self.digest or "", self.config, self.begun, self.alone, failed, wrong, is_part)

    @property
    def is_settled(self) -> bool:
        """True if all results are published and reported."""
        return self.unsaid is None and not self.owed

    def due(self) -> float | None:
        """Return in how many seconds the next message is due; None after the last."""
        if not self.over:
            return float(SECONDS_BETWEEN) if self.until is not None else 0.0
        return None if self.is_settled or self.tries >= MOST_TRIES else float(SECONDS_BETWEEN)

    def delivered(self, times: int) -> Self:
        """Return the task whose message was delivered `times` times."""
        return dataclasses.replace(self, again=self.again + max(0, times - 1))

    def continues(self, times: int) -> bool:
        """True if this delivery sends a next message.

        If a message is delivered again, its function failed, maybe after it had sent the next message. Two chains of
        messages are better than none. But each failure in these would begin another chain, so their number is limited.
        """
        return times <= 1 or self.again <= MOST_REPEATED


def asked(body: str, wait_seconds: int, bake_seconds: int) -> ProbeTask | None:
    """Return the task that a message asks for; None if an event asks for none. Raises Malformed, which says what was
    found. `wait_seconds`: how long a rollout waits while a part of the traffic is on the new fleet. `bake_seconds`: how
    long it bakes when all traffic is."""
    try:
        content = json.loads(body)
        if "errand" in content:
            return ProbeTask.from_message(content["errand"])
        return _of_event(content, wait_seconds, bake_seconds)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise Malformed(f"The message is neither an event nor a probe task ({error!r}): {body[:200]}") from error


def _of_event(event: dict[str, Any], wait_seconds: int, bake_seconds: int) -> ProbeTask | None:
    at, detail = datetime.fromisoformat(event["time"]).timestamp(), event["detail"]
    kind = event["detail-type"]
    if kind == DEPLOYMENT:
        return _of_rollout(detail, at, wait_seconds, bake_seconds)
    if kind == SPEC:
        return ProbeTask(None, at, alone=True)
    if kind != CHANGE:
        raise ValueError(f"an event of the type {kind!r}")
    return (
        ProbeTask(detail.get("EndpointConfigName"), at, alone=True)
        if _plain(detail["EndpointStatus"]) == IN_SERVICE
        else None
    )


def _of_rollout(detail: dict[str, Any], at: float, wait_seconds: int, bake_seconds: int) -> ProbeTask | None:
    """Return the task of a deployment event; None if the new fleet takes no traffic.
    https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html"""
    pending = detail.get("PendingDeploymentSummary")
    if not pending:
        return None
    # Only the config's name is always in the summary.
    variant: dict[str, Any] = next(iter(pending.get("ProductionVariants") or ()), {})
    phase: dict[str, Any] = next(iter(variant.get("VariantStatus") or ()), {})
    status = _plain(phase.get("Status", ""))
    if status not in (ACTIVATING, BAKING):
        return None
    begun = phase["StartTime"] / 1000 if "StartTime" in phase else at
    if not math.isfinite(begun):
        raise ValueError(f"a phase that begins at {begun}")
    config = pending["EndpointConfigName"]
    if not isinstance(config, str):
        raise TypeError(f"an endpoint config named {config!r}")
    current, desired = variant.get("CurrentInstanceCount"), variant.get("DesiredInstanceCount")
    if status != BAKING:
        # While the traffic moves, the old fleet may still answer.
        return ProbeTask(config, begun, alone=False, until=begun)
    if current is None or desired is None:
        return ProbeTask(config, begun, alone=False, until=begun + max(wait_seconds, bake_seconds))
    alone = current >= desired
    return ProbeTask(config, begun, alone=alone, until=begun + (bake_seconds if alone else wait_seconds))


def _plain(status: str) -> str:
    """Return a status without underscores and in lower case. Events write IN_SERVICE where the API writes InService."""
    return status.replace("_", "").lower()
