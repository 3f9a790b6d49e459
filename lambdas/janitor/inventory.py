"""The inventory: all that decides what is garbage, besides the policy and the time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import BUSY


class Kind(StrEnum):
    """The kinds of resources, in the order of their deletion: alarms and endpoints first, because they cost money, and
    models after the configs that name them."""

    ALARM = "alarm"
    ENDPOINT = "endpoint"
    CONFIG = "endpoint config"
    MODEL = "model"


@dataclass(frozen=True)
class Thing:
    """A model, an endpoint config or an alarm. `made_at`: when it was created, or for an alarm when it was last put, in
    seconds since 1970. `endpoint`: the endpoint that it was made for; None if that is not known."""

    kind: Kind
    name: str
    made_at: float
    endpoint: str | None


@dataclass(frozen=True)
class Hosted:
    """What the janitor needs of DescribeEndpoint's answer. Times in seconds since 1970. `alarms`: the alarms in
    LastDeploymentConfig. `is_updated`: True if there is a LastDeploymentConfig, so that it was updated at least
    once."""

    name: str
    arn: str
    status: str
    config: str
    made_at: float
    modified_at: float
    pending_config: str | None = None
    alarms: tuple[str, ...] = ()
    is_updated: bool = False

    @property
    def is_busy(self) -> bool:
        return self.status in BUSY


@dataclass(frozen=True)
class Failure:
    """What is known about an endpoint in status Failed. `rows`: its rows. `is_opted_in`: True if it has the tag.
    `requests`: how many requests it ever answered."""

    rows: tuple[Row, ...]
    is_opted_in: bool
    requests: int


@dataclass(frozen=True)
class Inventory:
    """`endpoints`: all endpoints of the account and Region, the gate's or not. `things`: the gate's resources that are
    old enough to be garbage. `heads`: the head of each endpoint, and of each that a thing was made for. `named_models`:
    the models in all existing configs of the gate, and in all configs that an endpoint serves or may go back to.
    `failures`: about the endpoints that may be deleted. `unread`: endpoint → why its head or rows cannot be read by
    this version. Such an endpoint has no head here, so that all its resources stay.
    """

    endpoints: tuple[Hosted, ...] = ()
    things: tuple[Thing, ...] = ()
    heads: Mapping[str, Head | None] = field(default_factory=dict)
    named_models: frozenset[str] = frozenset()
    failures: Mapping[str, Failure] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
