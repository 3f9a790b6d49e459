"""What an entry of endpoints.yaml inherits from the defaults."""

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
