"""What the endpoint's gate should say about a version: an oracle of its own, from what people truly did, what the
reports truly hold, and the clock.

It asks whether a check was shut all the time since a moment, because a reconcile reads its evidence bit by bit.
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lambdas.gate.aws.ledger import partition, report_key
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Gate, Mode, Until
from simulation.world.example import NAME, SPEC, STAGING, START, report
from simulation.world.ground_truth import Act
from simulation.world.people import NOBODY, PUBLISHER_ARN, author
from simulation.world.world import World
from world.alarms.evaluation import State
from world.registry.package import Package
from world.storage import Object

FREEZE = (900.0, 1800.0)
"""The freeze of the scenarios that have one, in seconds from START. Its cron and time zone in `acts/conditions.py` say
the same."""
SOAK_SECONDS = 1800.0
WITNESS_SECONDS = 900.0
"""How long no approval is rolled out that CloudTrail has to show."""
STATISTICS = "metrics.ModelQuality.Statistics"
_REPORT = re.compile(r'\{"f1": ([0-9.]+)\}')


@dataclass(frozen=True)
class Moment:
    """A version at a time, and the version that was live then."""

    world: World
    version: str
    live: str
    at: float

    @property
    def package(self) -> Package | None:
        return self.world.versions.at(self.version, self.at)

    def f1(self, version: str) -> float | None:
        """Return the F1 score in its report; None if it has no report, one that is garbled, or one that was written too
        late to be its own."""
        found = self.world.storage.at(report(int(version.rsplit("/", 1)[1])), self.at)
        is_its = isinstance(found, Object) and found.written <= self._written_until(version)
        return _f1_in(found) if is_its else None

    def live_f1(self) -> float | None:
        """Return the F1 score by which the live version passed the gate, or else the one in its report."""
        package = self.world.versions.at(self.live, self.at)
        key = package and (partition(NAME), report_key(self.live, package.created, STATISTICS))
        item = self.world.table.items.get(key) if key else None
        if item is None:
            return self.f1(self.live)
        etag = json.loads(item["report"]["S"])["report"]["etag"]
        objects = (what for _, _, what in self.world.storage.history if isinstance(what, Object))
        return next(_f1_in(each) for each in objects if each.etag == etag)

    def _written_until(self, version: str) -> float:
        """Return until when the version's report may have been written."""
        package = self.world.versions.at(version, self.at)
        created = package.created if package else 0.0
        if self.world.gate.written_until is Until.REGISTRATION:
            return created
        given = (a.at for a in self.world.acts if (a.what, a.version) == ("approve", version) and a.at <= self.at)
        return max((created, *given))

    def standing(self) -> list[str]:
        """Return who approved the version, without the approvals that were taken back."""
        acts = [act for act in self.world.acts if act.version == self.version and act.at <= self.at]
        revoked = max((n for n, act in enumerate(acts) if act.what == "revoke"), default=-1)
        return [act.who for act in acts[revoked + 1 :] if act.what == "approve" and act.who]


def _f1_in(found: object) -> float | None:
    told = _REPORT.fullmatch(found.content) if isinstance(found, Object) else None
    return float(told[1]) if told else None


def _four_eyes(moment: Moment) -> bool:
    by = author(moment.package) if moment.package else NOBODY
    return any(_are_two(by, who) for who in moment.standing())


def _are_two(by: str, who: str) -> bool:
    """True if the one who registered a version and the one who approved it are two people."""
    return NOBODY not in (by, who) and who != PUBLISHER_ARN and _person(who) != _person(by)


def _person(arn: str) -> str:
    """Return the person, or the role if nothing tells its sessions apart."""
    return arn.rpartition("/")[0] if ":assumed-role/" in arn else arn


def _approvers(moment: Moment) -> bool:
    return any(_is_chosen(moment.world, who) for who in moment.standing())


def _is_chosen(world: World, who: str) -> bool:
    """True if this person is an approver."""
    return who.rpartition(":")[2] in world.gate.approvers


def _images(moment: Moment) -> bool:
    images = [container["Image"] for container in moment.package.containers()] if moment.package else []
    return bool(images) and all(image in moment.world.gate.images for image in images)


def _containers(moment: Moment) -> bool:
    return moment.package is not None and bool(moment.package.containers())


def _artifacts(moment: Moment) -> bool:
    containers = moment.package.containers() if moment.package else []
    return all(
        container.get("ModelDataUrl", SPEC.model_artifacts).startswith(SPEC.model_artifacts) for container in containers
    )


def _fixed(moment: Moment) -> bool:
    """True if the version loads nothing whose content may change unseen."""
    containers = moment.package.containers() if moment.package else []
    return not any("HF_MODEL_ID" in container.get("Environment", {}) for container in containers)


def _f1(moment: Moment) -> bool:
    f1 = moment.f1(moment.version)
    return f1 is not None and f1 >= 0.8


def _no_worse(moment: Moment) -> bool:
    """True if both can be read and the new one is no worse. The check is shut if either cannot be read, whether it is
    needed or not."""
    new, old = moment.f1(moment.version), moment.live_f1() if moment.live else 0.0
    return new is not None and old is not None and new >= old


def _risk_review(moment: Moment) -> bool:
    return moment.package is not None and moment.package.metadata.get("risk") == "passed"


def _soak(moment: Moment) -> bool:
    soaked = [since for since, version in moment.world.soaks if version == moment.version and since <= moment.at]
    if not soaked or moment.at < soaked[-1] + SOAK_SECONDS:
        return False
    names = alarms.standing_names(STAGING)
    if not all(name in moment.world.alarms.alarms for name in names):
        return False
    changes = [c for c in moment.world.alarms.state_updates() if c.name in names and c.at <= moment.at]
    last = {change.name: change.new.value for change in changes}
    fired = any(change.new.value is State.ALARM and soaked[-1] <= change.at for change in changes)
    return not fired and State.ALARM not in last.values()


def _freeze(moment: Moment) -> bool:
    return not START + FREEZE[0] <= moment.at < START + FREEZE[1]


def _witness(moment: Moment) -> bool:
    """True if CloudTrail has had its time since an approval."""
    acts = (act for act in moment.world.acts if (act.what, act.version) == ("approve", moment.version))
    return any(moment.at >= math.floor(act.at) + WITNESS_SECONDS for act in acts)


def _floor(moment: Moment) -> bool:
    """True if the version passes the checks of every endpoint. It does not if they were lost."""
    gate = _floor_at(moment.world, moment.at)
    if gate is None or (gate.four_eyes and not _four_eyes(moment)):
        return False
    return all(REQUIRED[condition.name](moment) for condition in gate.require)


REQUIRED: dict[str, Callable[[Moment], bool]] = {
    "f1": _f1,
    "not-low": _f1,
    "no-worse": _no_worse,
    "risk-review": _risk_review,
}
"""The conditions of the scenarios' gates, by name."""


def shut(world: World, version: str, since: float, approved_at: float) -> list[str]:
    """Return the checks that kept this approval from going live all the time since then. Checks that an operator
    overrode after the approval are left out."""
    endpoint = world.hosting.endpoints.get(NAME)
    live = world.hosting.version(endpoint.config) if endpoint else ""
    moments = [Moment(world, version, live, at) for at in _times(world, since)]
    given = [act for act in world.acts if (act.what, act.version) == ("override", version) and act.at >= approved_at]
    let = {act.config for act in given if act.config not in _ABOUT_PEOPLE or _is_third(act.who, moments[-1])}
    asked = ((name, check) for name, check in _asked(world) if name not in let)
    return [name for name, check in asked if not any(check(moment) for moment in moments)]


def _is_third(operator: str, moment: Moment) -> bool:
    """True if the operator is certainly neither the author nor the approver."""
    people = (author(moment.package) if moment.package else NOBODY, *moment.standing()[-1:])
    return operator not in people and NOBODY not in people


def is_paused(world: World, since: float) -> bool:
    """True if this endpoint or all endpoints were paused all the time since then."""
    acts = [act for act in world.acts if act.what in ("pause", "resume")]
    last = {act.config: act for act in acts if act.at <= since}
    later = {act.config for act in acts if act.at > since}
    paused = (act for act in last.values() if act.what == "pause" and act.config not in later)
    return any(act.until is None or world.now < act.until for act in paused)


def accepts(world: World, act: Act) -> bool:
    """True if the gate accepts the one who gave this approval. An operator's retry approves nothing."""
    if not act.who:
        return True
    floor = _floor_at(world, world.now)
    if world.floors and (floor is None or (floor.four_eyes and not _is_by_another(world, act))):
        return False
    if world.gate.mode is Mode.ADVISE:
        return True
    is_second = not world.gate.four_eyes or _is_by_another(world, act)
    return is_second and (not world.gate.approvers or _is_chosen(world, act.who))


def _is_by_another(world: World, act: Act) -> bool:
    package = world.registry.packages.get(act.version)
    return package is not None and _are_two(author(package), act.who)


def asks_who(world: World) -> bool:
    """True if the gate asks who approved the version."""
    return world.gate.four_eyes or bool(world.gate.approvers) or _has_floor_of_people(world)


def _has_floor_of_people(world: World) -> bool:
    floor = _floor_at(world, world.now)
    return bool(world.floors) and (floor is None or floor.four_eyes)


def _floor_at(world: World, at: float) -> Gate | None:
    """Return the checks of every endpoint at that time; None if they were lost, or none were written."""
    floor = next((floor for since, floor in reversed(world.floors) if since <= at), None)
    return floor.gate if floor else None


def _asked(world: World) -> Iterator[tuple[str, Callable[[Moment], bool]]]:
    gate = world.gate
    if world.floors:
        yield "floor", _floor
    yield "containers", _containers
    yield "artifacts", _artifacts
    if gate.pin:
        yield "pin", _fixed
    if gate.mode is Mode.ADVISE:
        return
    asked = {"four_eyes": gate.four_eyes, "approvers": gate.approvers, "images": gate.images}
    asked |= {"soak": gate.soak, "freeze": gate.freeze, "witness": gate.witness}
    for name, check in _CHECKS.items():
        if asked[name]:
            yield name, check
    for condition in gate.require:
        if condition.mode is not Mode.ADVISE:
            yield f"require.{condition.name}", REQUIRED[condition.name]


_CHECKS: dict[str, Callable[[Moment], bool]] = {
    "four_eyes": _four_eyes,
    "approvers": _approvers,
    "images": _images,
    "soak": _soak,
    "freeze": _freeze,
    "witness": _witness,
}


_ABOUT_PEOPLE = ("four_eyes", "approvers")


def _times(world: World, since: float) -> list[float]:
    """Return the times at which an answer may have changed."""
    changed = [
        *(at for at, _ in world.versions.history),
        *(at for at, _, _ in world.storage.history),
        *(act.at for act in world.acts),
        *(at for at, _ in world.floors),
        START + FREEZE[1],
    ]
    return sorted({since, world.now, *(at for at in changed if since < at < world.now)})
