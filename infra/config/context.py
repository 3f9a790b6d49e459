"""The context keys of the CDK that the app reads, from `cdk.json`, `cdk.context.json` or `-c`.

The CDK ignores a key that is misspelled or in another place, and a permissions boundary of the wrong kind. Each of
these is a problem here, since its author believes that it has an effect. Other keys belong to the CDK or to the user.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from infra.config.context_keys import (
    ARCHITECTURE,
    BOUNDARY,
    DEPLOYING_ROLE,
    ENDPOINTS,
    QUALIFIER,
    RULES,
    RUNTIME,
)
from infra.config.declared import Value, one_of
from infra.config.problem import ConfigError, Problem, paragraph, shown
from infra.config.suggestion import ALLOWED, suggestion
from infra.config.validation import found

Runtime = Literal["python3.14", "python3.13", "python3.12", "python3.11"]
"""Lambda's Python runtimes that the functions' code runs on. The first is the default.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""
Architecture = Literal["arm64", "x86_64"]
"""Lambda's architectures. The first is the default. The asset is the same for both, because it is pure Python.
https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html"""

_OTHER_WORDS = {"aarch64": "arm64", "arm": "arm64", "graviton": "arm64", "amd64": "x86_64", "intel": "x86_64"}
_ROLE = re.compile(r"arn:[a-z*-]+:iam::[0-9*?]+:role/[\w+=,.@/*?-]+", re.ASCII)
_ARN = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}|aws):policy/\S+")
_PSEUDO_PARAMETER = re.compile(r"\$\{(?!Qualifier\})[^}]*\}")
_LOOKUP = ":account="
"""In the keys under which the CDK keeps what it has looked up."""
_OWN = "approvalgate"
_ALIKE = 0.8
_ALIKE_PREFIX = 0.5
_IN_CDK_JSON = f'put it into "context" of cdk.json: `"{BOUNDARY}": {{"name": "NAME"}}`'


@dataclass(frozen=True)
class Context:
    """`endpoints`: the path of the file. `deploying_role`: the ARN, or a pattern of ARNs, of the role that
    CloudFormation deploys with; None for the one that `cdk bootstrap` makes. `rules`: how many rules the default event
    bus of the account and Region may have, if the user has said so."""

    endpoints: str = "endpoints.yaml"
    deploying_role: str | None = None
    runtime: str = get_args(Runtime)[0]
    architecture: str = get_args(Architecture)[0]
    rules: int | None = None


def load_context(given: Mapping[str, Any], cdk_json: Path) -> Context:
    """Return the context. Raises ConfigError also if `cdk_json` has a key in a place where the CDK ignores it."""
    return _checked(given, [*_problems(given), *_outside_context(cdk_json)])


def context(given: Mapping[str, Any]) -> Context:
    """Return what the CDK's context says. Raises ConfigError with all problems."""
    return _checked(given, [*_problems(given)])


def _checked(given: Mapping[str, Any], problems: list[Problem]) -> Context:
    if problems:
        heading = f"The CDK's context has {len(problems)} {'problem' if len(problems) == 1 else 'problems'}:"
        raise ConfigError("\n\n".join([heading, *(paragraph(str(each.path[0]), each) for each in problems)]))
    read = {"endpoints": ENDPOINTS, "deploying_role": DEPLOYING_ROLE, "runtime": RUNTIME, "architecture": ARCHITECTURE}
    values: dict[str, Any] = {name: given[key] for name, key in read.items() if given.get(key) is not None}
    return Context(**values, rules=None if given.get(RULES) is None else int(given[RULES]))


def _problems(given: Mapping[str, Any]) -> Iterator[Problem]:
    for key, value in given.items():
        if key in _KNOWN:
            if value is not None and (problem := _KNOWN[key](key, value)):
                yield problem
        elif problem := _misspelled(key, value):
            yield problem


def _file(key: str, value: object) -> Problem | None:
    if isinstance(value, str) and value.strip():
        return None
    return Problem((key,), found(value), "the path of a file such as endpoints.yaml", "write the path of your file")


def _role(key: str, value: object) -> Problem | None:
    if isinstance(value, str) and _ROLE.fullmatch(value):
        return None
    allowed = "the ARN of an IAM role, arn:aws:iam::ACCOUNT:role/NAME, in which * may stand for a part"
    session = re.fullmatch(r"(arn:[a-z-]+):sts:(:[0-9]{12}):assumed-role/([^/]+)/.*", str(value))
    if session:
        return Problem((key,), found(value), allowed, f"write `{session[1]}:iam:{session[2]}:role/{session[3]}`")
    return Problem((key,), found(value), allowed, "write the role's whole ARN, which `aws iam get-role` shows")


def _runtime(key: str, value: object) -> Problem | None:
    return _one_of(key, value, Runtime, f"python{value}")


def _architecture(key: str, value: object) -> Problem | None:
    return _one_of(key, value, Architecture, _OTHER_WORDS.get(_letters(str(value)), ""))


def _one_of(key: str, value: object, allowed: Any, meant: str) -> Problem | None:
    choices = get_args(allowed)
    if value in choices:
        return None
    near = [each for each in choices if _letters(each) in (_letters(str(value)), _letters(meant))]
    fix = f"write `{near[0]}`" if near else ALLOWED
    return Problem((key,), found(value), one_of(choices), fix)


def _rules(key: str, value: object) -> Problem | None:
    if not isinstance(value, bool) and re.fullmatch("[1-9][0-9]{0,5}", str(value)):
        return None
    meant = suggestion(Value(int), "rules", value)
    fix = f"write `{meant}`" if isinstance(meant, int) and meant > 0 else "write the quota that Service Quotas shows"
    return Problem((key,), found(value), "a whole number above 0", fix)


def _boundary(key: str, value: object) -> Problem | None:
    """The CDK reads `arn`, or else `name`, and ignores every other value and key."""
    allowed = 'a mapping with either "name" or "arn", in "context" of cdk.json. `-c` gives the CDK only text'
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, text),) = value.items()
        if kind in ("name", "arn") and isinstance(text, str) and text:
            if _PSEUDO_PARAMETER.search(text):
                stack = "the stacks are made for any account and Region"
                return Problem((key,), found(value), f"no placeholder but ${{Qualifier}}: {stack}", "write it out")
            if bool(_ARN.fullmatch(text)) == (kind == "arn") and not (kind == "name" and text.startswith("arn:")):
                return None
    return Problem((key,), found(value), allowed, _boundary_fix(value))


def _boundary_fix(value: object) -> str:
    """Return the line for cdk.json, as far as it follows from `value`."""
    if isinstance(value, str):
        try:
            return _boundary_fix(json.loads(value))
        except ValueError:
            value = {"name": value}
    texts = [text for text in value.values() if isinstance(text, str)] if isinstance(value, Mapping) else []
    if len(texts) != 1 or not re.fullmatch(r"[\w+=,.@/:${}-]+", texts[0]):
        return _IN_CDK_JSON
    meant = json.dumps({"arn" if _ARN.fullmatch(texts[0]) else "name": texts[0]})
    return f'put it into "context" of cdk.json: `"{BOUNDARY}": {meant}`'


def _qualifier(key: str, value: object) -> Problem | None:
    """https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html"""
    if isinstance(value, str) and re.fullmatch("[A-Za-z0-9_-]{1,10}", value):
        return None
    allowed = "1 to 10 letters, digits, hyphens and underscores, the same as that of `cdk bootstrap --qualifier`"
    return Problem((key,), found(value), allowed, ALLOWED)


_KNOWN: dict[str, Callable[[str, object], Problem | None]] = {
    ENDPOINTS: _file,
    RUNTIME: _runtime,
    ARCHITECTURE: _architecture,
    DEPLOYING_ROLE: _role,
    RULES: _rules,
    BOUNDARY: _boundary,
    QUALIFIER: _qualifier,
}


def _misspelled(key: str, value: object) -> Problem | None:
    """Return the problem of a key that is not known, but is meant to be one."""
    meant = _meant(key) or next((inner for each in _keys(value) if (inner := _meant(each))), None)
    if not meant and not _letters(key).startswith(_OWN):
        return None
    fix = f"did you mean `{meant}`?" if meant else "remove it"
    if meant == BOUNDARY:
        fix = _boundary_fix(value) if _meant(key) else _IN_CDK_JSON
    own = [each for each in _KNOWN if not each.startswith("@")]
    allowed = f"the keys {', '.join([meant] if meant and meant not in own else own)}"
    return Problem((key,), f"the unknown key `{shown(key)}`, which the CDK ignores", allowed, fix)


def _outside_context(cdk_json: Path) -> Iterator[Problem]:
    """Yield a problem for each key of cdk.json that is not in its context, but belongs there. The CLI reports a file
    that is no JSON."""
    try:
        settings = json.loads(cdk_json.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if isinstance(settings, dict):
        for key in _keys({name: value for name, value in settings.items() if name != "context"}):
            if meant := key if key in _KNOWN else _meant(key, shortened=False):
                place = f"the key `{shown(key)}` of {cdk_json.name}, outside its context"
                fix = f'move it into "context" of {cdk_json.name}, as `"{meant}"`'
                yield Problem((key,), f"{place}, which the CDK ignores", f'`{meant}` in "context"', fix)


def _meant(key: str, *, shortened: bool = True) -> str | None:
    """Return the known key that `key` resembles, by its last part too. `shortened`: also one that begins so."""
    if key in _KNOWN or _LOOKUP in key:
        return None
    letters, (prefix, last) = _letters(key), _parts(key)
    if "boundary" in letters and ("permission" in letters or letters == "boundary"):
        return BOUNDARY
    is_of_others = key.startswith(("@", "aws:", "aws-cdk:")) or (prefix and not _is_alike(prefix))
    known = {_parts(each)[1]: each for each in _KNOWN if not is_of_others or each.startswith("@")}
    near = difflib.get_close_matches(last, known, n=1, cutoff=_ALIKE)
    if not near and shortened and not is_of_others and len(last) > 3:
        near = [each for each in known if each.startswith(last) or last.startswith(each)]
    return known[near[0]] if near else None


def _parts(key: str) -> tuple[str, str]:
    """Return the letters before the last colon or slash, and after it."""
    *before, last = re.split("[:/]", key)
    return _letters("".join(before)), _letters(last)


def _is_alike(prefix: str) -> bool:
    """True if the prefix of a key resembles that of the app's own keys."""
    return difflib.SequenceMatcher(None, prefix, _OWN).ratio() >= _ALIKE_PREFIX


def _keys(node: object) -> Iterator[str]:
    """Yield all keys in a value of JSON."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield str(key)
            yield from _keys(value)
    if isinstance(node, list):
        for each in node:
            yield from _keys(each)


def _letters(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.lower())
