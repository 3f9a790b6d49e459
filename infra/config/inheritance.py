"""The defaults of endpoints.yaml: what an entry does not say itself."""

from typing import Any

from infra.config.problem import Path
from infra.config.sections import variant

MERGED = ("variant", "rollback_on", "gate", "serving", "traffic")
"""Sections of which an entry may give some keys and inherit the others. A list is replaced as a whole, and so is a
rollout, whose keys depend on its strategy."""


def inherited(data: Any) -> Any:
    """The file with each entry made complete by the defaults. What is not a mapping stays as it is."""
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
    """Where in the file the value at `path` of the complete entry is written."""
    match path:
        case ("endpoints", _, _, *rest):
            written = ("defaults", path[2], *rest)
            return written if not _has(data, path) and _has(data, written) else path
    return path


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
