"""What no text for people contains: the ways in which programs write values."""

import re
from collections.abc import Iterable

_NOUNS = (
    *("alarms", "answers", "approvals", "artifacts", "attempts", "bytes", "checks", "configs", "containers", "copies"),
    *("days", "endpoints", "errors", "failures", "hours", "images", "instances", "items", "keys", "metrics"),
    *("minutes", "models", "objects", "operators", "overrides", "reports", "requests", "rollbacks", "rollouts"),
    *("rows", "seconds", "settings", "times", "tries", "versions"),
)
_KINDS = "(?:attempt|approval|order|changed|endpoint|state|spec|retry|abort|approver|rolled|autoscaling)"
_ENDS = (
    "(?:closed|opened|accepted|seen|pinned|back|refused|expired|by_hand|deleted|changed|requested|ordered|witnessed|"
    "disputed|overtaken|revoked)"
)
PATTERNS = {
    "Python's None, True or False": re.compile(r"\b(?:None|True|False)\b(?!\.$)"),
    "JSON": re.compile(r"""[\[{]["'\[{]|["']\s?:\s?(?:["'\d\[{]|true|false|null)|\[\]|\{\}"""),
    "a list, tuple or object of Python": re.compile(r"\('|',\)|<[\w.]+ object|\w+Error\(|datetime\.|\w+\.[A-Z]+: '"),
    "seconds since 1970": re.compile(r"(?<![\w.:/-])1[5-9]\d{8}(?:\.\d+)?\b(?!\.dkr)"),
    "parts of a second": re.compile(r"\d\d:\d\d:\d\d\.\d"),
    "an offset instead of Z": re.compile(r":\d\d\+00:00"),
    "digits of binary arithmetic": re.compile(r"\d\.\d{9,}"),
    "one thing in the plural": re.compile(rf"(?<![\w./:-])1 (?:[a-z]+ )?(?:{'|'.join(_NOUNS)})\b"),
    "a stored name": re.compile(rf"\b{_KINDS}_{_ENDS}\b"),
    "true or false as a value": re.compile(r": (?:true|false)$"),
}


def faults(texts: Iterable[str]) -> list[str]:
    """Return what each text has that it must not have, and the text."""
    return [f"{what}: {text}" for text in texts for what, pattern in PATTERNS.items() if pattern.search(text)]
