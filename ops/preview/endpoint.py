"""What follows from a changed entry of endpoints.yaml, for one endpoint. Pure."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lambdas.gate import names
from lambdas.gate.decide.resize import other_settings
from lambdas.gate.decide.shadow import frozen, running
from lambdas.gate.rollout.deployment_config import expected_seconds
from lambdas.gate.spec.floor import FloorRead
from lambdas.gate.spec.spec import OnDispute, Rollout, Spec, Stage
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from lambdas.gate.text import duration_text
from ops.preview import accesses, approvals
from ops.preview.accesses import Access
from ops.preview.approvals import Asked, Change, Finding, Waiting
from ops.preview.keys import KeyChange, changed_keys, size_text


class State(StrEnum):
    """How an endpoint's entry differs from what is deployed. The values are those of `--output json`."""

    NEW = "new"
    """It is not deployed."""
    CHANGED = "changed"
    """A key has another value."""
    UNCHANGED = "unchanged"
    """It is deployed as it is."""
    REMOVED = "removed"
    """It is deployed, and the file has no such entry."""
    UNREADABLE = "unreadable"
    """What is deployed cannot be read, so nothing can be compared."""


@dataclass(frozen=True)
class Consequence:
    """`text`: a sentence. `is_live`: True if the live version, its fleet or what it serves with changes without
    anybody's help. `holds`: True if something is on hold that was not."""

    text: str
    is_live: bool = False
    holds: bool = False


@dataclass(frozen=True)
class EndpointPreview:
    """`keys`: the changed ones. `follows`: what happens after the deployment. `waiting`: the approvals that wait, if
    the gate changes. `gains`, `loses`: what the roles may do more and less."""

    endpoint: str
    state: State
    keys: tuple[KeyChange, ...] = ()
    follows: tuple[Consequence, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    gains: tuple[Access, ...] = ()
    loses: tuple[Access, ...] = ()


@dataclass(frozen=True)
class Known:
    """What is known about a deployed endpoint. `head`: None before the first reconcile. `floor_before`, `floor_after`:
    None if there is none. `all_paused`: why all endpoints are paused; None if they are not. `now`: in seconds since
    1970."""

    head: Head | None
    rows: Sequence[Row]
    floor_before: FloorRead | None
    floor_after: FloorRead | None
    all_paused: str | None
    now: float


def new(spec: Spec) -> EndpointPreview:
    """Return the preview of an endpoint whose entry is new."""
    told = (
        f"the stack {names.STACK}-{spec.endpoint} is made. If the endpoint exists, it is adopted and goes on serving "
        "what it serves. Otherwise the newest Approved version of the group creates it"
    )
    return EndpointPreview(
        spec.endpoint, State.NEW, follows=(Consequence(told),), gains=tuple(sorted(accesses.of_endpoint(spec)))
    )


def removed(endpoint: str) -> EndpointPreview:
    """Return the preview of an endpoint whose entry is gone."""
    told = (
        f"the stack {names.STACK}-{endpoint} stays, and the endpoint stays managed as it is. To end that: "
        f"aws cloudformation delete-stack --stack-name {names.STACK}-{endpoint}"
    )
    return EndpointPreview(endpoint, State.REMOVED, follows=(Consequence(told),))


def unreadable(endpoint: str, why: str) -> EndpointPreview:
    """Return the preview of an endpoint about which nothing can be said. `why`: in words."""
    return EndpointPreview(endpoint, State.UNREADABLE, follows=(Consequence(why),))


def decided_by_the_file(spec: Spec, deployed: Spec) -> Spec:
    """Return the spec of an entry with those values of the deployed spec that only a deployment decides: who the prober
    and the comparer are, where the prober puts metrics, and where the comparer is asked."""
    if spec.shadow and spec.shadow.differ:
        spec = dataclasses.replace(spec, comparer=deployed.comparer)
    if spec.golden is None or deployed.golden is None:
        return spec
    known = deployed.golden
    golden = dataclasses.replace(spec.golden, role_id=known.role_id, namespace=known.namespace)
    return dataclasses.replace(spec, golden=golden)


def changed(old: Spec, new: Spec, known: Known) -> EndpointPreview:
    """Return the preview of a deployed endpoint. `new`: the entry's, as from `decided_by_the_file`."""
    old = dataclasses.replace(old, judge=old.judged_by)
    keys = changed_keys(json.loads(old.to_json()), json.loads(new.to_json()))
    before, after = accesses.of_endpoint(old), accesses.of_endpoint(new)
    waiting = _waiting(old, new, known)
    return EndpointPreview(
        new.endpoint,
        State.CHANGED if keys else State.UNCHANGED,
        keys,
        (*_follows(old, new, keys, known), *_of_waiting(waiting, known)),
        waiting,
        tuple(sorted(after - before)),
        tuple(sorted(before - after)),
    )


def _follows(old: Spec, new: Spec, keys: Sequence[KeyChange], known: Known) -> Iterator[Consequence]:
    """Yield what follows from the changed keys.

    1. Another group or stage: the endpoint is adopted anew, which starts no rollout.
    2. Another kind of variant, or another name of it: AWS does not allow that change, so every rollout is held.
    3. Other settings: the live version is rolled out again.
    4. Autoscaling is registered at once.
    5. Other checks are asked for from the next evaluation on. The live version is not checked again, but a dispute or
       a revocation that was no reason to replace it may become one.
    6. A shadow that runs, or is about to, ends if the entry asks for none any more, for other settings or for a freeze.
    7. Whatever is left applies from the next rollout on, or at once.
    """
    is_moved = _follows_up(old) != _follows_up(new)
    if is_moved:
        yield _adopted_anew(known.head)  # 1
    held = None if is_moved else _held(old, new)
    if held:
        yield Consequence(held, holds=True)  # 2
    elif not is_moved:
        yield from _settings(old, new, known)  # 3
    if old.scaling != new.scaling:  # 4
        told = f"registered at once: {new.autoscaling.text}" if new.autoscaling else "deregistered at once"
        yield Consequence(f"the autoscaling is {told}. Starts no rollout", is_live=True)
    yield from _gate(old, new, known)  # 5
    yield from _of_live(old, new, known.head)
    if not is_moved:
        yield from _shadow(new, known)  # 6
    for text, below in _LATER.items():  # 7
        if any(change.is_below(*below) for change in keys):
            yield Consequence(text)


_STANDING = ("error_rate_percent", "p99_latency_ms", "average_latency_ms")
_LATER = {
    "the rollout's strategy and times apply from the next rollout on": ("rollout",),
    "the shadow's rules apply from the next version on": ("shadow",),
    "judge, evidence and capacity apply from the next rollout on": ("judge", "evidence", "capacity"),
    "thresholds of the standing alarms apply at once, those of a rollout's alarms from the next rollout on": tuple(
        f"rollback_on.{key}" for key in _STANDING
    ),
    "your own alarms guard the endpoint from the next reconcile on": ("rollback_on.alarms",),
    "the live version is watched for the new time at once": ("rollback_on.watch_seconds",),
    "the prober is made, removed or gets the new requests. Without one, wrong answers roll nothing back": (
        "golden_requests",
    ),
    "what exists keeps its tags; the stack and the next rollout's resources have the new ones": ("tags",),
    "with `gate.pin` artifacts and images must be those of the registration; without it they may differ": ("gate.pin",),
    "versions, or their reports, may come from other places than before": ("model_artifacts", "gate.reports"),
}
"""What follows from a change → the keys that it follows from."""


def _follows_up(spec: Spec) -> tuple[str, Stage | None]:
    """Return the group that the endpoint follows, and the stage. See `decide.baseline.is_moved`."""
    return spec.model_package_group.lower(), spec.gate.stage


def _adopted_anew(head: Head | None) -> Consequence:
    dropped = [version_label(approval.version) for approval in head.approvals] if head else []
    lost = f" The approvals that wait are dropped: {', '.join(dropped)}." if dropped else ""
    if head is not None and head.rung is not None:
        label = version_label(head.rung.version)
        lost += f" It keeps the shadow of {label}, which holds every rollout until somebody takes it off."
    told = (
        "the endpoint is adopted anew, once no rollout is in flight: it goes on serving what it serves, and versions "
        f"that are Approved by then are not rolled out.{lost} Until a second version has gone live there is nothing to "
        "revert to"
    )
    return Consequence(told, holds=bool(dropped or (head and head.rung)))


def _held(old: Spec, new: Spec) -> str | None:
    kinds = (old.variant.serverless is None, old.serving.asynchronous is None)
    if kinds != (new.variant.serverless is None, new.serving.asynchronous is None):
        return (
            "every rollout is held: an endpoint does not change between instances and serverless, or between real-time "
            "and asynchronous. Give the variant an entry and an endpoint of its own"
        )
    if old.variant.name != new.variant.name:
        return "every rollout is held: deployment guardrails need the variant's name to stay the same"
    return None


def _settings(old: Spec, new: Spec, known: Known) -> Iterator[Consequence]:
    """Yield what becomes of the live version if the settings that it should have change. See `decide.resize`."""
    head, live = known.head, known.head.live if known.head else None
    if old.settings == new.settings or head is None or live is None:
        return
    if live.approval is None or live.settings is None:
        yield Consequence("the endpoint keeps the settings of its adopted config until the next version goes live")
        return
    label = version_label(live.approval.version)
    if kept := other_settings(new.settings, head, live):
        yield Consequence(f"{label} is not rolled out again: {kept}")
    elif live.settings != new.settings:
        how = rollout_text(new.rollout, new.variant.instance_count)
        yield Consequence(f"{label} is rolled out again with the new settings, {how}{_later(known)}", is_live=True)
    else:
        yield Consequence(f"{label} has these settings already, so it is not rolled out again")


def rollout_text(rollout: Rollout, instance_count: int | None) -> str:
    """Return how a rollout moves the traffic and about how long it takes."""
    step = f" of {size_text(rollout.step.type, rollout.step.value)}" if rollout.step else ""
    seconds = expected_seconds(rollout, instance_count or 1)
    return f"by {rollout.strategy.value}{step}, in about {duration_text(seconds)}"


def _later(known: Known) -> str:
    head = known.head
    if head is not None and head.attempt is not None:
        return f", after the rollout of {version_label(head.attempt.approval.version)} in flight"
    is_paused = known.all_paused is not None or (head is not None and head.is_paused(known.now))
    return ", once the pause is over" if is_paused else ""


def _gate(old: Spec, new: Spec, known: Known) -> Iterator[Consequence]:
    found = approvals.changes(Asked(old, known.floor_before), Asked(new, known.floor_after))
    listed = {change: [name for name, each in found.items() if each is change] for change in Change}
    parts = [f"{change.value}: {', '.join(checks)}" for change, checks in listed.items() if checks]
    if parts:
        yield Consequence(f"the gate's checks, from the next evaluation on: {'; '.join(parts)}")


def _of_live(old: Spec, new: Spec, head: Head | None) -> Iterator[Consequence]:
    """Yield how the live version may be replaced because of who may decide about it now. See `decide.revert` and
    `decide.revocation`."""
    live = head.live if head else None
    if live is None or live.approval is None:
        return
    label, before, after = version_label(live.approval.version), old.gate, new.gate
    reverts = after.on_dispute is OnDispute.REVERT and before.on_dispute is not OnDispute.REVERT
    if reverts and live.approval.is_disputed:
        yield Consequence(
            f"{label} is replaced by the last good version, because its approver is disputed", is_live=True
        )
    if live.revocation is not None and (before.approvers, before.mode) != (after.approvers, after.mode):
        told = f"{label} was revoked by somebody who was no approver. If that person is one now, {label} is replaced"
        yield Consequence(f"{told} by the last good version", is_live=True)


def _shadow(new: Spec, known: Known) -> Iterator[Consequence]:
    """Yield the end of a shadow that runs, or whose update is in flight. See `decide.shadow`."""
    head = known.head
    climbing = _climbing(head) if head else None
    if head is None or head.live is None or climbing is None:
        return
    label, floor = version_label(climbing.version), known.floor_after.floor if known.floor_after else None
    ends = f"the shadow of {label} ends"
    if new.shadow is None:
        yield Consequence(f"{ends}, and {label} is rolled out{_later(known)}", is_live=True)
    elif head.live.settings != new.settings:
        yield Consequence(f"{ends}, because the new settings come first", is_live=True)
    elif frozen(new.gate, floor.gate if floor else None, head, climbing, known.now) is not None:
        yield Consequence(f"{ends}{_later(known)}, because a freeze is on. It begins again after that", is_live=True)


def _climbing(head: Head) -> Approval | None:
    """Return the approval whose version is the live one's shadow, or is about to be; None if there is none."""
    if head.attempt is not None:
        return head.attempt.approval if head.attempt.copying else None
    rung = running(head)
    return next((each for each in head.approvals if rung and each.order == rung.order), None)


def _waiting(old: Spec, new: Spec, known: Known) -> tuple[Waiting, ...]:
    """Return the approvals that wait, the newest last, if the gate asks for something else of them. The gate is not
    asked again about the one in flight."""
    before, after = Asked(old, known.floor_before), Asked(new, known.floor_after)
    head = known.head
    if head is None or not approvals.changes(before, after):
        return ()
    in_flight = head.attempt.approval.order if head.attempt else None
    ranked = sorted((each for each in head.approvals if each.order != in_flight), key=lambda approval: approval.rank)
    return tuple(approvals.waiting(each, before, after, known.rows, known.now) for each in ranked)


def _of_waiting(waiting: Sequence[Waiting], known: Known) -> Iterator[Consequence]:
    """Yield what becomes of each approval. Only the newest one is rolled out."""
    for each in waiting:
        label = version_label(each.version)
        found = "; ".join(f"{name}: {finding.value}" for name, finding in each.checks.items())
        if each is not waiting[-1]:
            yield Consequence(f"{label} waits, but a later approval is rolled out instead")
        elif each.after is Finding.PASSES:
            starts = each.before is Finding.STOPS
            yield Consequence(f"{label} waits, and passes the gate{_later(known)}", is_live=starts)
        elif each.after is Finding.STOPS:
            stops = each.before is not Finding.STOPS
            yield Consequence(f"{label} waits, and is on hold ({found})", holds=stops)
        else:
            yield Consequence(f"{label} waits. Whether it passes is not known before the reconcile ({found})")
