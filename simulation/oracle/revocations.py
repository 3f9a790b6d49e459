"""Whether a revoked version stays live because no approver revoked it, and whose approval counts: an oracle of its
own, from what people truly did."""

import math
from enum import Enum, auto

from lambdas.gate.decide.witness import EVENT_SECONDS
from lambdas.gate.reconcile.history import FRESH_SECONDS
from lambdas.gate.spec.spec import Mode
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.timing import FUNCTION_TIMEOUT
from simulation.oracle.gate import accepts
from simulation.world.example import NAME
from simulation.world.ground_truth import Act, ended
from simulation.world.world import World

LATE_SECONDS = 900.0
"""Longer than the schedule and the deployer's wait for the event history together."""


class Stays(Enum):
    """Whether a revoked version stays live."""

    NO = auto()
    """It is replaced by a good version, if there is one."""
    PERHAPS = auto()
    """Something may have hidden from the deployer who revoked it."""
    YES = auto()
    """AWS names everybody who revoked it, and none is an approver."""


def stays(world: World, version: str, rows: list[Row]) -> Stays:
    """Return whether the version stays live although it was revoked since the last approval that the gate accepts, or
    somebody whom the gate does not accept approved it again.

    The caller of an act may be hidden by a fault since that approval, a lost event, a change of the version, or another
    act before the next reconcile. Only CloudTrail's event history knows who deleted a version, and the deployer does
    not wait for it for long. Messages say nothing about it.
    """
    acts = [act for act in world.acts if act.what in ("approve", "revoke") and act.version == version]
    approved = _last_accepted(world, acts)
    since = acts[approved + 1 :]
    revoked = [act for act in since if act.what == "revoke"]
    if approved < 0 or not since or world.gate.mode is Mode.ADVISE:
        return Stays.NO
    is_disturbed = world.faulted_at >= acts[approved].at or not all(act.heard for act in since)
    is_again = since[-1].what == "approve"
    unless_hidden = Stays.PERHAPS if not revoked or (is_disturbed and is_again) else Stays.NO
    if revoked and not world.gate.approvers:
        return unless_hidden
    given, first = acts[approved].at, since[0].at
    if not _was_live(world, version, first) or _was_overtaken(world, version, first, given):
        return unless_hidden
    if _is_shown_late(world, version, since):
        return Stays.PERHAPS if is_disturbed else Stays.NO
    if any(act.who.rpartition(":")[2] in world.gate.approvers for act in revoked):
        return Stays.PERHAPS if is_disturbed else Stays.NO
    is_named = not is_disturbed and all(_is_alone(world, act) for act in revoked) and _is_shown(world, version, since)
    is_certain = is_named and _was_known_live(world, rows, first) and not _was_leaving(world, first)
    return Stays.YES if is_certain else Stays.PERHAPS


def is_contested(world: World, version: str) -> bool:
    """True if somebody whom the gate does not accept approved the version, which the gate let pass before."""
    acts = [act for act in world.acts if act.what == "approve" and act.version == version]
    return 0 <= _last_accepted(world, acts) < len(acts) - 1


def _last_accepted(world: World, acts: list[Act]) -> int:
    """Return the place of the last approval by somebody whom the gate accepts; -1 if there is none."""
    return max((n for n, act in enumerate(acts) if act.what == "approve" and accepts(world, act)), default=-1)


def _was_live(world: World, version: str, at: float) -> bool:
    return world.hosting.version(_served(world, at)) == version


def _served(world: World, at: float) -> str:
    """Return the config that the endpoint served at that time; empty if there was none."""
    served = [config for name, config, since in world.hosted.served if name == NAME and since <= at]
    return served[-1] if served else ""


def _was_leaving(world: World, at: float) -> bool:
    """True if a rollout to another version began since what served then came into service. If it is approved again
    meanwhile, it is a version that waits, which anybody's revocation stops."""
    served, config = world.hosted.served, _served(world, at)
    since = max((begun for name, what, begun in served if (name, what) == (NAME, config) and begun <= at), default=at)
    return any(since < update.at <= at and update.config != config for update in world.hosted.updates)


def _was_overtaken(world: World, version: str, since: float, given: float) -> bool:
    """True if a version that was approved later went live in its place."""
    later = {act.version for act in world.acts if act.what == "approve" and act.at > given} - {version}
    served = (config for name, config, at in world.hosted.served if name == NAME and at > since)
    return any(world.hosting.version(config) in later for config in served)


def _is_alone(world: World, act: Act) -> bool:
    """True if the version was not changed between the act and the end of the next reconcile."""
    until = next((at for at in ended(world.decisions) if at > act.at + 1), world.now)
    return not any(package.arn == act.version and act.at < at <= until for at, package in world.versions.history)


def _is_shown(world: World, version: str, acts: list[Act]) -> bool:
    """True if the version exists, or if CloudTrail's event history showed its deletion before the deployer stopped
    waiting for that, however early it found the version gone."""
    return _shown_after(world, version, acts) + FRESH_SECONDS <= EVENT_SECONDS


def _is_shown_late(world: World, version: str, acts: list[Act]) -> bool:
    """True if CloudTrail's event history showed the version's deletion later than the deployer waited for that, however
    late the schedule found the version gone."""
    return _shown_after(world, version, acts) > LATE_SECONDS


def _shown_after(world: World, version: str, acts: list[Act]) -> float:
    """Return how many seconds after the version's deletion CloudTrail's event history shows it; 0 if the version
    exists."""
    if version in world.registry.packages:
        return 0.0
    shown = world.trail.shown_at("DeleteModelPackage", acts[-1].at)
    return math.inf if shown is None else shown - acts[-1].at


def _was_known_live(world: World, rows: list[Row], at: float) -> bool:
    """True if the ledger knew by then that what served is live. A row has the time at which its reconcile began."""
    closed = (row.fact for row in rows if row.fact.kind is Kind.ATTEMPT_CLOSED)
    live = (fact for fact in closed if fact.detail["endpoint_config"] == _served(world, at))
    return any(fact.at + FUNCTION_TIMEOUT <= at and fact.detail["outcome"] == Outcome.SUCCEEDED for fact in live)
