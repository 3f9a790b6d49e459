"""IAM: whether the ARN that an operator claims belongs to the sender that SQS names."""

import re
from collections.abc import Callable
from typing import Any

from lambdas.gate.aws.errors import FAILURES

_USER = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):user/(?:.*/)?([\w+=,.@-]+)", re.ASCII)
_SESSION = re.compile(r"arn:[a-z-]+:sts::([0-9]{12}):assumed-role/([\w+=,.@-]+)/([\w+=,.@-]+)", re.ASCII)


class Principals:
    """`client`: makes the client of IAM, which only orders need."""

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client

    @property
    def _iam(self) -> Any:
        return self._client()

    def proved(self, sender: str, claimed: str) -> str | None:
        """Return the claimed ARN if IAM says that its user or role has the unique id in the SenderId; None if IAM says
        otherwise, or does not answer. The name of a role's session is in both, and has to be the same.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"""
        try:
            if user := _USER.fullmatch(claimed):
                found = self._iam.get_user(UserName=user[2])["User"]
                return claimed if (found["UserId"], found["Arn"]) == (sender, claimed) else None
            if session := _SESSION.fullmatch(claimed):
                found = self._iam.get_role(RoleName=session[2])["Role"]
                account = found["Arn"].split(":")[4]
                is_it = (f"{found['RoleId']}:{session[3]}", account) == (sender, session[1])
                return claimed if is_it else None
        except FAILURES:
            pass
        return None
