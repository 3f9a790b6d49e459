"""Deployment guardrails as a plan: the phases of an update, how long they last, and their share of the traffic.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from world.refusal import invalid

LAUNCH_SECONDS, ACTIVATION_SECONDS, TEARDOWN_SECONDS = 120, 10, 30
"""Seconds in which the model launches a fleet, shifts traffic and ends a fleet. AWS takes some 10 minutes."""

DEFAULT_TIMEOUT = 28800
"""Used if MaximumExecutionTimeoutInSeconds is absent. An assumption: it is the documented maximum."""


class Status(StrEnum):
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantStatus.html"""

    CREATING = "Creating"
    DELETING = "Deleting"
    UPDATING = "Updating"
    ACTIVATING_TRAFFIC = "ActivatingTraffic"
    BAKING = "Baking"


@dataclass(frozen=True)
class Phase:
    """During the phase, `share` of the traffic goes to the new fleet, and `old` of the old fleet still runs.

    `text` is the status message with `{n}` for the number of instances concerned: `part` of the variant's instances.
    """

    status: Status
    seconds: int
    share: float
    text: str
    part: float = 1.0
    old: float = 1.0

    def instances(self, count: int) -> int:
        return max(1, math.ceil(self.part * count - 1e-9))

    def message(self, count: int) -> str:
        return self.text.format(n=self.instances(count))


def plan(config: dict[str, Any], count: int) -> list[Phase]:
    """Return the phases of an update with this DeploymentConfig ({} is all-at-once), for a variant of `count`
    instances."""
    if rolling := config.get("RollingUpdatePolicy"):
        return list(_rolling(_share(rolling["MaximumBatchSize"], count), rolling["WaitIntervalInSeconds"]))
    blue_green = config.get("BlueGreenUpdatePolicy", {})
    return list(_blue_green(blue_green, count))


def rollback_plan(config: dict[str, Any], count: int, share: float, old: float) -> list[Phase]:
    """Return the phases of a rollback from `share` of the traffic on the new fleet and `old` of the old fleet running.

    A blue/green deployment keeps its old fleet to the end, so a rollback only changes the routing. A rolling deployment
    launches the ended instances again, in batches of RollbackMaximumBatchSize, by default all at once.
    """
    ended = "Terminating {n} instance(s)."
    if old >= 1:
        return [Phase(Status.DELETING, TEARDOWN_SECONDS, 0.0, ended)]
    size = config["RollingUpdatePolicy"].get("RollbackMaximumBatchSize")
    batch = _share(size, count) if size else 1.0
    missing = 1 - old
    phases: list[Phase] = []
    for number in range(math.ceil(missing / batch - 1e-9)):
        left, after = missing - number * batch, max(0.0, missing - (number + 1) * batch)
        part = left - after
        phases += [
            Phase(Status.CREATING, LAUNCH_SECONDS, min(share, left), "Launching {n} instance(s).", part, 1 - left),
            Phase(
                Status.ACTIVATING_TRAFFIC,
                ACTIVATION_SECONDS,
                after,
                "Activating traffic on rollback capacity of {n} instance(s).",
                part,
                1 - after,
            ),
            Phase(Status.DELETING, TEARDOWN_SECONDS, after, ended, part, 1 - after),
        ]
    return phases


def check(config: dict[str, Any], counts: list[int]) -> None:
    """Refuse a config that only the service model accepts. `counts` are the variants' instances.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html
    """
    blue_green, rolling = config.get("BlueGreenUpdatePolicy"), config.get("RollingUpdatePolicy")
    if blue_green and rolling:
        raise invalid("Only one update policy can be used: BlueGreenUpdatePolicy or RollingUpdatePolicy.")
    for count in counts:
        if blue_green:
            _check_routing(blue_green["TrafficRoutingConfiguration"], count)
        if rolling:
            _check_size("MaximumBatchSize", rolling["MaximumBatchSize"], count, 5, 50)
            if back := rolling.get("RollbackMaximumBatchSize"):
                _check_size("RollbackMaximumBatchSize", back, count, 0, 100)
    policy = blue_green or rolling or {}
    timeout = policy.get("MaximumExecutionTimeoutInSeconds")
    waits = sum(p.seconds for p in plan(config, min(counts)) if p.status is Status.BAKING)
    if timeout is not None and waits >= timeout:
        raise invalid(
            f"MaximumExecutionTimeoutInSeconds ({timeout}) must be greater than the sum of all waits ({waits})."
        )


def timeout(config: dict[str, Any]) -> int:
    policy = config.get("BlueGreenUpdatePolicy") or config.get("RollingUpdatePolicy") or {}
    seconds: int = policy.get("MaximumExecutionTimeoutInSeconds", DEFAULT_TIMEOUT)
    return seconds


def alarms(config: dict[str, Any]) -> list[str]:
    return [alarm["AlarmName"] for alarm in config.get("AutoRollbackConfiguration", {}).get("Alarms", [])]


def _blue_green(policy: dict[str, Any], count: int) -> Iterator[Phase]:
    routing = policy.get("TrafficRoutingConfiguration", {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0})
    shares = _shares(routing, count)
    yield Phase(Status.CREATING, LAUNCH_SECONDS, 0.0, "Launching {n} instance(s).")
    for share in shares:
        if share < 1:
            capacity, seconds, name = routing["Type"].lower(), routing["WaitIntervalInSeconds"], "WaitIntervalInSeconds"
        else:
            capacity, seconds, name = "full", policy.get("TerminationWaitInSeconds", 0), "TerminationWaitInSeconds"
        on = f"traffic enabled on {capacity} capacity of {{n}} instance(s)."
        activating = f"Activating traffic on {capacity} capacity of {{n}} instance(s)."
        yield Phase(Status.ACTIVATING_TRAFFIC, ACTIVATION_SECONDS, share, activating, share)
        if seconds:
            yield Phase(Status.BAKING, seconds, share, f"Baking for {seconds} seconds ({name}) with {on}", share)
    yield Phase(Status.DELETING, TEARDOWN_SECONDS, 1.0, "Terminating {n} instance(s).")


def _shares(routing: dict[str, Any], count: int) -> list[float]:
    match routing["Type"]:
        case "CANARY":
            return [_share(routing["CanarySize"], count), 1.0]
        case "LINEAR":
            step = _share(routing["LinearStepSize"], count)
            return [min(1.0, step * number) for number in range(1, math.ceil(1 / step - 1e-9) + 1)]
        case _:
            return [1.0]


def _rolling(batch: float, seconds: int) -> Iterator[Phase]:
    done = 0.0
    for number in range(1, math.ceil(1 / batch - 1e-9) + 1):
        share = min(1.0, batch * number)
        part, on = share - done, "batch capacity of {n} instance(s)."
        yield Phase(Status.CREATING, LAUNCH_SECONDS, done, "Launching {n} instance(s).", part, 1 - done)
        yield Phase(Status.ACTIVATING_TRAFFIC, ACTIVATION_SECONDS, share, f"Activating traffic on {on}", part, 1 - done)
        if seconds:
            baking = f"Baking for {seconds} seconds (WaitIntervalInSeconds) with traffic enabled on {on}"
            yield Phase(Status.BAKING, seconds, share, baking, part, 1 - done)
        yield Phase(Status.DELETING, TEARDOWN_SECONDS, share, "Terminating {n} instance(s).", part, 1 - share)
        done = share


def _share(size: dict[str, Any], count: int) -> float:
    value: int = size["Value"]
    return min(1.0, value / (count if size["Type"] == "INSTANCE_COUNT" else 100))


def _check_routing(routing: dict[str, Any], count: int) -> None:
    kind = routing["Type"]
    for wanted, name, least in (("CANARY", "CanarySize", 0), ("LINEAR", "LinearStepSize", 10)):
        if (kind == wanted) != (name in routing):
            raise invalid(f"{name} must be specified for traffic routing type {wanted}, and only for it.")
        if kind == wanted:
            if count < 2:
                raise invalid(f"Traffic routing type {wanted} needs at least two instances in each variant.")
            _check_size(name, routing[name], count, least, 50)


def _check_size(name: str, size: dict[str, Any], count: int, least: int, most: int) -> None:
    percent = size["Value"] * 100 / (count if size["Type"] == "INSTANCE_COUNT" else 100)
    if not least <= percent <= most:
        raise invalid(f"{name} must be between {least}% and {most}% of the variant's total instance count.")
