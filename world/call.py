"""One request to AWS, and who makes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from world.account import Account


@dataclass(frozen=True, slots=True)
class UserProfile:
    """A user of SageMaker Studio."""

    domain: str
    name: str


@dataclass(frozen=True, slots=True)
class Role:
    """The role that a caller has assumed."""

    arn: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal of a request, as AWS knows it from the credentials. `role` is None for a user of IAM.

    `source_identity` and `profile` are None if the session has none.
    """

    arn: str
    principal_id: str
    role: Role | None = None
    source_identity: str | None = None
    profile: UserProfile | None = None
    access_key: str = ""

    def user_context(self, account: Account) -> dict[str, Any]:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UserContext.html"""
        identity = {"Arn": self.arn, "PrincipalId": self.principal_id}
        if self.source_identity:
            identity["SourceIdentity"] = self.source_identity
        if self.profile is None:
            return {"IamIdentity": identity}
        return {
            "UserProfileArn": account.sagemaker(f"user-profile/{self.profile.domain}/{self.profile.name}"),
            "UserProfileName": self.profile.name,
            "DomainId": self.profile.domain,
            "IamIdentity": identity,
        }

    def user_identity(self, account: Account) -> dict[str, Any]:
        """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html"""
        identity = {
            "principalId": self.principal_id,
            "arn": self.arn,
            "accountId": account.id,
            "accessKeyId": self.access_key,
        }
        if self.role is None:
            return {"type": "IAMUser", **identity, "userName": self.arn.rsplit("/", 1)[-1]}
        issuer = {
            "type": "Role",
            "principalId": self.role.id,
            "arn": self.role.arn,
            "accountId": account.id,
            "userName": self.role.name,
        }
        context: dict[str, Any] = {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}}
        if self.source_identity:
            context["sourceIdentity"] = self.source_identity
        return {"type": "AssumedRole", **identity, "sessionContext": context}


@dataclass(frozen=True, slots=True)
class Call:
    """A request with the types of botocore's client. `caller` is None if SageMaker does not say who it is, as with
    calls of its own features."""

    request: dict[str, Any]
    caller: Caller | None = None


Operation = Callable[[Call], dict[str, Any]]
"""An operation of AWS's API. It raises Refusal."""
