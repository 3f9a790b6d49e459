"""What soaks of several endpoints must agree on."""

import difflib
from collections.abc import Collection, Iterator, Mapping

from infra.config.entry import Entry
from infra.config.problem import Path, Problem
from infra.config.validation import found


def soaks(entries: Mapping[str, Entry], names: Collection[str]) -> Iterator[Problem]:
    """`entries` are the valid ones; `names` those of all endpoints of the file. Paths are the file's."""
    after = {name: entry.gate.soak.endpoint for name, entry in entries.items() if entry.gate.soak}
    for name, other in after.items():
        path: Path = ("endpoints", name, "gate", "soak", "endpoint")
        if other == name:
            rule = "another endpoint: a version cannot be live here before it is"
            yield Problem(path, f"{found(other)}, the endpoint itself", rule, "name another one, or write `soak: null`")
        elif other not in names:
            near = difflib.get_close_matches(other, [each for each in names if each != name], n=1)
            mend = f"did you mean `{near[0]}`?" if near else "add its entry to this file"
            rule = "an endpoint of this file, and so of this account and Region"
            yield Problem(path, found(other), rule, mend)
        elif other in entries and entries[other].model_package_group != entries[name].model_package_group:
            groups = (entries[other].model_package_group, entries[name].model_package_group)
            rule = f"an endpoint of the group {groups[1]}: no other has the version"
            yield Problem(path, f"{found(other)}, which follows {groups[0]}", rule, "name another endpoint")
    for circle in _circles(after):
        path = ("endpoints", circle[0], "gate", "soak", "endpoint")
        told = ", which waits for ".join((*circle[1:], circle[0]))
        rule = "endpoints that do not wait for one another"
        yield Problem(path, f"{circle[0]} waits for {told}", rule, "write `soak: null` for the first of them")


def _circles(after: Mapping[str, str]) -> Iterator[list[str]]:
    """Each circle of two or more once, from its first endpoint in the file."""
    seen: set[str] = set()
    for name in after:
        walk = [name]
        while (following := after.get(walk[-1])) is not None and following not in walk:
            walk.append(following)
        if following == name and len(walk) > 1 and name not in seen:
            seen.update(walk)
            yield walk
