"""Whether a revert would take only what was approved, and whether people know of what it would not take any more: an
oracle of its own, from what is truly there."""

from collections import Counter

from lambdas.gate.decide.revert import targets
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from simulation.oracle.allowances import REPLACED
from simulation.oracle.expected_outcome import is_managed
from simulation.oracle.records import spec_of
from simulation.world.example import NAME, short
from simulation.world.world import World

_COMPARING = ("keep", "hold", "alert")
"""The decisions after which a reconcile has compared."""


def lost_targets(world: World, head: Head | None, rows: list[Row]) -> list[str]:
    """Return violations: the version that a revert would take is lost, or a loss was not reported, or more than once.
    Nothing is compared during an attempt, a change by somebody else, or while S3 denies the read."""
    spec, endpoint = spec_of(world), world.hosting.endpoints.get(NAME)
    is_settled = bool(world.decisions) and world.decisions[-1].action in _COMPARING
    if head is None or spec is None or endpoint is None or not is_managed(world) or not is_settled:
        return []
    if head.attempt or head.live is None or head.live.config != endpoint.config or world.has_no_buckets:
        return []
    first = targets(spec.settings, head, head.live)[:1]
    found = [f"20: a revert would take {short(g.version)}, which is lost" for g in first if _is_lost(world, g)]
    told = _told(rows)
    known = {version for version, count in told.items() if count} | _refused(rows)
    unknown = (good for good in head.good if good.differs is not None and good.version not in known)
    found += [f"20: {short(good.version)} is lost, and nobody was told" for good in unknown]
    repeated = (version for version, count in told.items() if version and count > _changes(world, version))
    return [*found, *(f"20: {short(version)} was told to be lost more often than it was" for version in repeated)]


def _is_lost(world: World, good: Live) -> bool:
    """True if the version is not Approved any more, or if what it was pinned to is not there as it was."""
    package = world.registry.packages.get(good.version or "")
    if package is None or not world.is_approved(package):
        return True
    pin = good.approval.pin if good.approval else None
    if pin is None or not world.gate.pin:
        return False
    objects = ((each, world.storage.objects.get(each.uri)) for each in pin.artifacts)
    if any(now is None or (now.etag, float(int(now.written))) != (a.etag, a.modified_at) for a, now in objects):
        return True
    return any(image.name.partition(":")[0] + f"@{image.digest}" not in world.storage.pushed for image in pin.images)


def _told(rows: list[Row]) -> Counter[str | None]:
    """Return how often people were told of the loss of each version, also while it was live."""
    alerts = [row.fact for row in rows if row.fact.kind is Kind.ALERT]
    left_out = (each["version"] for fact in alerts for each in fact.detail.get("left_out", ()))
    return Counter([*left_out, *(fact.version for fact in alerts if "differs" in fact.detail)])


def _refused(rows: list[Row]) -> set[str | None]:
    """Return the versions of which people were told that they were changed, because an approval of them was refused."""
    refused = (row.fact for row in rows if row.fact.kind is Kind.APPROVAL_REFUSED)
    return {fact.version for fact in refused if REPLACED in fact.summary}


def _changes(world: World, version: str) -> int:
    """Return at most how often people may be told: at each change of the version or of what versions load, and at the
    start of each rollout."""
    acts = sum(act.what in ("approve", "revoke", "retry") for act in world.acts)
    packages = sum(package.arn == version for _, package in world.versions.history)
    return len(world.storage.history) + acts + packages
