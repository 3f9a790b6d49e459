"""What decides: the part of the head that changes only with a row. Its digest, the changes that a row carries, and what
the rows replay to. Pure.

The head has three parts. `CHAIN` says where it stands. `SCHEDULES` are the fields that only schedule and notify:
nothing goes forward because of them. All other fields decide, also those that a later release adds.

A state is what decides, by field. A field is a part, or a tuple of parts if it is a list. The digest is the SHA-256 of
all parts' SHA-256, so a row may carry a large part by its hash. The hashes leave out `null` and empty lists at every
depth, so that a field which a later release adds changes no digest.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.gate import codec
from lambdas.gate.state.fact import Deciding, Row
from lambdas.gate.state.head import CHAIN, SCHEDULES, Head
from lambdas.gate.text import counted, unreadable

MAXIMUM_BYTES = 90_000
"""The most bytes of a row's changes. DynamoDB takes 400 KB an item, and a fact has up to 300 KB."""
LARGE = (20_000, 5_000, 1_000, 200)
"""From how many bytes on a part is carried by its hash: the first number that makes the changes small enough is used.
Before that, all parts are carried whole."""


@dataclass(frozen=True)
class Part:
    """A value of a state. `hash`: the hexadecimal SHA-256 of its canonical JSON, without what `_bare` leaves out.
    `value`: the value; None if only its hash is known."""

    hash: str
    value: Any = dataclasses.field(default=None, compare=False)

    @classmethod
    def of(cls, value: Any) -> "Part":
        return cls(hashlib.sha256(codec.encode(_bare(value)).encode()).hexdigest(), value)


State = Mapping[str, Part | tuple[Part, ...]]


class Unreplayable(ValueError):
    """The rows do not say what decides, or contradict themselves. The text says where."""


@dataclass(frozen=True)
class Replayed:
    """`state`: what the rows replay to. `since`: the number of the first row that carries what decides."""

    state: State
    since: int

    @property
    def digest(self) -> str:
        return _digest(self.state)


def state_of(head: Head | None) -> State:
    """Return what decides in a head; nothing for None."""
    if head is None:
        return {}
    fields = json.loads(codec.encode(head)).items()
    return {
        name: _parts(value)
        for name, value in fields
        if name not in CHAIN | SCHEDULES and value is not None and value != []
    }


def digest(head: Head) -> str:
    """Return the hexadecimal SHA-256 of what decides in a head."""
    return _digest(state_of(head))


def differing(one: State, other: State) -> tuple[str, ...]:
    """Return the names of the fields that differ, sorted."""
    return tuple(name for name in sorted({*one, *other}) if one.get(name) != other.get(name))


def deciding(before: Head | None, after: Head) -> Deciding:
    """Return what a row says of the head that is written with it. `before`: the stored head. If no row carries what
    decides in it, the row carries all of `after`."""
    old = state_of(before) if before is not None and before.digest is not None else {}
    new = state_of(after)
    changes = _changes(old, new, None)
    for large in LARGE:
        if len(codec.encode(changes).encode()) <= MAXIMUM_BYTES:
            break
        changes = _changes(old, new, large)
    return Deciding(_digest(new), changes)


class Replay:
    """Replays rows one by one, in their order. `since`: as in Replayed; 0 as long as no row carries what decides."""

    def __init__(self) -> None:
        self.since = 0
        self._state: State = {}
        self._last = 0
        self._number = 0
        self._problem: Unreplayable | None = None

    def add(self, row: Row) -> None:
        """Replay the next row. What is wrong with it is raised at the end."""
        self._number = row.number
        if row.deciding is None or self._problem is not None:
            return
        self.since, self._last = self.since or row.number, row.number
        try:
            self._state = _changed(self._state, row.deciding.changes, row.number)
        except Unreplayable as error:
            self._problem = error
            return
        if _digest(self._state) != row.deciding.digest:
            self._problem = Unreplayable(f"the changes of row {row.number} do not lead to its digest")

    def replayed(self) -> Replayed:
        """Return what the rows replay to. Raises Unreplayable if a row's changes do not lead to its digest, if the last
        row has none, or if no row has one."""
        if self._problem is not None:
            raise self._problem
        if not self.since:
            raise Unreplayable("no row carries what decides: the ledger was written by an earlier release")
        if self._last != self._number:
            raise Unreplayable(f"row {self._number} does not carry what decides, although row {self._last} does")
        return Replayed(self._state, self.since)


def replay(rows: Iterable[Row]) -> Replayed:
    """Return what the rows replay to. Raises Unreplayable."""
    made = Replay()
    for row in rows:
        made.add(row)
    return made.replayed()


def misfit(head: Head, last: Row | None) -> str | None:
    """Return why the head is not the one that was written with the last row of its chain; None if it is.

    A head without a digest was written by an earlier release. It is accepted only if the last row has none either.
    """
    if last is None:
        return f"the head counts {counted(head.rows, 'row')}, and the ledger has none" if head.rows else None
    if (last.number, last.hash) != (head.rows, head.hash):
        return f"the head is not the one that was written with row {last.number}"
    if last.deciding is None:
        return None if head.digest is None else f"the head has a digest, and row {last.number} has none"
    if {last.deciding.digest} != {digest(head), head.digest}:
        return f"what decides was changed after row {last.number}, without a row"
    return None


def restored(replayed: Replayed, head: Head | None, last: Row) -> Head:
    """Return the head that the rows replay to. `head`: the stored one, which knows the parts that the rows carry by
    their hash. `last`: the last row. Raises Unreplayable if the head does not know them any more."""
    known = {part.hash: part.value for part in _all_parts(state_of(head))}
    fields: dict[str, Any] = {"rows": last.number, "hash": last.hash, "digest": replayed.digest}
    for name, field in replayed.state.items():
        try:
            fields[name] = [_value(part, known) for part in field] if isinstance(field, tuple) else _value(field, known)
        except KeyError as error:
            raise Unreplayable(f"the rows carry a part of {name} by its hash {error}, and the head lost it") from error
    return codec.decode(Head, codec.encode(fields))


def _value(part: Part, known: Mapping[str, Any]) -> Any:
    return known[part.hash] if part.value is None else part.value


def _all_parts(state: State) -> Iterator[Part]:
    for field in state.values():
        yield from field if isinstance(field, tuple) else (field,)


def _parts(value: Any) -> Part | tuple[Part, ...]:
    return tuple(map(Part.of, value)) if isinstance(value, list) else Part.of(value)


def _digest(state: State) -> str:
    hashes = {
        name: [part.hash for part in field] if isinstance(field, tuple) else field.hash for name, field in state.items()
    }
    return Part.of(hashes).hash


def _bare(value: Any) -> Any:
    """Return a JSON value without the fields that are null or an empty list."""
    if isinstance(value, dict):
        return {name: _bare(each) for name, each in value.items() if each is not None and each != []}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def _changes(old: State, new: State, large: int | None) -> dict[str, Any]:
    """Return what changed, by field: `gone`, its `value` or `hash`, or its `items`."""
    found: dict[str, Any] = {}
    for name in differing(old, new):
        field = new.get(name)
        if field is None:
            found[name] = {"gone": True}
        elif isinstance(field, Part):
            found[name] = {"hash": field.hash} if _is_large(field, large) else {"value": field.value}
        else:
            before = old.get(name)
            found[name] = {"items": _items(before if isinstance(before, tuple) else (), field, large)}
    return found


def _items(old: tuple[Part, ...], new: tuple[Part, ...], large: int | None) -> list[Any]:
    """Return a list as runs of the old one, `[first, end]`, and between them what is new: `{"new": [...]}` or
    `{"hash": ...}`."""
    places = {part.hash: place for place, part in reversed(list(enumerate(old)))}
    found: list[Any] = []
    for part in new:
        place, last = places.get(part.hash), found[-1] if found else None
        if isinstance(last, list) and last[1] < len(old) and old[last[1]].hash == part.hash:
            last[1] += 1
        elif place is not None:
            found.append([place, place + 1])
        elif _is_large(part, large):
            found.append({"hash": part.hash})
        elif isinstance(last, dict) and "new" in last:
            last["new"].append(part.value)
        else:
            found.append({"new": [part.value]})
    return found


def _is_large(part: Part, large: int | None) -> bool:
    return large is not None and len(codec.encode(part.value).encode()) > large


def _changed(state: State, changes: Mapping[str, Any], number: int) -> State:
    """Return the state after the changes of a row. Raises Unreplayable if they do not fit the state."""
    after = dict(state)
    try:
        for name, change in changes.items():
            if "gone" in change:
                del after[name]
            elif "items" in change:
                before = after.get(name, ())
                after[name] = tuple(_replayed(before if isinstance(before, tuple) else (), change["items"]))
            else:
                after[name] = _part(change)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreplayable(f"the changes of row {number} cannot be replayed: {unreadable(error)}") from error
    return after


def _replayed(before: tuple[Part, ...], items: Iterable[Any]) -> Iterator[Part]:
    for item in items:
        if isinstance(item, list):
            first, end = item
            if not 0 <= first < end <= len(before):
                raise ValueError(f"there are no items {first} to {end}")
            yield from before[first:end]
        elif "new" in item:
            yield from map(Part.of, item["new"])
        else:
            yield Part(item["hash"])


def _part(change: Mapping[str, Any]) -> Part:
    return Part(change["hash"]) if "hash" in change else Part.of(change["value"])
