"""Identities: the approver and the author of a version, from SageMaker's UserContext or CloudTrail's userIdentity."""

import re
from dataclasses import dataclass

from lambdas.gate import names

_ROLE = re.compile(r"arn:[^:]+:(?:sts|iam)::([0-9]+):(?:assumed-role|role)/(?:.*/)?([^/]+)")
_SESSION = re.compile(r"arn:[^:]+:sts::([0-9]+):assumed-role/([^/]+)/(.+)")
_USER = re.compile(r"arn:[^:]+:iam::[0-9]+:user/(.+)")
_PROFILE = re.compile(r"arn:[^:]+:sagemaker:[^:]+:[0-9]+:user-profile/(.+)")
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
        return role is not None and role[1].startswith(f"{names.PREFIX}-")

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

    @property
    def _role(self) -> tuple[str, str] | None:
        """The account and the name of the role."""
        matched = _SESSION.fullmatch(self.arn or "") or _ROLE.fullmatch(self.arn or "")
        return (matched[1], matched[2]) if matched else None

    @property
    def _single_sign_on(self) -> str | None:
        matched = _SESSION.fullmatch(self.arn or "")
        return matched[3] if matched and matched[2].startswith(_SINGLE_SIGN_ON) else None

    @property
    def _user(self) -> str | None:
        return self.arn if _USER.fullmatch(self.arn or "") else None


def _within(account: str, arn: str | None) -> str:
    """Return the ARN if it belongs to the account; otherwise an empty text."""
    return arn if arn and arn.split(":")[4:5] == [account] else ""


@dataclass(frozen=True)
class Comparison:
    """`is_same`: True if both are one person. `by`: the kind of name that decided it."""

    is_same: bool
    by: str


def compare(one: Identity, other: Identity) -> Comparison | None:
    """Return whether two known identities are one person; None if that cannot be decided.

    The most specific name that both have decides: Studio user profile, source identity, the session name of a
    single-sign-on role, IAM user. If they have none of these in common, two sessions of one role count as one person,
    because the same person may have assumed the role twice.
    """
    levels = (
        ("Studio user profile", one.user_profile, other.user_profile),
        ("source identity", one.source_identity, other.source_identity),
        ("single-sign-on session", one._single_sign_on, other._single_sign_on),
        ("IAM user", one._user, other._user),
    )
    for by, left, right in levels:
        if left and right:
            return Comparison(left == right, by)
    if one._role and other._role:
        same = one._role == other._role
        return Comparison(same, "the same role, and nothing tells its users apart" if same else "role")
    if one.arn and other.arn:
        return Comparison(one.arn == other.arn, "IAM identity")
    return None
