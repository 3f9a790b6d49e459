"""Identities: the approver and the author of a version, from SageMaker's UserContext or CloudTrail's userIdentity."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from lambdas.gate import names
from lambdas.gate.spec.spec import IdentityLevel

_ROLE = re.compile(r"arn:[^:]+:(?:sts|iam)::([0-9]+):(?:assumed-role|role)/(?:.*/)?([^/]+)")
_SESSION = re.compile(r"arn:[^:]+:sts::([0-9]+):assumed-role/([^/]+)/(.+)")
_USER = re.compile(r"arn:[^:]+:iam::[0-9]+:user/(.+)")
_PROFILE = re.compile(r"arn:[^:]+:sagemaker:[^:]+:[0-9]+:user-profile/(.+)")
_STUDIO_SESSION = "SageMaker"
"""The name of every session of a Studio execution role, whoever uses it. The session tells nobody apart."""
_USER_ID = "AIDA"
"""The beginning of the unique ids of users.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"""
_SINGLE_SIGN_ON = "AWSReservedSSO_"
"""The beginning of the names of IAM Identity Center's roles, whose sessions are named after the person.
https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html"""


@dataclass(frozen=True)
class Identity:
    """`arn`: of the IAM user, or of the assumed role's session. `principal_id`, `source_identity`: IamIdentity's.
    `user_profile`: the ARN of the Studio user profile.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UserContext.html"""

    arn: str | None = None
    principal_id: str | None = None
    source_identity: str | None = None
    user_profile: str | None = None

    @property
    def label(self) -> str:
        """The most specific name, for people."""
        profile = _PROFILE.fullmatch(self.user_profile or "")
        return (profile[1] if profile else None) or self.source_identity or self.arn or "unknown"

    @property
    def is_known(self) -> bool:
        return any((self.arn, self.source_identity, self.user_profile))

    @property
    def is_gate(self) -> bool:
        """True if it is a role of Approval Gate itself, which is never an approver."""
        role = self._role
        return role is not None and names.is_own_role(role[1])

    def patterns(self, account: str) -> tuple[str, ...]:
        """Return the names that the patterns of an allow-list are matched with: `role/NAME`, `user/NAME`,
        `user-profile/DOMAIN/NAME`. Identities of other accounts have none, because their roles may have the same
        names."""
        arn, user_profile = _within(account, self.arn), _within(account, self.user_profile)
        role, user, profile = self._role, _USER.fullmatch(arn), _PROFILE.fullmatch(user_profile)
        return tuple(
            f"{kind}/{name}"
            for kind, name in (
                ("user-profile", profile[1] if profile else None),
                ("role", role[1] if role and arn else None),
                ("user", user[1].rpartition("/")[2] if user else None),
            )
            if name
        )

    def matches(self, patterns: Iterable[str], account: str) -> bool:
        """True if one of its names in this account matches one of the patterns."""
        return any(fnmatchcase(name, pattern) for name in self.patterns(account) for pattern in patterns)

    @property
    def _role(self) -> tuple[str, str] | None:
        """The account and the name of the role."""
        matched = _SESSION.fullmatch(self.arn or "") or _ROLE.fullmatch(self.arn or "")
        return (matched[1], matched[2]) if matched else None

    def at(self, level: IdentityLevel) -> str | None:
        """Return the person's name at a level, in one case, because two spellings may be one person; None if the
        identity has none there."""
        match level:
            case IdentityLevel.USER_PROFILE:
                name = self.user_profile
            case IdentityLevel.SOURCE_IDENTITY:
                name = self.source_identity
            case IdentityLevel.IDENTITY_CENTER:
                matched = _SESSION.fullmatch(self.arn or "")
                name = matched[3] if matched and matched[2].startswith(_SINGLE_SIGN_ON) else None
        return name.casefold() if name else None

    @property
    def session(self) -> str | None:
        """The name of the role's session, in one case, if several people do not have it by chance; None otherwise."""
        matched = _SESSION.fullmatch(self.arn or "")
        name = matched[3] if matched else (self.principal_id or "").partition(":")[2]
        return name.casefold() if name not in ("", _STUDIO_SESSION) else None

    @property
    def is_own(self) -> bool:
        """True if it is a user of IAM, or a session that may be one person's own."""
        is_user = _USER.fullmatch(self.arn or "") is not None
        return is_user or self.session is not None or (self.principal_id or "").startswith(_USER_ID)

    @property
    def personal(self) -> tuple[tuple[str, str | None], ...]:
        """What only one person has: the kind of name, and the name, or None."""
        is_user = _USER.fullmatch(self.arn or "") is not None
        return (
            *((LEVELS[level], self.at(level)) for level in IdentityLevel),
            ("IAM user", self.arn if is_user else None),
            ("PrincipalId", self.principal_id if self.is_own else None),
            ("session", self.arn if self.session else None),
        )

    @property
    def shared(self) -> tuple[object, ...]:
        """What several people may have in common: the role or user, by its unique id and by its name."""
        return (self.principal_id or "").partition(":")[0], self._role or self.arn


LEVELS = {
    IdentityLevel.USER_PROFILE: "Studio user profile",
    IdentityLevel.SOURCE_IDENTITY: "source identity",
    IdentityLevel.IDENTITY_CENTER: "Identity Center session",
}
"""What the levels are called."""


def _within(account: str, arn: str | None) -> str:
    """Return the ARN if it belongs to the account; otherwise an empty text."""
    return arn if arn and arn.split(":")[4:5] == [account] else ""


@dataclass(frozen=True)
class Comparison:
    """`is_same`: True if both are one person, False if they are two, None if nothing that counts says which. `by`: the
    kind of name that decided it, or why nothing decides it."""

    is_same: bool | None
    by: str


def compare(one: Identity, other: Identity, trusted: tuple[IdentityLevel, ...]) -> Comparison:
    """Return whether two identities are one person. `trusted`: the levels at which the organisation makes sure that
    each person has one name.

    1. Whoever shares something personal is one person, at whatever level.
    2. If they differ at a trusted level, they are two, also in one role.
    3. The same role or user is one person otherwise.
    4. If levels are trusted, and the two have none of them in common, they are not comparable: one person may have two
       identities.
    5. If no level is trusted, different roles or users are two people.
    """
    personal = _by_names(one, other, trusted)
    if personal:
        return personal  # 1, 2
    shared = _both(one, other)
    if any(left == right for left, right in shared):
        return Comparison(True, "the same role or user, and nothing trusted tells two people in it apart")  # 3
    if trusted or not shared:
        levels = " or ".join(LEVELS[level] for level in trusted) or "name of a role or user"
        return Comparison(None, f"not comparable, because {levels} is not known of both")  # 4
    return Comparison(False, "different roles or users")  # 5


def operator(by: str) -> Identity:
    """Return an operator, from the ARN or the PrincipalId in an order."""
    return Identity(arn=by) if by.startswith("arn:") else Identity(principal_id=by)


def compare_operator(one: Identity, other: Identity, trusted: tuple[IdentityLevel, ...]) -> Comparison:
    """Return whether an operator is the same person as somebody else. SQS names an operator by PrincipalId only, so
    there is seldom a trusted level to compare.

    1. and 2. As in `compare`. Equal session names are one person too, in different roles.
    3. Two people are known by a user or a session of their own, and their users or roles differ.
    4. All others are not comparable: several people share the role, or one is known by a profile only.
    """
    if one.session and one.session == other.session:
        return Comparison(True, "the same session name")  # 1
    personal = _by_names(one, other, trusted)
    if personal:
        return personal  # 1, 2
    shared = _both(one, other)
    if one.is_own and other.is_own and shared and all(left != right for left, right in shared):
        return Comparison(False, "different roles or users")  # 3
    return Comparison(None, "not comparable, because a role may be shared or a PrincipalId is not known")  # 4


def _by_names(one: Identity, other: Identity, trusted: tuple[IdentityLevel, ...]) -> Comparison | None:
    """Return what personal names say; None if they say nothing."""
    for (by, left), (_, right) in zip(one.personal, other.personal, strict=True):
        if left and left == right:
            return Comparison(True, f"the same {by}")
    for level in trusted:
        if one.at(level) and other.at(level):
            return Comparison(False, f"not the same {LEVELS[level]}")
    return None


def _both(one: Identity, other: Identity) -> list[tuple[object, object]]:
    """Return the roles or users of both, by unique id and by name, as far as both are known."""
    return [(left, right) for left, right in zip(one.shared, other.shared, strict=True) if left and right]
