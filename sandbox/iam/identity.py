"""IAM for every request: who calls, and whether the caller's policies allow the request.

IAM restricts functions (assumed roles) and IAM users. It does not restrict keys of no user or role, such as the
operator's, nor the CDK's own roles, which act for an administrator.
"""

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.authorization import ActionAuthenticatorMixin
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.exceptions import S3AccessDeniedError
from moto.sqs.models import sqs_backends
from moto.sts.models import sts_backends

from sandbox.iam import managed_policies, request_parameters, simulation, table_policy, trust_policy
from sandbox.iam.access_denied import AccessDeniedError, as_http
from sandbox.iam.identity_policy import Context, Verdict, decide
from sandbox.iam.permissions.permission import ApiRequest, Permission
from sandbox.iam.permissions.required import required_permissions
from sandbox.s3 import objects

_PARTITION = "aws"
_SERVICES = {"monitoring": "cloudwatch"}
"""The prefix of IAM actions, if a service has another name in signatures."""
_ALWAYS = frozenset({"sts:GetCallerIdentity"})
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


class Decision(NamedTuple):
    principal: str
    action: str
    resource: str
    allowed: bool


@dataclass(frozen=True)
class DeniedRequest:
    """A request that the caller's policies do not allow. `message` is that of the answer."""

    account: str
    region: str
    access_key: str
    operation: str
    parameters: dict[str, Any]
    message: str


@dataclass(frozen=True)
class Caller:
    """`arn` and `principal_id` are those of GetCallerIdentity. Only an assumed role has a `session_name`."""

    arn: str
    principal_id: str
    session_name: str | None = None


class Identity:
    """`tags` returns the tags of a resource by its ARN; {} if it has none or does not exist yet."""

    def __init__(self, tags: Callable[[str], Mapping[str, str]]) -> None:
        self.decisions: list[Decision] = []
        """The decisions on the requests of restricted callers, in order."""
        self.on_denied: Callable[[DeniedRequest], None] = lambda request: None
        """Called with each denied request, except those for S3 and InvokeEndpoint."""
        self._tags = tags

    def install(self) -> None:
        """Authorize each request in place of moto's own checks."""
        identity = self

        def authorize(response: Any, resource: str = "*") -> None:
            credential = _credential(response)
            if credential is None or not identity._is_restricted(credential.access_key, response.current_account):
                return
            operation, parameters = request_parameters.read(response)
            try:
                identity.authorize(
                    credential.service,
                    operation,
                    parameters,
                    credential.access_key,
                    response.region,
                    response.current_account,
                )
            except AccessDeniedError as denied:
                identity.on_denied(
                    DeniedRequest(
                        response.current_account,
                        response.region,
                        credential.access_key,
                        operation,
                        parameters,
                        str(denied),
                    )
                )
                raise as_http(denied, credential.service, response.headers.get("Content-Type", "")) from denied

        def authorize_s3(response: Any, bucket_name: str | None = None, key_name: str | None = None) -> None:
            credential = _credential(response)
            if credential is None:
                return
            operation, parameters = objects.asked(response, bucket_name, key_name)
            key, region, account = credential.access_key, response.region, response.current_account
            try:
                identity.authorize("s3", operation, parameters, key, region, account)
            except AccessDeniedError as denied:
                raise S3AccessDeniedError from denied
            if objects.is_missing(operation, parameters) and not identity.may_list(bucket_name, key, region, account):
                raise S3AccessDeniedError

        managed_policies.serve()
        simulation.serve(_policies_of)
        ActionAuthenticatorMixin._authenticate_and_authorize_normal_action = authorize
        ActionAuthenticatorMixin._authenticate_and_authorize_s3_action = authorize_s3

    def authorize(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, Any],
        access_key_id: str,
        region: str,
        account: str = DEFAULT_ACCOUNT_ID,
    ) -> None:
        """Raise AccessDeniedError if the key's owner may not make this request.

        `service` is named as in signatures or in IAM actions, `operation` and `parameters` as in the API. Raises
        UnknownConditionError if a policy cannot be evaluated.
        """
        service = _SERVICES.get(service, service)
        if f"{service}:{operation}" in _ALWAYS or not self._is_restricted(access_key_id, account):
            return
        arn, role = self.caller(access_key_id, account).arn, _assumed(access_key_id, account)
        principal = role.role_arn if role else arn
        documents = list(self._documents(access_key_id, account))
        for permission in required_permissions(service, ApiRequest(operation, parameters, account, region)):
            self._require(arn, principal, documents, permission, region, account)
            if permission.action == "sts:AssumeRole":
                trust = list(trust_policy.documents(permission.resource, principal))
                self._require(arn, principal, trust, permission, region, account)

    def may_list(self, bucket: str | None, access_key_id: str, region: str, account: str) -> bool:
        """Return whether the key's owner may learn that an object does not exist.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        if not self._is_restricted(access_key_id, account):
            return True
        (permission,) = required_permissions("s3", ApiRequest("ListObjectsV2", {"Bucket": bucket}, account, region))
        documents = self._documents(access_key_id, account)
        return decide(documents, permission.action, permission.resource, permission.context) is Verdict.ALLOWED

    def permits(self, role_arn: str, action: str, resource: str, context: Context | None = None) -> bool:
        """Return whether a role's policies allow an action, for a service that the role is passed to."""
        account = role_arn.split(":")[4]
        name = role_arn.rsplit("/", 1)[-1]
        known = {"aws:principalarn": role_arn, "aws:principalisawsservice": "false", **(context or {})}
        verdict = decide([*_role_policies(name, account), *_denials(resource)], action, resource, known)
        self.decisions.append(Decision(role_arn, action, resource, verdict is Verdict.ALLOWED))
        return verdict is Verdict.ALLOWED

    def caller(self, access_key_id: str, account: str = DEFAULT_ACCOUNT_ID) -> Caller:
        """Return who owns a key. For a key of no user or role, moto's GetCallerIdentity makes up an owner."""
        principal_id, arn, _ = sts_backends[account][_PARTITION].get_caller_identity(access_key_id, "us-east-1")
        role = _assumed(access_key_id, account)
        return Caller(arn, principal_id, role.session_name if role else None)

    def caller_arn(self, access_key_id: str, account: str = DEFAULT_ACCOUNT_ID) -> str:
        return self.caller(access_key_id, account).arn

    def _require(
        self,
        caller: str,
        principal: str,
        documents: list[Mapping[str, Any]],
        permission: Permission,
        region: str,
        account: str,
    ) -> None:
        """Raise AccessDeniedError if the policies do not allow it. `principal`: a user's ARN, or that of the role whose
        session the caller is, as in aws:PrincipalArn.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
        context: dict[str, Any] = {
            "aws:principalarn": principal,
            "aws:principalaccount": account,
            "aws:principalisawsservice": "false",
            "aws:requestedregion": region,
            "aws:resourceaccount": account,
            "aws:securetransport": "true",
            **{f"aws:resourcetag/{key.lower()}": value for key, value in self._tags(permission.resource).items()},
            **permission.context,
        }
        every = [*documents, *_denials(permission.resource), *table_policy.documents(permission.resource)]
        verdict = decide(every, permission.action, permission.resource, context)
        self.decisions.append(Decision(caller, permission.action, permission.resource, verdict is Verdict.ALLOWED))
        if verdict is not Verdict.ALLOWED:
            raise AccessDeniedError(caller, permission.action, permission.resource, verdict)

    def _is_restricted(self, access_key_id: str, account: str) -> bool:
        if role := _assumed(access_key_id, account):
            return ":role/cdk-" not in role.role_arn
        return _user(access_key_id, account) is not None

    def _documents(self, access_key_id: str, account: str) -> Iterator[Mapping[str, Any]]:
        if role := _assumed(access_key_id, account):
            yield from _role_policies(role.role_arn.rsplit("/", 1)[-1], account)
        elif user := _user(access_key_id, account):
            yield from _user_policies(user, account)


@dataclass(frozen=True)
class _Credential:
    access_key: str
    service: str


def _credential(response: Any) -> _Credential | None:
    """Return the access key and the service of a signed request."""
    scope = response.headers.get("Authorization", "").partition("Credential=")[2].split(",")[0].split("/")
    return _Credential(scope[0], _SERVICES.get(scope[3], scope[3])) if len(scope) == 5 else None


def _assumed(access_key_id: str, account: str) -> Any:
    return sts_backends[account][_PARTITION].get_assumed_role_from_access_key(access_key_id)


def _user(access_key_id: str, account: str) -> str | None:
    key = iam_backends[account][_PARTITION].access_keys.get(access_key_id)
    return key.user_name if key else None


def _denials(resource: str) -> Iterator[Mapping[str, Any]]:
    """Yield the denials in the policy of a queue or a key. Within an account they bind every principal; what the policy
    allows is not needed besides the principal's own policies. A key's policy has to let IAM give permissions, as the
    default one does."""
    policy = None
    match resource.split(":"):
        case [_, _, "sqs", region, account, name]:
            queue = sqs_backends[account][region].queues.get(name)
            policy = queue._policy_json if queue else None
        case [_, _, "kms", region, account, name]:
            key = kms_backends[account][region].keys.get(name.removeprefix("key/"))
            policy = json.loads(key.policy) if key else None
    if policy:
        yield {"Statement": [each for each in policy["Statement"] if each["Effect"] == "Deny"]}


def _role_policies(name: str, account: str) -> list[Mapping[str, Any]]:
    """Return the role's policies; none if the role was deleted, so what still runs with the role is denied."""
    roles = iam_backends[account][_PARTITION].roles.values()
    return [
        document
        for role in roles
        if role.name == name
        for document in (*map(_parsed, role.policies.values()), *map(_managed, role.managed_policies.values()))
    ]


def _user_policies(name: str, account: str) -> Iterator[Mapping[str, Any]]:
    backend = iam_backends[account][_PARTITION]
    for owner in (backend.get_user(name), *backend.get_groups_for_user(name)):
        yield from (_parsed(document) for document in owner.policies.values())
        yield from (_managed(policy) for policy in owner.managed_policies.values())


def _policies_of(arn: str) -> list[Mapping[str, Any]]:
    """Return the policies of a user or a role."""
    account, name = arn.split(":")[4], arn.rsplit("/", 1)[-1]
    return _role_policies(name, account) if ":role/" in arn else list(_user_policies(name, account))


def _managed(policy: Any) -> Mapping[str, Any]:
    return _parsed(next(version.document for version in policy.versions if version.is_default))


def _parsed(document: Any) -> Mapping[str, Any]:
    return _parsed_text(document) if isinstance(document, str) else document


@functools.lru_cache(maxsize=1024)
def _parsed_text(document: str) -> Mapping[str, Any]:
    parsed: Mapping[str, Any] = json.loads(document)
    return parsed
