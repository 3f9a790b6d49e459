"""Who makes a call: AWS knows the principal from the access key."""

from typing import Any, Final

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

from world.account import Account
from world.call import Caller, Role, UserProfile

_MOTO_ASSUME_ROLE: Final = TokenResponse.assume_role


class Callers:
    """`profiles` are the users of Studio, by access key. Several of them may share one role there."""

    def __init__(self) -> None:
        self.profiles: dict[str, UserProfile] = {}

    def install(self) -> None:
        """Let AssumeRole keep the SourceIdentity, which moto drops.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
        """

        def assume_role(response: Any) -> Any:
            answer = _MOTO_ASSUME_ROLE(response)
            if source := response._get_param("SourceIdentity"):
                answer.result["Credentials"].source_identity = source
                answer.result["SourceIdentity"] = source
            return answer

        TokenResponse.assume_role = assume_role

    def caller(self, account: Account, access_key: str) -> Caller:
        sts = sts_backends[account.id]["aws"]
        principal, arn, _ = sts.get_caller_identity(access_key, account.region)
        session = sts.get_assumed_role_from_access_key(access_key)
        return Caller(
            arn,
            principal,
            None if session is None else _role(account, session.role_arn),
            getattr(session, "source_identity", None),
            self.profiles.get(access_key),
            access_key,
        )


def _role(account: Account, arn: str) -> Role:
    found = iam_backends[account.id]["aws"].get_role_by_arn(arn)
    return Role(found.arn, found.id, found.name)
