"""Which role reads what an endpoint's versions load: the deployer's own, or the reader role of the endpoint's stack.

The deployer's own role names the buckets and registries of the entries in the file that was deployed last. The reader
role names those of its own entry, and lasts as long as the endpoint's stack. So an entry may be removed from the file
before its stack.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.clients import EVIDENCE, ClientMaker, Credentials
from lambdas.gate.aws.container import buckets
from lambdas.gate.aws.errors import Forbidden, Missing, Unreadable, reading
from lambdas.gate.settings import bucket_mark
from lambdas.gate.spec.spec import Spec

ANY = "*"
SESSION = names.DEPLOYER
"""The name of the sessions, which CloudTrail and S3's access logs show."""
MARGIN = 300
"""Seconds before its end in which a session is not used any more."""


@dataclass(frozen=True)
class Named:
    """`buckets`: the marks of those that the deployer's own role names. `registries`: the accounts of ECR; `*` for any.
    `readers`: what the ARNs of the reader roles begin with."""

    buckets: frozenset[str]
    registries: frozenset[str]
    readers: str = ""


@dataclass(frozen=True)
class _Session:
    credentials: Credentials
    expires: float


class Readers:
    """`client`: makes the clients when something is first read. With some specs most approvals read nothing, and nearly
    every approval meets a cold start. `clock`: returns seconds since 1970."""

    def __init__(self, client: ClientMaker, named: Named, clock: Callable[[], float]) -> None:
        self._client = client
        self._named = named
        self._clock = clock
        self._sessions: dict[str, _Session] = {}

    def s3(self, spec: Spec, bucket: str) -> Any:
        """Return the client that may read the bucket. Raises Unreadable if no role of this gate names it: the version
        cannot help that, so it is held."""
        if bucket_mark(bucket) in self._named.buckets:
            return self._client("s3", EVIDENCE)
        if bucket in buckets(spec.model_artifacts, spec.gate.reports, spec.serving.variables):
            return self._as_reader("s3", spec.endpoint, f"the bucket {bucket}")
        raise Unreadable(
            f"the bucket {bucket} is none that the deployed entry of {spec.endpoint} names: if endpoints.yaml names "
            "it, deploy the entry again: make deploy"
        )

    def ecr(self, spec: Spec, account: str) -> Any:
        """Return the client that may read the images of a registry. Raises Unreadable."""
        if not self._named.registries.isdisjoint((ANY, account)):
            return self._client("ecr", EVIDENCE)
        return self._as_reader("ecr", spec.endpoint, f"the registry {account}")

    def _as_reader(self, service: str, endpoint: str, place: str) -> Any:
        session = self._sessions.get(endpoint)
        if session is None or session.expires - MARGIN <= self._clock():
            session = self._sessions[endpoint] = self._assumed(endpoint, place)
        return self._client(service, EVIDENCE, session.credentials)

    def _assumed(self, endpoint: str, place: str) -> _Session:
        """Return a session of the endpoint's reader role. Raises Unreadable, and no kind of it that voids an approval
        if the role is missing: STS answers then as if it were denied.
        https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"""
        role = self._named.readers + names.reader(endpoint).removeprefix(names.READER)
        stack, sts = f"{names.STACK}-{endpoint}", self._client("sts", EVIDENCE)
        try:
            with reading(f"{place} as {role}"):
                answer = sts.assume_role(RoleArn=role, RoleSessionName=SESSION)
        except (Missing, Forbidden) as error:
            raise Unreadable(
                f"the deployer's role does not name {place}, and the role {role} cannot be assumed: deploy the stack "
                f"{stack} again: make deploy; if its entry was removed while the stack stands, put the entry back and "
                "deploy, or delete the stack"
            ) from error
        given = answer["Credentials"]
        credentials = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return _Session(credentials, given["Expiration"].timestamp())
