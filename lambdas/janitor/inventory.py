"""What there is: everything the decision what is garbage may look at, besides the policy and the time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lambdas.gate.state.fact import Row
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import BUSY


class Kind(StrEnum):
    """In the order in which they are deleted: first what costs money, a model after the configs."""

    ALARM = "alarm"
    ENDPOINT = "endpoint"
    CONFIG = "endpoint config"
    MODEL = "model"


@dataclass(frozen=True)
class Thing:
    """A model, an endpoint config or an alarm. `made_at` in seconds since 1970, of an alarm when it was last put.
    `endpoint`: the one that it was made for; None where nothing says so."""

    kind: Kind
    name: str
    made_at: float
    endpoint: str | None


@dataclass(frozen=True)
class Hosted:
    """DescribeEndpoint, as far as the janitor needs it. Times in seconds since 1970. `alarms`: LastDeploymentConfig's;
    `is_updated`: there is such a config, so it was updated at least once."""

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
    """About an endpoint that is Failed: its rows, whether it carries the tag, and how many requests it ever had."""

    rows: tuple[Row, ...]
    is_opted_in: bool
    requests: int


@dataclass(frozen=True)
class Inventory:
    """`endpoints`: all of the account and Region, the gate's or not. `heads`: of each endpoint, and of each that a
    thing was made for. `named_models`: by any config of the gate's that exists, and by any that an
    endpoint serves or may go back to. `unread`: endpoints whose heads or rows are not what this version writes, and
    why; they have no head here, so that all of theirs stays."""

    endpoints: tuple[Hosted, ...] = ()
    things: tuple[Thing, ...] = ()
    heads: Mapping[str, Head | None] = field(default_factory=dict)
    named_models: frozenset[str] = frozenset()
    failures: Mapping[str, Failure] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
