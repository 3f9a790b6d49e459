"""What an entry of endpoints.yaml inherits from the defaults."""

from collections.abc import Iterator
from typing import Any

from infra.config.declared import Key
from infra.config.entry import Defaults
from infra.config.problem import Path
from infra.config.sections import variant

MERGED = tuple(
    name
    for name in Defaults.declared()
    if any(section.INHERITED_BY_KEY for section in Key(Defaults, name).value.sections.values())
)
"""The sections of which an entry may give some keys and inherit the others. Every other section, and every list, is
inherited as a whole."""


def inherited(data: Any) -> Any:
    """Return the file with each entry made complete by the defaults. What is not a mapping stays as it is."""
    if not isinstance(data, dict) or not isinstance(entries := data.get("endpoints"), dict):
        return data
    defaults = data.get("defaults")
    if not isinstance(defaults, dict):
        return data
    complete = {
        name: _complete(entry, defaults) if isinstance(entry, dict) else entry for name, entry in entries.items()
    }
    return {**data, "endpoints": complete}


def origin(data: Any, path: Path) -> Path:
    """Return where in the file the value at `path` of the complete entry is written."""
    match path:
        case ("endpoints", _, _, *rest):
            written = ("defaults", path[2], *rest)
            return written if not _has(data, path) and _has(data, written) else path
    return path


def left_out(data: Any, complete: Any) -> Iterator[tuple[str, str]]:
    """Return the endpoints whose variant is of the other kind than a key of the defaults' variant, and that key."""
    default = (data.get("defaults") or {}).get("variant") if isinstance(data, dict) else None
    for name, entry in complete["endpoints"].items() if isinstance(default, dict) else ():
        own = entry.get("variant") if isinstance(entry, dict) else None
        if isinstance(default, dict) and isinstance(own, dict):
            yield from ((name, key) for key in default if key not in own)


def without(value: Any, path: Path) -> Any:
    """Return the mapping or list without the key at `path`."""
    first, *rest = path
    if isinstance(value, list):
        return [without(each, tuple(rest)) if index == first else each for index, each in enumerate(value)]
    if rest:
        return {**value, first: without(value[first], tuple(rest))}
    return {key: each for key, each in value.items() if key != first}


def _complete(entry: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    both = {**defaults, **entry}
    for key in MERGED:
        default, own = defaults.get(key), entry.get(key)
        if isinstance(default, dict) and isinstance(own, dict):
            both[key] = {**(variant.inherited(default, own) if key == "variant" else default), **own}
    return both


def _has(data: Any, path: Path) -> bool:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return False
    return True
