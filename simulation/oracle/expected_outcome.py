"""What the endpoint may serve once everything is settled: an oracle of its own, from what people truly did.

The newest approval wins if its version is still Approved and sound. If somebody who is no approver revoked the live
version, it stays. Otherwise an older one may serve, or the last good
version. That depends on when the deployer reconciled, so the answer is a set.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from lambdas.gate import names
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.fact import Kind, Row
from simulation.oracle.allowances import (
    does_not_fit,
    has_failed_again,
    is_approver_hidden,
    is_between_unseen,
    is_blame_hidden,
    is_blame_restored,
    is_blamed,
    is_change_hidden,
    is_disputed,
    is_given_up,
    is_heard,
    is_override_early,
    is_overtaken,
    is_report_unread,
    is_suspected,
    is_time_hidden,
    is_unjudged,
    is_without_judge,
    is_writer_hidden,
    stays_refused,
    unseen_manual_changes,
)
from simulation.oracle.gate import asks_who, is_paused, shut
from simulation.oracle.pins import approvals, content, is_void
from simulation.oracle.records import spec_of
from simulation.oracle.revocations import Stays, is_contested, stays
from simulation.world.comparer import Comparing
from simulation.world.example import NAME
from simulation.world.resources import Quality
from simulation.world.world import World

MOST_COPIES = 10**8
"""More copies than a shadow gets."""
_UNSOUND = (Quality.ERRS, Quality.SICK, Quality.WORSE)
_REVERTS_SLOWER = '"latency":{"mode":"revert"'


def acceptable(world: World, rows: list[Row], *, held: bool) -> set[str | None]:
    """Return what may be served: ARNs of versions, names of configs that belong to no version, statuses, and None for
    no endpoint."""
    hand = next((act for act in reversed(world.acts) if act.what in ("manual change", "deleted")), None)
    since = max(
        (n for n, act in enumerate(world.acts) if act.what in ("manual change", "deleted", "baseline")), default=0
    )
    allowed: set[str | None] = set()
    fallen = False
    for version in _by_approval(world, since):
        is_kept = is_contested(world, version) and _served(world) == version
        if not is_kept and _is_sound(world, version, rows) and not is_given_up(world, version, rows):
            gate = _gate(world, version, rows)
            allowed |= gate.ends
            if gate.is_certain and _is_certain(world, version, rows):
                allowed |= set(_dated_late(world, version, since, rows))
                break
        elif (kept := stays(world, version, rows)) is not Stays.NO:
            allowed.add(version)
            if kept is Stays.YES and not is_blamed(world, version, rows) and hand is None:
                break
        elif _is_former(world, version) or _is_kept_unproven(world, version, rows):
            allowed.add(version)
        elif _serves_since(world, version) and _is_sound(world, version, rows):
            # Its new rollout was given up.
            allowed.add(version)
        fallen = True
    else:
        fallen = True
    if fallen:
        good = {version for version in _fallbacks(world, rows) if not is_given_up(world, version, rows)}
        allowed |= good
        if stays(world, _served(world), rows) is not Stays.NO:
            allowed.add(_served(world))
        firm = (
            v
            for v in good
            if not is_blamed(world, v, rows)
            and not is_blame_restored(world, v, rows)
            and not is_void(world, v)
            and not has_failed_again(world, v, rows)
            and not is_contested(world, v)
            and not _is_approver_lost(world, v, rows)
        )
        # A first reconcile knows of no good version before it.
        if not any(firm) or any(act.what in ("baseline", "anew") for act in world.acts):
            allowed |= _standing_still(world)
        if hand is not None:
            allowed.add(hand.version or hand.config if hand.what == "manual change" else None)
            allowed |= {
                v
                for v in _by_approval(world, 0)
                if _is_sound(world, v, rows)
                and (
                    hand.at in unseen_manual_changes(world, rows)
                    or is_time_hidden(world, v, hand.at, rows)
                    or is_between_unseen(world, v)
                )
            }
    holds = is_paused(world, world.now) or (held and _is_holding(world))
    if holds or not allowed or not is_managed(world) or _is_stuck(world, rows):
        allowed |= _standing_still(world)
    return allowed


@dataclass(frozen=True)
class _Gate:
    """What the gate makes of a version: how it may end, and whether that rules out older versions."""

    ends: set[str | None]
    is_certain: bool = True


def _gate(world: World, version: str, rows: list[Row]) -> _Gate:
    """Return what the gate makes of this version.

    A held version stays held, the live version stays live, and nothing older is rolled out in its place. A version that
    was changed after its approval is refused. A version whose problem was fixed is rolled out. The gate judges the last
    approval, but a rollout may have begun before that.
    """
    if _served(world) == version:
        return _Gate({version}, is_certain=not _is_approver_lost(world, version, rows))
    if is_void(world, version):
        ends = {version} if is_change_hidden(world, version) else set()
        return _Gate({*ends}, is_certain=False)
    kept = _kept(world, rows)
    if _has_no_measure(world, rows):
        return _Gate({version, *kept})
    if stays_refused(world, version, rows):
        return _Gate(kept, is_certain=False)
    heard = [act.at for act in approvals(world, version) if act.heard]
    if shut(world, version, world.now, heard[-1] if heard else 0.0) or is_report_unread(world, version, rows):
        return _Gate(kept)
    is_unsure = is_contested(world, version) or (
        asks_who(world)
        and (
            is_approver_hidden(world, version, rows) or is_writer_hidden(world, version) or is_disputed(world, version)
        )
    )
    if is_unsure or is_override_early(world, version, rows):
        return _Gate({version, *kept})
    return _Gate({version})


def _has_no_measure(world: World, rows: list[Row]) -> bool:
    """True if the spec asks for a shadow, and what serves cannot be launched anew for one: it is not what was approved
    any more, or the spec's settings were rolled back with it."""
    spec, served = spec_of(world), _served(world)
    if spec is None or spec.shadow is None or served not in world.registry.packages:
        return False
    return is_void(world, served) or does_not_fit(world, served, rows)


def _is_approver_lost(world: World, version: str, rows: list[Row]) -> bool:
    """True if the version was approved again, and the deployer cannot know that the gate accepts who did that."""
    return asks_who(world) and len(approvals(world, version)) > 1 and is_approver_hidden(world, version, rows)


def _is_former(world: World, version: str) -> bool:
    """True if the version serves as it was at an earlier approval, whatever happened to its last one."""
    since = _serves_since(world, version)
    if since is None:
        return False
    return content(world, version, since) != content(world, version, _approved_at(world, version))


def _serves_since(world: World, version: str) -> float | None:
    """Return since when the version serves, if it was approved again after that; else None."""
    endpoint = world.hosting.endpoints.get(NAME)
    config = endpoint.config if endpoint else ""
    served = [u.at for u in world.hosted.updates if (u.version, u.config, u.ended) == (version, config, "live")]
    return served[-1] if served and served[-1] < _approved_at(world, version) else None


def _approved_at(world: World, version: str) -> float:
    return max(act.at for act in world.acts if act.what == "approve" and act.version == version)


def _served(world: World) -> str:
    endpoint = world.hosting.endpoints.get(NAME)
    return world.hosting.version(endpoint.config) if endpoint else ""


def _kept(world: World, rows: list[Row]) -> set[str | None]:
    """Return what stays live: the last version that went live, or if it is not sound any more, an earlier good one or
    what serves now."""
    live = [update for update in world.hosted.updates if update.ended == "live"]
    changed = max((act.at for act in world.acts if act.what in ("manual change", "deleted")), default=0.0)
    if live and live[-1].at > changed and _is_sound(world, live[-1].version, rows):
        return {live[-1].version}
    return {*_fallbacks(world, rows), *_standing_still(world)}


def _by_approval(world: World, since: int) -> list[str]:
    """Return the versions that were approved since that act, latest approval first."""
    acts = [act.version for act in world.acts[since:] if act.what == "approve"]
    return list(dict.fromkeys(reversed(acts)))


def _dated_late(world: World, version: str, since: int, rows: list[Row]) -> Iterator[str]:
    """Yield the versions that were approved before this one and edited after it, if no event reported their
    approval."""
    approved = approvals(world, version)[-1].at
    for other in _by_approval(world, since):
        if is_time_hidden(world, other, approved, rows) and _is_sound(world, other, rows):
            yield other


def _is_certain(world: World, version: str, rows: list[Row]) -> bool:
    blamed = is_blamed(world, version, rows)
    if blamed or is_suspected(world, version, rows):
        return False
    return is_heard(world, version, rows) and not is_overtaken(world, version, rows)


def _is_holding(world: World) -> bool:
    return bool(world.decisions) and world.decisions[-1].action == "hold"


def _is_sound(world: World, version: str, rows: list[Row]) -> bool:
    package = world.registry.packages.get(version)
    approved = package is not None and world.is_approved(package) and package.status == "Completed"
    followed = package is not None and f'"{package.group}"' in _spec(world)
    if not approved or not followed or _is_aborted(world, version) or _is_unproven(world, version, rows):
        return False
    quality = world.quality(version)
    is_uncompared = is_unjudged(version, rows, by_latency=quality is Quality.SLOWER)
    is_uncompared |= quality in (Quality.WORSE, Quality.DIFFERING) and is_without_judge(world, version, rows)
    if quality in (Quality.WORSE, Quality.SLOWER, Quality.DIFFERING) and is_uncompared:
        return True
    if quality is Quality.DIFFERING and '"differ":' in _spec(world):
        return False
    if quality in _UNSOUND or (quality is Quality.SLOWER and _REVERTS_SLOWER in _spec(world)):
        return False
    return not is_blamed(world, version, rows) or is_blame_hidden(world, version, rows)


def _is_aborted(world: World, version: str) -> bool:
    """True if an operator aborted the version, and it was not approved since."""
    acts = [act.what for act in world.acts if act.version == version and act.what in ("approve", "abort")]
    return acts[-1:] == ["abort"]


def _is_unproven(world: World, version: str, rows: list[Row]) -> bool:
    """True if the version must be reverted because too few requests judged it, or is not rolled out because too few
    copies or no answers did. No scenario has traffic that is counted, so that goes for every rollout but the first, if
    the spec asks for requests. Copies are too few only if the spec asks for more than there are. A version that was no
    shadow, because there was nothing to compare it with, is rolled out."""
    first, spec = [update.version for update in world.hosted.updates][:1], spec_of(world)
    if spec is None or first == [version]:
        return False
    reverts = spec.enough is not None and spec.enough.otherwise is Otherwise.REVERT
    shadow, rules = spec.shadow, spec.judged_by
    is_asked = shadow is not None and shadow.min_requests > MOST_COPIES and rules.otherwise is Otherwise.REVERT
    return reverts or ((is_asked or _is_uncompared(world, spec)) and not is_without_judge(world, version, rows))


def _is_uncompared(world: World, spec: Spec) -> bool:
    """True if the spec asks for compared answers, and none are ever reported."""
    is_asked = spec.shadow is not None and spec.shadow.differ is not None
    is_silent = world.comparing in (Comparing.SILENT, Comparing.FORGED)
    return is_asked and is_silent and spec.judged_by.otherwise is Otherwise.REVERT


def _is_kept_unproven(world: World, version: str, rows: list[Row]) -> bool:
    """True if the version serves, and was approved again after people were alerted that too few requests judged it, or
    in the same second: the times of events are whole seconds."""
    reported = [r.fact.at for r in rows if r.fact.version == version and r.fact.detail.get("inconclusive")]
    is_reported = bool(reported) and approvals(world, version)[-1].at > reported[-1] - 1
    return is_reported and _served(world) == version and _is_unproven(world, version, rows)


def _spec(world: World) -> str:
    parameter = world.parameters.get(names.spec_parameter(NAME))
    return parameter.value if parameter else ""


def _fallbacks(world: World, rows: list[Row]) -> set[str]:
    """Return the sound versions that were live and may be reverted to.

    After a manual change only versions count that were live before it, or approved since. A deletion undoes such a
    change; whatever waits may create the endpoint again, because nobody can tell when a missing endpoint was deleted.
    """
    deleted = max((act.at for act in world.acts if act.what == "deleted"), default=0.0)
    changed = max((act.at for act in world.acts if act.what == "manual change" and act.at > deleted), default=math.inf)
    live = [update for update in world.hosted.updates if update.ended == "live"]
    known = {update.version for update in live if update.at < changed}
    known |= {act.version for act in world.acts if act.what == "approve" and act.at >= changed}
    sound = {u.version for u in live if u.version in known and _is_sound(world, u.version, rows)}
    return {version for version in sound if not is_contested(world, version) or _is_unheard(world, version)}


def _is_unheard(world: World, version: str) -> bool:
    """True if the deployer may not know of the last approval of the version."""
    act = approvals(world, version)[-1]
    return not act.heard or world.faulted_at >= act.at


def is_managed(world: World) -> bool:
    """True if the endpoint's stack exists."""
    return names.spec_parameter(NAME) in world.parameters


def _is_stuck(world: World, rows: list[Row]) -> bool:
    """True if the endpoint has a status that only a person can fix, and an alert was sent."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None or endpoint.status == "InService":
        return False
    return any(row.fact.kind is Kind.ALERT and endpoint.status in row.fact.summary for row in rows)


def _standing_still(world: World) -> set[str | None]:
    """Return what serves now: it stays if no good version is left."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None:
        return {None}
    return {world.hosting.version(endpoint.config) or endpoint.config, endpoint.status}
