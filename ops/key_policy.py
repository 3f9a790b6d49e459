"""What a KMS key's policy and grants say about one use of the key. Pure.

Only what both documents show is said. A condition that depends on a request which nobody made yet leaves the answer
open. That a policy leaves a use to the account's IAM is an answer of its own, because the key does not show what IAM
allows.
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class KeyUse:
    """Somebody's use of a key. `who`: in words. `role`: the ARN of the role. `actions`: what the role does with the
    key. `service`: the service that calls KMS for the role, such as `s3`."""

    who: str
    role: str
    actions: tuple[str, ...]
    service: str

    @property
    def account(self) -> str:
        """The role's account."""
        return self.role.split(":")[4]


class KeyAnswer(Enum):
    """What a key says about a use."""

    ALLOWED = "allowed"
    """A statement names the role or everybody, or a grant does."""
    LEFT_TO_IAM = "left to IAM"
    """A statement names the role's account, so the role's own policies decide."""
    DENIED = "denied"
    """A statement denies the use, whatever else allows it."""
    NOT_ALLOWED = "not allowed"
    """No statement and no grant allows the use."""
    OPEN = "open"
    """It depends on conditions that cannot be evaluated here."""


@dataclass(frozen=True)
class Found:
    """An answer, and about which action. `where`: the Sid of the statement that decides it; empty if it has none."""

    answer: KeyAnswer
    action: str = ""
    where: str = ""


class _Match(StrEnum):
    YES = "yes"
    ACCOUNT = "account"
    NO = "no"
    OPEN = "open"


def evaluate(use: KeyUse, key: str, policy: Mapping[str, Any], grants: Iterable[Mapping[str, Any]]) -> Found:
    """Return what the key says about a use: the worst of its actions. `key`: the key's ARN. `policy`: the document of
    its policy. `grants`: those that KMS lists for the role."""
    grants = tuple(grants)
    found = [_evaluate(use, action, key, policy, grants) for action in use.actions]
    return min(found, key=lambda each: _WORST.index(each.answer))


_WORST = (
    KeyAnswer.DENIED,
    KeyAnswer.NOT_ALLOWED,
    KeyAnswer.OPEN,
    KeyAnswer.LEFT_TO_IAM,
    KeyAnswer.ALLOWED,
)


def _evaluate(
    use: KeyUse, action: str, key: str, policy: Mapping[str, Any], grants: tuple[Mapping[str, Any], ...]
) -> Found:
    """Return what the key says about one action.

    1. A denial without an open condition denies it. One with an open condition leaves it open.
    2. A statement for the role or for everybody allows it, then a grant.
    3. A statement for the account leaves it to IAM.
    4. A statement or grant with an open condition leaves it open.
    """
    matches = [(s, _match(s, use, action, key)) for s in _listed(policy.get("Statement"))]
    denials = [(s, found) for s, found in matches if s.get("Effect") == "Deny" and found is not _Match.NO]
    allows = [(s, found) for s, found in matches if s.get("Effect") == "Allow" and found is not _Match.NO]
    for statement, found in denials:  # 1
        if found is not _Match.OPEN:
            return Found(KeyAnswer.DENIED, action, _sid(statement))
    granted = [_granted(grant, action) for grant in grants]
    if denials:
        return Found(KeyAnswer.OPEN, action, _sid(denials[0][0]))
    for wanted, answer in ((_Match.YES, KeyAnswer.ALLOWED), (_Match.ACCOUNT, KeyAnswer.LEFT_TO_IAM)):  # 2, 3
        for statement, found in allows:
            if found is wanted:
                return Found(answer, action, _sid(statement))
        if _Match.YES in granted:
            return Found(KeyAnswer.ALLOWED, action)
    if allows or _Match.OPEN in granted:  # 4
        return Found(KeyAnswer.OPEN, action, _sid(allows[0][0]) if allows else "")
    return Found(KeyAnswer.NOT_ALLOWED, action)


def _granted(grant: Mapping[str, Any], action: str) -> _Match:
    """Return whether a grant allows an action. Its constraints are about the encryption context of a request."""
    if action.removeprefix("kms:") not in grant.get("Operations", ()):
        return _Match.NO
    return _Match.OPEN if grant.get("Constraints") else _Match.YES


def _match(statement: Mapping[str, Any], use: KeyUse, action: str, key: str) -> _Match:
    """Return whether a statement is about the use: by its role, by its account, not, or if a condition holds."""
    principal = _principal(statement, use)
    if principal is _Match.NO or not _is_of_action(statement, action) or not _is_of_key(statement, key):
        return _Match.NO
    holds = _holds(statement.get("Condition", {}), use, action, key)
    if holds is False:
        return _Match.NO
    return principal if holds else _Match.OPEN


def _principal(statement: Mapping[str, Any], use: KeyUse) -> _Match:
    if "NotPrincipal" in statement:
        return _Match.OPEN
    principal = statement.get("Principal")
    named = principal if isinstance(principal, str) else _listed((principal or {}).get("AWS"))
    if named == "*" or "*" in named or use.role in named:
        return _Match.YES
    partition = use.role.split(":")[1]
    is_account = use.account in named or f"arn:{partition}:iam::{use.account}:root" in named
    return _Match.ACCOUNT if is_account else _Match.NO


def _is_of_action(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not _is_like(action, statement["NotAction"])
    return _is_like(action, statement.get("Action"))


def _is_like(action: str, patterns: Any) -> bool:
    return any(fnmatchcase(action.lower(), str(each).lower()) for each in _listed(patterns))


def _is_of_key(statement: Mapping[str, Any], key: str) -> bool:
    """True if the statement is about this key. In a key's policy that is nearly always written as `*`."""
    return any(fnmatchcase(key, str(each)) for each in _listed(statement.get("Resource", "*")))


def _holds(condition: Any, use: KeyUse, action: str, key: str) -> bool | None:
    """Return whether a condition holds for the use; None if that depends on more than is known."""
    known = _context(use, action, key)
    results = [
        _compared(operator, known.get(name.lower()), wanted)
        for operator, wanted_by_name in condition.items()
        for name, wanted in wanted_by_name.items()
    ]
    if False in results:
        return False
    return None if None in results else True


def _context(use: KeyUse, action: str, key: str) -> dict[str, str]:
    """Return the context keys of the use that are known, by their names in lower case."""
    found = {
        "aws:principalarn": use.role,
        "aws:principalaccount": use.account,
        "kms:calleraccount": use.account,
        "kms:viaservice": f"{use.service}.{key.split(':')[3]}.amazonaws.com",
    }
    # SageMaker makes the grant for one of its own resources.
    return found | ({"kms:grantisforawsresource": "true"} if action == "kms:CreateGrant" else {})


def _compared(operator: str, value: str | None, wanted: Any) -> bool | None:
    compare = _OPERATORS.get(operator.removesuffix("IfExists"))
    if compare is None or value is None:
        return None
    is_like, is_negated = compare
    found = any(fnmatchcase(value, str(each)) if is_like else value == _text(each) for each in _listed(wanted))
    return found is not is_negated


_OPERATORS = {
    "StringEquals": (False, False),
    "StringNotEquals": (False, True),
    "StringLike": (True, False),
    "StringNotLike": (True, True),
    "ArnEquals": (True, False),
    "ArnLike": (True, False),
    "ArnNotEquals": (True, True),
    "ArnNotLike": (True, True),
    "Bool": (False, False),
}
"""Operator → whether it takes wildcards, and whether it is negated."""


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sid(statement: Mapping[str, Any]) -> str:
    return str(statement.get("Sid", ""))


def _listed(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)
