"""Who makes a call: SageMaker's UserContext, and CloudTrail's userIdentity for the same caller."""

from dataclasses import dataclass
from typing import Any, Final

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

from sandbox.sagemaker.operations import Call

_MOTO_ASSUME_ROLE: Final = TokenResponse.assume_role


@dataclass(frozen=True)
class UserProfile:
    """A user of SageMaker Studio."""

    domain: str
    name: str


class Callers:
    def __init__(self) -> None:
        self.profiles: dict[str, UserProfile] = {}
        """The user profiles whose calls come from Studio, by access key. Several users may share one role there."""

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

    def user_context(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UserContext.html"""
        principal, arn, _ = sts_backends[call.account]["aws"].get_caller_identity(call.access_key, call.region)
        identity = {"Arn": arn, "PrincipalId": principal}
        if source := _source_identity(call):
            identity["SourceIdentity"] = source
        profile = self.profiles.get(call.access_key)
        if profile is None:
            return {"IamIdentity": identity}
        return {
            "UserProfileArn": call.arn(f"user-profile/{profile.domain}/{profile.name}"),
            "UserProfileName": profile.name,
            "DomainId": profile.domain,
            "IamIdentity": identity,
        }

    def user_identity(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html"""
        principal, arn, _ = sts_backends[call.account]["aws"].get_caller_identity(call.access_key, call.region)
        identity = {"principalId": principal, "arn": arn, "accountId": call.account, "accessKeyId": call.access_key}
        session = _session(call)
        if session is None:
            return {"type": "IAMUser", **identity, "userName": arn.rsplit("/", 1)[-1]}
        role = iam_backends[call.account]["aws"].get_role_by_arn(session.role_arn)
        issuer = {
            "type": "Role",
            "principalId": role.id,
            "arn": role.arn,
            "accountId": call.account,
            "userName": role.name,
        }
        context: dict[str, Any] = {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}}
        if source := _source_identity(call):
            context["sourceIdentity"] = source
        return {"type": "AssumedRole", **identity, "sessionContext": context}


def _session(call: Call) -> Any:
    """Return moto's session of an assumed role; None for any other caller."""
    return sts_backends[call.account]["aws"].get_assumed_role_from_access_key(call.access_key)


def _source_identity(call: Call) -> str | None:
    return getattr(_session(call), "source_identity", None)
