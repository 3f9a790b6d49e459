"""A file of golden requests in JSON Lines, which is checked line by line before it goes into the prober's asset."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, NoReturn

from infra.config import limits
from infra.config.problem import Problem
from infra.config.rules import expression
from infra.config.suggestion import ALLOWED
from infra.config.validation import found, nearest
from lambdas.gate.spec.spec import Golden

KEYS = ("name", "body", "content_type", "accept", "expect", "tolerance", "at")
WITHIN = ("absolute", "relative")
_TEXT = f"a text of 1 to {limits.GOLDEN_TEXT} ASCII characters"
_TEXTS = {
    "name": f"a text of 1 to {limits.GOLDEN_TEXT} characters, each name once",
    "content_type": _TEXT,
    "accept": _TEXT,
    "at": "a JMESPath expression, which is applied to the answer",
}
_TOLERANCE = "an object with absolute, relative or both, each a number of at least 0"


@dataclass(frozen=True)
class GoldenFile:
    """The content of a valid file, and the number of its requests."""

    content: bytes
    requests: int

    @property
    def golden(self) -> Golden:
        return Golden(hashlib.sha256(self.content).hexdigest(), self.requests)


@dataclass(frozen=True)
class Misfit:
    """A problem of the whole file, which is shown at the key of endpoints.yaml that names the file."""

    found: str
    allowed: str
    fix: str


def read(folder: FilePath, name: str) -> tuple[GoldenFile | Misfit, list[tuple[int, Problem]]]:
    """Return the file, and the problems of its lines with the lines' numbers. `folder`: that of endpoints.yaml. `name`:
    the file's path from there. A file outside the folder is not read, not even through a link."""
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            fix = "move the file below the folder of endpoints.yaml, without a link"
            return Misfit("a file outside the folder of endpoints.yaml", _FILE, fix), []
        content = path.read_bytes()
        text = content.decode()
    except OSError as error:
        return Misfit(
            f"a file that cannot be read: {error.strerror}", _FILE, "write its path from the folder of endpoints.yaml"
        ), []
    except UnicodeDecodeError as error:
        return Misfit(f"a file that is not UTF-8: {error.reason}", _FILE, "save it in UTF-8"), []
    if len(content) > limits.GOLDEN_FILE_BYTES:
        what = f"a file of {len(content)} bytes"
        return Misfit(what, f"at most {limits.GOLDEN_FILE_BYTES} bytes", "write fewer or smaller requests"), []
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not 1 <= len(lines) <= limits.GOLDEN_REQUESTS:
        allowed = f"1 to {limits.GOLDEN_REQUESTS} requests. All of them are played to each new version."
        return Misfit(
            f"a file of {len(lines)} requests", allowed, "choose those that best tell a good model from a bad one"
        ), []
    return GoldenFile(content, len(lines)), list(_problems(lines))


_FILE = "a JSON Lines file in UTF-8, one golden request a line"


def _problems(lines: list[tuple[int, str]]) -> Iterator[tuple[int, Problem]]:
    names: dict[str, int] = {}
    for number, text in lines:
        try:
            line = json.loads(text, parse_constant=_no_number, object_pairs_hook=_each_key_once)
        except (ValueError, RecursionError) as error:
            yield number, Problem((), f"{_cut(text)}: {error}", "one JSON object a line", "correct the line")
            continue
        if not isinstance(line, dict):
            yield number, Problem((), found(line), f"an object with the keys {', '.join(KEYS)}", "write an object")
            continue
        yield from ((number, problem) for problem in _line_problems(line))
        if isinstance(name := line.get("name"), str) and (first := names.setdefault(name, number)) != number:
            yield number, Problem(("name",), f"{found(name)}, as in line {first}", "each name once", "choose another")


def _line_problems(line: dict[str, Any]) -> Iterator[Problem]:
    for key in line.keys() - set(KEYS):
        yield Problem(
            (key,), f"the unknown key `{key}`", f"the keys {', '.join(KEYS)}", nearest(key, KEYS, "remove it")
        )
    yield from _body(line)
    for key, allowed in _TEXTS.items():
        given = line.get(key, "given")
        if not isinstance(given, str) or not _is_fit(key, given):
            is_scalar = isinstance(given, int | float) and key == "name"
            yield Problem((key,), found(given), allowed, f'write `"{key}": "{given}"`' if is_scalar else ALLOWED)
        elif key == "at" and key in line:
            yield from (Problem(("at",), each.found, each.allowed, each.fix) for each in expression.faults(given))
    if "expect" not in line and "at" not in line:
        allowed = "expect, the answer; at, an expression that must be true; or both, if expect is what at must give"
        yield Problem((), "a request without an expected answer", allowed, 'add `"expect": 0.93`')
    yield from _tolerance(line)


def _body(line: dict[str, Any]) -> Iterator[Problem]:
    allowed = "the request: a text, which is sent as it is, or other JSON, which is sent as JSON"
    if "body" not in line:
        yield Problem(("body",), "nothing", allowed, 'add `"body": "1,2,3"`')
        return
    body = line["body"]
    try:
        size = len((body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode())
    except UnicodeEncodeError as error:
        yield Problem(("body",), f"a text that UTF-8 cannot encode: {error.reason}", allowed, "write whole characters")
        return
    if size > limits.INVOCATION_BYTES:
        allowed = f"at most {limits.INVOCATION_BYTES} bytes, InvokeEndpoint's limit"
        yield Problem(("body",), f"{size} bytes", allowed, "write a smaller request")


def _tolerance(line: dict[str, Any]) -> Iterator[Problem]:
    if "tolerance" not in line:
        return
    given, path = line["tolerance"], ("tolerance",)
    if not isinstance(given, dict) or not given or given.keys() - set(WITHIN):
        meant = _bound(given)
        fix = ALLOWED if meant is None else f'write `"tolerance": {{"absolute": {meant}}}`'
        yield Problem(path, found(given), _TOLERANCE, fix)
        return
    for key, bound in given.items():
        meant = _bound(bound)
        if meant is None or isinstance(bound, str):
            fix = ALLOWED if meant is None else f'write `"{key}": {meant}`'
            yield Problem((*path, key), found(bound), _TOLERANCE, fix)
    if "expect" not in line or not _has_number(line["expect"]):
        what = found(line["expect"]) if "expect" in line else "nothing"
        yield Problem(
            ("expect",),
            what,
            "a number, or a list or object with numbers, for a tolerance",
            "remove the tolerance",
        )


def _bound(given: Any) -> float | None:
    """Return the bound that a number, or a text of one, gives."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        bound = json.loads(given, parse_constant=_no_number) if isinstance(given, str) else given
    except (ValueError, RecursionError):
        return None
    is_number = isinstance(bound, int | float) and not isinstance(bound, bool)
    return bound if is_number and 0 <= bound < float("inf") else None


def _is_fit(key: str, given: str) -> bool:
    if key == "at":
        return bool(given)
    return 1 <= len(given) <= limits.GOLDEN_TEXT and (key == "name" or (given.isascii() and given.isprintable()))


def _has_number(expected: Any) -> bool:
    if isinstance(expected, dict | list):
        return any(map(_has_number, expected.values() if isinstance(expected, dict) else expected))
    return isinstance(expected, int | float) and not isinstance(expected, bool)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise ValueError(f"the key {twice!r} twice")
    return dict(pairs)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
