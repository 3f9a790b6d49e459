"""The keys in which two specs differ, by their dotted paths. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NAMES = {
    "capacity_seconds": "capacity.retry_seconds",
    "enough": "evidence",
    "golden": "golden_requests",
    "publish_seconds": "metrics.publish_seconds",
}
"""Fields of a spec that the file calls something else."""


@dataclass(frozen=True)
class KeyChange:
    """`key`: the dotted path. `old`, `new`: values of JSON; None if the key is not there."""

    key: str
    old: Any
    new: Any

    def is_below(self, *keys: str) -> bool:
        """True if it is one of these keys, or below one of them."""
        return any(f"{self.key}.".startswith(f"{key}.") for key in keys)


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[KeyChange, ...]:
    """Return the keys in which two values of JSON differ, sorted. A key with null is as good as none."""
    before, after = dict(_flat(old, "")), dict(_flat(new, ""))
    keys = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    return tuple(KeyChange(key, before.get(key), after.get(key)) for key in keys)


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield each single value below `path`. A list of things with names has their names as keys."""
    match value:
        case {"type": kind, "value": int(size)}:
            yield path, size_text(kind, size)
        case dict() if value:
            for name, each in value.items():
                yield from _flat(each, f"{path}.{name}" if path else NAMES.get(str(name), str(name)))
        case [{"name": _} | {"key": _}, *_]:
            for each in value:
                name = each.get("name", each.get("key"))
                rest = {key: item for key, item in each.items() if key not in ("name", "key")}
                yield from _flat(rest["value"] if rest.keys() == {"value"} else rest, f"{path}.{name}")
        case [] | {}:
            yield path, None
        case _:
            yield path, value


def size_text(kind: str, size: int) -> str:
    """Return a part of the fleet in words. `kind`: SageMaker's CapacitySizeType."""
    return f"{size}%" if kind == "CAPACITY_PERCENT" else f"{size} instances"


def value_text(value: Any) -> str:
    """Return a value as one could write it in the file, at most MOST_CHARACTERS long."""
    text = "none" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


MOST_CHARACTERS = 80
