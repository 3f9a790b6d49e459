"""The value that was meant, as far as it follows from the value that was found.

What is returned is always valid in its place. A number that is too small gives nothing: the least value may turn a
guard off, or delete what somebody wanted to keep.
"""

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Le
from pydantic import TypeAdapter, ValidationError

from infra.config.declared import Key, Value
from infra.config.sections.section import Allowed

_YES, _NO = {"true", "yes", "y", "on", "1", "enabled"}, {"false", "no", "n", "off", "0", "disabled"}
_SECONDS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
}
_DURATIONS = {"seconds": 1, "ms": 0.001, "hours": 3600, "days": 86_400}
"""The units in which keys end."""
_MEGABYTES = {**dict.fromkeys(("m", "mb", "mib"), 1), **dict.fromkeys(("g", "gb", "gib"), 1024)}
_RATES = {**dict.fromkeys(("rps", "/s", "req/s", "requests/s"), 1), **dict.fromkeys(("rpm", "/min", "req/min"), 1 / 60)}
_COUNTS = {**dict.fromkeys(("x", "instance", "instances", "request", "requests"), 1), "k": 1000}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z/%]*)\s*")
_THOUSANDS = re.compile(r"[0-9]{1,3}([,_' ][0-9]{3})+")
_CLOCK = re.compile(r"([0-9]+):([0-9]{2}):([0-9]{2})")
ALLOWED = "write a value that is allowed"
"""The fix if nothing follows from what was found. An example would be followed, and be wrong."""
FURTHEST = 10
"""A number that is more times as large as the largest one was meant in another way."""
NEAREST = 0.05
"""How far a number may be from the one of a few that was meant."""


def suggestion(value: Value, key: str, given: Any, source: str | None = None) -> Any:
    """Return the value, or None. `key`: the name of the key, which says the unit. `source`: `given` as it is written
    in the file, if it is a single value."""
    return next((each for each in _meant(value, key, given, source) if fits(value, each)), None)


def fits(value: Value, candidate: Any) -> bool:
    """True if the candidate is valid there."""
    annotated: Any = Annotated[value.type, *value.added, value]
    try:
        TypeAdapter(annotated).validate_python(candidate, strict=True)
    except ValidationError:
        return False
    return True


def _meant(value: Value, key: str, given: Any, source: str | None) -> Iterator[Any]:
    if isinstance(given, list) and len(given) == 1 and not value.item and not value.names_and_values:
        yield given[0]
        yield from _meant(value, key, given[0], None)
    elif value.type is bool:
        yield _switch(given)
    elif value.type in (int, float):
        yield from _numbers(value, key, given)
    elif get_origin(value.type) is Literal:
        yield from _choices(get_args(value.type), key, given)
    elif value.item:
        yield from _lists(value.item, key, given, source)
    elif value.names_and_values:
        yield from _mappings(given)
    elif value.sections:
        yield from _sections(value, given, source)
    elif value.type is str:
        yield from _texts(value, given, source)


def _switch(given: Any) -> bool | None:
    text = str(given).strip().lower()
    return True if text in _YES else False if text in _NO else None


def _numbers(value: Value, key: str, given: Any) -> Iterator[Any]:
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return
    number = _quantity(key, given, is_whole=value.type is int) if isinstance(given, str) else given
    if number is None or not math.isfinite(number):
        return
    yield _exact(number)
    if key.endswith("percent") and value.type is int and isinstance(given, float) and 0 < given < 1:
        yield _exact(given * 100)
    most = next((each.le for each in value.added if isinstance(each, Le)), None)
    if isinstance(most, int | float) and most < number <= FURTHEST * most:
        yield most


def _quantity(key: str, text: str, *, is_whole: bool) -> float | None:
    """Return the number in a text such as `10m`, in the unit of the key."""
    text = text.strip().strip("'\"").strip().lower()
    if clock := _CLOCK.fullmatch(text):
        text = f"{clock[1]}h{clock[2]}m{clock[3]}s"
    if is_whole and _THOUSANDS.fullmatch(text):
        text = re.sub("[,_' ]", "", text)
    elif not is_whole and re.fullmatch("[0-9]+,([0-9]{1,2}|[0-9]{4,})", text):
        text = text.replace(",", ".")
    text = re.sub(r"^pt?(?=[0-9])", "", text)
    parts = _PART.findall(text)
    if not parts or _PART.sub("", text):
        return None
    units = _units(key)
    if len(parts) > 1 and any(unit not in _SECONDS for _, unit in parts):
        return None
    if any(unit and unit not in units for _, unit in parts):
        return None
    return sum(float(number) * units.get(unit, 1) for number, unit in parts)


def _units(key: str) -> Mapping[str, float]:
    ending = key.rpartition("_")[2]
    if key.endswith("per_second"):
        return _RATES
    if ending in _DURATIONS:
        return {unit: seconds / _DURATIONS[ending] for unit, seconds in _SECONDS.items()}
    if ending == "percent":
        return {"%": 1, "percent": 1, "pct": 1}
    return _MEGABYTES if ending == "mb" else _COUNTS


def _exact(number: float) -> float:
    """Return the number as a whole one, if it is one."""
    return round(number) if abs(number - round(number)) < 1e-9 else number


def _choices(choices: tuple[Any, ...], key: str, given: Any) -> Iterator[Any]:
    if isinstance(choices[0], int):
        number = _quantity(key, str(given), is_whole=True) if isinstance(given, str | int | float) else None
        if number is not None:
            yield _exact(number)
            yield from (each for each in choices if abs(each - number) <= NEAREST * each)
        return
    if given is False:
        yield "off"  # YAML 1.1 reads it so.
    if isinstance(given, str):
        known = {_letters(each): each for each in choices}
        if near := difflib.get_close_matches(_letters(given), known, n=1, cutoff=0.75):
            yield known[near[0]]


def _letters(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.lower())


def _lists(item: Value, key: str, given: Any, source: str | None) -> Iterator[Any]:
    match given:
        case str():
            if fits(item, given):
                yield [given]
            yield from _items(item, key, re.split(r"[,;\s]+", given.strip(" []")))
            yield from _items(item, key, re.split("And|and", given))
        case dict():
            yield [given]
            yield [{"name": name, "that": that} for name, that in given.items()]
        case list():
            yield from _items(item, key, given)
        case _:
            yield from _items(item, key, [given], source)


def _items(item: Value, key: str, given: list[Any], source: str | None = None) -> Iterator[list[Any]]:
    meant = [each if fits(item, each) else suggestion(item, key, each, source) for each in given]
    if None not in meant:
        yield meant


def _mappings(given: Any) -> Iterator[dict[str, Any]]:
    """Variables as containers know them, `NAME=value`, or as lists of names and values."""
    if not isinstance(given, list):
        return
    if all(isinstance(each, str) and "=" in each for each in given):
        yield dict(each.split("=", 1) for each in given)
    if all(isinstance(each, dict) and {name.lower() for name in each} == {"name", "value"} for each in given):
        lower = [{name.lower(): part for name, part in each.items()} for each in given]
        yield {str(each["name"]): each["value"] for each in lower}


def _sections(value: Value, given: Any, source: str | None) -> Iterator[dict[str, Any]]:
    """A section for a single value, if only one of its keys can have it and needs no other."""
    if not isinstance(given, str | int | float) or isinstance(given, bool):
        return
    found: dict[str, dict[str, Any]] = {}
    for section in value.sections.values():
        for name in section.declared():
            inner = Key(section, name).value
            meant = given if fits(inner, given) else suggestion(inner, name, given, source)
            if meant is not None and fits(value, {name: meant}):
                found[name] = {name: meant}
    if len(found) == 1:
        yield from found.values()


def _texts(value: Value, given: Any, source: str | None) -> Iterator[str]:
    if given is None:
        yield ""
    elif isinstance(given, str):
        for each in value.added:
            if isinstance(each, Allowed):
                yield from each.meant(given)
    elif not isinstance(given, dict | list):
        yield source if source is not None else str(given)
