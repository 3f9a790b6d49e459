"""A client that records which fields of its answers are read."""

from collections.abc import Callable
from typing import Any

Note = Callable[[str], None]


class Fields(dict[str, Any]):
    """An answer or a part of one."""

    def __init__(self, fields: dict[str, Any], path: str, note: Note) -> None:
        super().__init__({name: wrapped(value, f"{path}{name}", note) for name, value in fields.items()})
        self._path = path
        self._note = note

    def __getitem__(self, name: str) -> Any:
        self._note(f"{self._path}{name}")
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._note(f"{self._path}{name}")
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._note(f"{self._path}{name}")
        return super().get(name, default)


def wrapped(value: Any, path: str, note: Note) -> Any:
    """As in LEFT_OUT: `Field.Inner`, `List[].Inner`."""
    if isinstance(value, dict):
        return Fields(value, f"{path}." if path else "", note)
    if isinstance(value, list):
        return [wrapped(item, f"{path}[]", note) for item in value]
    return value
