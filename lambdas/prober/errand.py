"""What a message asks the prober to play, and what is to be played after a batch. Pure.

Nothing says which fleet gave an answer, so a rollout is probed in batches from its first traffic to the end of each
bake; what is live alone is checked once, each request for itself.
"""

import dataclasses
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from lambdas.gate import codec
from lambdas.gate.played import MOST_TOLD, Played, Wrong

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


class Malformed(ValueError):
    """A message that is neither an event nor an errand. It goes to the dead-letter queue."""


@dataclass(frozen=True)
class Batch:
    """What became of some requests. `sent` counts those that were sent, `right` and `failed` their answers:
    errors are none. `wrong` are the first wrong ones, one of a request."""

    sent: int
    right: int = 0
    failed: int = 0
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True)
class Errand:
    """Requests to play, from number `next` of the set on. Times in seconds since 1970.

    Of a rollout: `config` is the coming fleet's, `until` the end of its bake, `alone` whether all traffic is on it, and
    batches go round the set. Without `until` it is a check of what is live, which ends with the set; its `right`,
    `failed` and `wrong` are what was found so far. `told`: the deployer knows of a wrong answer already.
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

    def message(self) -> str:
        """For the prober's own queue."""
        return codec.encode({"errand": self})

    @classmethod
    def from_message(cls, content: Any) -> Self:
        return codec.decode(cls, json.dumps(content))

    def numbers(self, requests: int) -> list[int]:
        """Of the requests in the next batch, which of a set of so many."""
        if self.until is None:
            return list(range(self.next, min(self.next + BATCH, requests)))
        return [(self.next + step) % requests for step in range(BATCH)]

    def after(self, batch: Batch, requests: int) -> Self:
        """The errand with this batch behind it."""
        last = self.next + batch.sent
        if self.until is not None:
            return dataclasses.replace(self, next=last % requests, told=self.told or batch.failed > 0)
        return dataclasses.replace(
            self,
            next=last,
            right=self.right + batch.right,
            failed=self.failed + batch.failed,
            wrong=(*self.wrong, *batch.wrong)[:MOST_TOLD],
        )

    def due(self, requests: int, now: float) -> float | None:
        """In how many seconds the next batch is due; None after the last."""
        if self.until is None:
            return 0.0 if self.next < requests else None
        return float(SECONDS_BETWEEN) if now + SECONDS_BETWEEN < self.until else None

    def told_by(self, batch: Batch, digest: str, requests: int) -> Played | None:
        """What the deployer is told once `batch` is behind this errand: the first wrong answer of a bake, and the whole
        of a check. A check that not every request answered tells only what was wrong."""
        if self.until is not None:
            if self.told or not batch.failed:
                return None
            return Played(digest, self.config, self.begun, self.alone, batch.failed, batch.wrong[:MOST_TOLD])
        done = self.after(batch, requests)
        if done.next < requests or (not done.failed and done.right < requests):
            return None
        return Played(digest, self.config, self.begun, self.alone, done.failed, done.wrong)


def asked(body: str, bake_seconds: int) -> Errand | None:
    """None for an event that calls for nothing. Raises Malformed, with what was found."""
    try:
        content = json.loads(body)
        if "errand" in content:
            return Errand.from_message(content["errand"])
        return _told_by_event(content, bake_seconds)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise Malformed(f"The message is neither an event nor an errand ({error!r}): {body[:200]}") from error


def _told_by_event(event: dict[str, Any], bake_seconds: int) -> Errand | None:
    at, detail = datetime.fromisoformat(event["time"]).timestamp(), event["detail"]
    kind = event["detail-type"]
    if kind == DEPLOYMENT:
        return _of_rollout(detail, at, bake_seconds)
    if kind == SPEC:
        return Errand(None, at, alone=True)
    if kind != CHANGE:
        raise ValueError(f"an event of the type {kind!r}")
    return (
        Errand(detail.get("EndpointConfigName"), at, alone=True)
        if _plain(detail["EndpointStatus"]) == IN_SERVICE
        else None
    )


def _of_rollout(detail: dict[str, Any], at: float, bake_seconds: int) -> Errand | None:
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
    # While traffic is being moved, the old fleet may still answer.
    whole = variant.get("CurrentInstanceCount", 0) >= variant.get("DesiredInstanceCount", 1)
    bakes = status == BAKING
    config = pending["EndpointConfigName"]
    return Errand(config, begun, alone=bakes and whole, until=begun + (bake_seconds if bakes else 0))


def _plain(status: str) -> str:
    """Events write IN_SERVICE where the API writes InService."""
    return status.replace("_", "").lower()
