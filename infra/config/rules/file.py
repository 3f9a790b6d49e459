"""The rules for all endpoints of the file together. Paths start at the file."""

import difflib
from collections.abc import Collection, Iterator, Mapping

from infra.config import limits
from infra.config.entry import Entry
from infra.config.problem import Path, Problem
from infra.config.requirements import buckets, stages, volume_keys
from infra.config.sections.gate_floor import GateFloor
from infra.config.sections.notifications import Notifications
from infra.config.validation import found
from lambdas.gate.rollout.adoption import OWN_TAGS


def endpoint_names(names: Collection[str]) -> Iterator[Problem]:
    """SageMaker's names do not distinguish upper and lower case."""
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(str(name).casefold(), name)
        if first != name:
            yield Problem(
                ("endpoints", name),
                f"the name {name} beside {first}",
                "names that differ in more than upper and lower case. For SageMaker these two are one endpoint.",
                "rename one of them",
            )


def tags(given: object) -> Iterator[Problem]:
    """Tags that AWS keeps for itself, or that Approval Gate sets. Paths start where the tags are."""
    for key in given if isinstance(given, Mapping) else ():
        if str(key).startswith("aws:") or key in OWN_TAGS:
            allowed = f"any other tag. AWS refuses aws:, and Approval Gate sets {', '.join(OWN_TAGS)}."
            yield Problem(("tags", key), f"the tag {key}", allowed, "remove it")


def buttons(notifications: Notifications) -> Iterator[Problem]:
    """Only a message in the format of a chat has what its buttons need."""
    if notifications.buttons and notifications.format != "chat":
        yield Problem(
            ("notifications", "buttons"),
            "buttons: true with the format email",
            "buttons only with `format: chat`. A mail has none.",
            "write `format: chat`, or remove buttons",
        )


def sizes(entries: Mapping[str, Entry]) -> Iterator[Problem]:
    """The rules for the size of what the GateStack makes of all entries."""
    if (count := len(buckets(entries.values()))) > limits.BUCKETS:
        yield Problem(
            ("endpoints",),
            f"model_artifacts, reports and serving.environment in {count} buckets",
            f"at most {limits.BUCKETS} buckets. The deployer's role names each of them.",
            "keep the artifacts of several endpoints in one bucket, under prefixes",
        )
    if (count := len(volume_keys(entries.values()))) > limits.VOLUME_KEYS:
        yield Problem(
            ("endpoints",),
            f"{count} different keys in serving.kms_key",
            f"at most {limits.VOLUME_KEYS} keys. The deployer's role names each of them.",
            "use one key for several endpoints",
        )
    if (count := len(stages(entries.values()))) > limits.STAGES:
        yield Problem(
            ("endpoints",),
            f"{count} different stages",
            f"at most {limits.STAGES} stages. The policy for people who register versions names each of them.",
            "use one stage for several endpoints",
        )


def floor(keys: GateFloor, entries: Mapping[str, Entry]) -> Iterator[Problem]:
    """The rules for entries that can never fulfil what the floor demands."""
    for name, entry in entries.items():
        if keys.pin and not entry.gate.pin:
            allowed = "true, because `gate_floor.pin` is. The deployer holds every version otherwise."
            yield Problem(("endpoints", name, "gate", "pin"), found(entry.gate.pin), allowed, "write `pin: true`")
        if keys.golden_requests and entry.golden_requests is None:
            yield Problem(
                ("endpoints", name),
                "no golden_requests",
                "golden requests, because `gate_floor.golden_requests` is true. The deployer holds every version "
                "otherwise.",
                "add `golden_requests` with the path of a file",
            )


def soaks(entries: Mapping[str, Entry], names: Collection[str]) -> Iterator[Problem]:
    """The rules for `gate.soak`. `entries`: the valid entries. `names`: all endpoints of the file."""
    after = {name: entry.gate.soak.endpoint for name, entry in entries.items() if entry.gate.soak}
    for name, other in after.items():
        path: Path = ("endpoints", name, "gate", "soak", "endpoint")
        if other == name:
            allowed = "another endpoint. On its own endpoint a version cannot be live before it goes live."
            fix = "name another endpoint, or write `soak: null`"
            yield Problem(path, f"{found(other)}, the endpoint itself", allowed, fix)
        elif other not in names:
            near = difflib.get_close_matches(other, [each for each in names if each != name], n=1)
            fix = f"write `endpoint: {near[0]}`" if near else "add its entry to this file"
            yield Problem(path, found(other), "an endpoint of this file, in the same account and Region", fix)
        elif other in entries and entries[other].model_package_group != entries[name].model_package_group:
            groups = (entries[other].model_package_group, entries[name].model_package_group)
            allowed = f"an endpoint of the group {groups[1]}. No other endpoint has the version."
            yield Problem(
                path, f"{found(other)}, an endpoint of the group {groups[0]}", allowed, "name another endpoint"
            )
    for circle in _circles(after):
        path = ("endpoints", circle[0], "gate", "soak", "endpoint")
        others = ", which waits for ".join((*circle[1:], circle[0]))
        allowed = "endpoints that do not wait for each other"
        yield Problem(path, f"{circle[0]} waits for {others}", allowed, "write `soak: null` for the first of them")


def _circles(after: Mapping[str, str]) -> Iterator[list[str]]:
    """Return each circle of two or more endpoints once, from its first endpoint in the file."""
    seen: set[str] = set()
    for name in after:
        walk = [name]
        while (following := after.get(walk[-1])) is not None and following not in walk:
            walk.append(following)
        if following == name and len(walk) > 1 and name not in seen:
            seen.update(walk)
            yield walk
