"""A function's settings in its environment variables. Infra writes them with `to_env`, the functions read them with
`from_env`."""

import dataclasses
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from lambdas.gate import names

_PREFIX = "APPROVAL_GATE_"
_TRUE = "true"
_FLAGS = ("annotate_registry", "floor")
ROLE_ID = f"{_PREFIX}ROLE_ID"
"""The variable with the unique id of the function's role. Only the deployer has it."""
CHAT = "chat"
"""The value of `notification_format` for the JSON that Amazon Q Developer shows in chats."""
AGAIN = f"deploy the stack {names.STACK} again: make deploy"


def bucket_mark(bucket: str) -> str:
    """Return a short mark of a bucket's name."""
    return hashlib.sha256(bucket.encode()).hexdigest()[:6]


def bucket_marks(buckets: Collection[str]) -> str:
    """Return the marks of the buckets as Settings has them. The names would not fit into the 4 KB of a function's
    environment. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    return " ".join(map(bucket_mark, buckets))


class SettingsError(RuntimeError):
    """An environment variable is missing or has a value that is not allowed."""


def role_id(environ: Mapping[str, str]) -> str:
    """Return the unique id of the function's own role."""
    if found := environ.get(ROLE_ID):
        return found
    raise SettingsError(f"The function's environment lacks {ROLE_ID}; {AGAIN}.")


@dataclass(frozen=True)
class Queues:
    """The queues that the deployer is invoked by. `orders_arn`: what Lambda writes into the records of orders."""

    inbox_url: str
    orders_url: str
    orders_arn: str


@dataclass(frozen=True)
class Settings:
    """`orders_url`, `orders_arn`: the queue of operators' orders, which only the deployer reads. `copy_bucket`: the
    bucket of the ledger's write-once copy; empty if there is none. `annotate_registry`: True if outcomes are written to
    the versions' CustomerMetadataProperties. `buckets`: the marks of those that the deployer's own role may read, with
    a space between two. `registries`: the accounts of ECR that it may read images of, likewise; `*` for any.
    `readers`: what the ARNs of the endpoints' reader roles begin with. `seal_key`: the ARN of the key that seals the
    rows; empty if they are not sealed. `floor`: True if GateStack deploys a
    floor. A missing parameter is then a fault, and no sign that there is no floor. `asset`: the SHA-256 of
    the functions' code and packages. `time_zone`: in which notifications say times, besides UTC. `notification_format`:
    `email` for text, CHAT for the JSON of a chat."""

    ledger_table: str
    inbox_url: str
    topic_arn: str
    orders_url: str
    orders_arn: str
    copy_bucket: str = ""
    annotate_registry: bool = False
    buckets: str = ""
    registries: str = ""
    readers: str = ""
    seal_key: str = ""
    floor: bool = False
    asset: str = ""
    time_zone: str = "UTC"
    notification_format: str = "email"

    @property
    def queues(self) -> Queues:
        return Queues(self.inbox_url, self.orders_url, self.orders_arn)

    def to_env(self) -> dict[str, str]:
        values = dataclasses.asdict(self) | {flag: _TRUE if getattr(self, flag) else "" for flag in _FLAGS}
        return {_PREFIX + name.upper(): value for name, value in values.items()}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        variables = {field.name: _PREFIX + field.name.upper() for field in dataclasses.fields(cls)}
        missing = [variable for variable in variables.values() if variable not in environ]
        if missing:
            raise SettingsError(f"The function's environment lacks {', '.join(missing)}; {AGAIN}.")
        values: dict[str, Any] = {name: environ[variable] for name, variable in variables.items()}
        return cls(**values | {flag: values[flag] == _TRUE for flag in _FLAGS})


@dataclass(frozen=True)
class EndpointSettings:
    """Settings of a function in an endpoint's stack. `PREFIX`: what the names of its variables begin with. Each field
    is a text or a number, and none may be empty."""

    PREFIX: ClassVar[str]

    endpoint: str

    def to_env(self) -> dict[str, str]:
        return {self.PREFIX + name.upper(): str(value) for name, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        fields = dataclasses.fields(cls)
        values = {field.name: environ.get(cls.PREFIX + field.name.upper(), "") for field in fields}
        missing = [cls.PREFIX + name.upper() for name, value in values.items() if not value]
        if missing:
            stack = f"{names.STACK}-{values['endpoint'] or 'NAME'}"
            raise SettingsError(
                f"The function's environment lacks {', '.join(missing)}; deploy the stack {stack} again: make deploy."
            )
        read: dict[str, Any] = {
            field.name: int(values[field.name]) if field.type is int else values[field.name] for field in fields
        }
        return cls(**read)
