"""What a message asks the prober to play, and what is to be played after a batch. Pure.

Nothing says which fleet gave an answer, so a rollout is probed in batches from its first traffic to the end of each
bake; what is live alone is checked once, each request for itself.
"""

import dataclasses
import json
import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from lambdas.gate import codec
from lambdas.gate.state.golden_result import MOST_TOLD, GoldenResult, Wrong

DEPLOYMENT = "SageMaker Endpoint Deployment State Change"
CHANGE = "SageMaker Endpoint State Change"
SPEC = "Parameter Store Change"
IN_SERVICE = "inservice"
ACTIVATING, BAKING = "activatingtraffic", "baking"
"""VariantStatus with which a new fleet takes traffic."""
BATCH = 25
"""The most requests of one batch."""
SECONDS_BETWEEN = 30
"""From one batch of a bake to the next: less than one request a second, on top of what callers send."""
LATE_SECONDS = 120
"""A message of a phase that was over for longer plays nothing more: the answers would be those of what came after."""
MOST_TRIES = 10
"""Of what could not be published or told, after the last batch."""
MOST_AGAIN = 3
"""Deliveries of messages that came again, in one line of them: see `Errand.goes_on`."""


class Malformed(ValueError):
    """A message that is neither an event nor an errand. It goes to the dead-letter queue."""


@dataclass(frozen=True)
class Batch:
    """What became of some requests. `sent` counts those that were sent, `right` and `failed` their answers:
    errors are none. `wrong` are the first wrong ones, one of a request. `unanswered` are the errors, and how many.
    `places`: of the requests that were answered right, where not all of them were; counted from 0 in the batch."""

    sent: int
    right: int = 0
    failed: int = 0
    wrong: tuple[Wrong, ...] = ()
    unanswered: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    places: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class ProbeTask:
    """Requests to play, from number `next` of the set on. Times in seconds since 1970.

    Of a rollout: `config` is the coming fleet's, `until` the end of its wait or bake, `alone` whether all traffic is on
    it, and batches go round the set; `right` counts the right answers since the last request that had none. Without
    `until` it is a check of what is live, which ends with the set; its `right`, `failed` and `wrong` are what was found
    so far. `digest`: the set that was begun. `told`: a wrong answer was found, which is for the deployer to know;
    `heard`: that the right ones were right. `unsaid` is what it has not been told yet, `owed` how many wrong answers
    are not in the metric yet, and `tries` how often that was tried since the last batch. `over`: nothing more is
    played. `again` counts the deliveries of messages that came again, up to this one. `left`: of a rollout, numbers of
    the requests that were not answered right yet; None while that is all of them.
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
        """For the prober's own queue."""
        return codec.encode({"errand": self})

    @classmethod
    def from_message(cls, content: Any) -> Self:
        """Raises KeyError, TypeError or ValueError where it does not fit."""
        errand = codec.decode(cls, json.dumps(content))
        if not all(map(math.isfinite, (errand.begun, errand.until or 0.0))):
            raise ValueError(f"from {errand.begun} until {errand.until}")
        if min(errand.next, errand.right, errand.failed, errand.owed, errand.tries, errand.again) < 0:
            raise ValueError("a count below 0")
        return errand

    def of(self, digest: str) -> Self:
        """The errand for this set: begun anew where it was begun with another, or with one that it does not name, as
        nothing that was found so far is about this one."""
        if self.digest == digest:
            return self
        told = self.told and self.digest is None
        return dataclasses.replace(
            self, digest=digest, next=0, right=0, failed=0, wrong=(), told=told, heard=False, left=None
        )

    def numbers(self, requests: int, now: float, most: int = BATCH) -> list[int]:
        """Of the requests in the next batch, which of a set of so many."""
        if self.over or (self.until is not None and now > self.until + LATE_SECONDS):
            return []
        if self.until is None:
            return list(range(self.next, min(self.next + most, requests)))
        return [(self.next + step) % requests for step in range(most)]

    def after(self, batch: Batch, requests: int, now: float) -> Self:
        """The errand with this batch behind it, and with what is to be said and published of it."""
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
            wrong=(*self.wrong, *batch.wrong)[:MOST_TOLD],
        )

    def _left(self, batch: Batch, requests: int) -> tuple[int, ...]:
        places = range(batch.sent) if batch.right == batch.sent else batch.places
        right = {(self.next + place) % requests for place in places}
        before = range(requests) if self.left is None else self.left
        return tuple(number for number in before if number < requests and number not in right)

    def _found(self, batch: Batch, requests: int, *, is_over: bool) -> GoldenResult | None:
        """What the deployer is to be told once this batch was played. Of a bake the first wrong answer; and once, if
        all traffic is on the new fleet, that each request was answered right, or at the end that some were. Of a check
        the whole, or, where not every request was answered, only what was wrong."""
        if self.until is None:
            if not is_over or (not self.failed and self.right < requests):
                return None
            return self._of(self.failed, self.wrong)
        if batch.failed:
            return None if self.told else self._of(batch.failed, batch.wrong[:MOST_TOLD])
        if self.told or self.heard or not self.alone:
            return None
        if self.right >= requests:
            return self._of(0, ())
        return self._of(0, (), is_part=True) if is_over and self.right else None

    def _of(self, failed: int, wrong: tuple[Wrong, ...], *, is_part: bool | None = None) -> GoldenResult:
        return GoldenResult(self.digest or "", self.config, self.begun, self.alone, failed, wrong, is_part)

    @property
    def is_settled(self) -> bool:
        """All that was found is published and told."""
        return self.unsaid is None and not self.owed

    def due(self) -> float | None:
        """In how many seconds the next message is due; None after the last."""
        if not self.over:
            return float(SECONDS_BETWEEN) if self.until is not None else 0.0
        return None if self.is_settled or self.tries >= MOST_TRIES else float(SECONDS_BETWEEN)

    def delivered(self, times: int) -> Self:
        """The errand as its message came for the so-many-th time."""
        return dataclasses.replace(self, again=self.again + max(0, times - 1))

    def goes_on(self, times: int) -> bool:
        """Whether this delivery has a successor. What comes again was not heard of to its end, so its successor may
        have been sent or not: a second line of messages is better than none, but each of its own failures would add
        one, so there is an end to it."""
        return times <= 1 or self.again <= MOST_AGAIN


def asked(body: str, wait_seconds: int, bake_seconds: int) -> ProbeTask | None:
    """None for an event that calls for nothing. Raises Malformed, with what was found. A rollout waits for
    `wait_seconds` while a part of the traffic is on the new fleet, and bakes for `bake_seconds` when all of it is."""
    try:
        content = json.loads(body)
        if "errand" in content:
            return ProbeTask.from_message(content["errand"])
        return _told_by_event(content, wait_seconds, bake_seconds)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise Malformed(f"The message is neither an event nor an errand ({error!r}): {body[:200]}") from error


def _told_by_event(event: dict[str, Any], wait_seconds: int, bake_seconds: int) -> ProbeTask | None:
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
    """https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html"""
    pending = detail.get("PendingDeploymentSummary")
    if not pending:
        return None
    # Of the summary only the config's name is sure to be there.
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
        # While traffic is being moved, the old fleet may still answer.
        return ProbeTask(config, begun, alone=False, until=begun)
    if current is None or desired is None:
        return ProbeTask(config, begun, alone=False, until=begun + max(wait_seconds, bake_seconds))
    alone = current >= desired
    return ProbeTask(config, begun, alone=alone, until=begun + (bake_seconds if alone else wait_seconds))


def _plain(status: str) -> str:
    """Events write IN_SERVICE where the API writes InService."""
    return status.replace("_", "").lower()
