"""What an endpoint serves at one moment, as `get` and the demo's panel show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fleet:
    """The instances that serve one endpoint config. `name`: the version, such as v3, or the config's name. `is_new`:
    True if a rollout is putting it live. `share`: its part of the traffic, 0 to 1; None if nothing tells that.
    `requests`, `failures`: how many of its requests were counted, and how many of these failed; None if nothing counts
    them."""

    name: str
    is_new: bool
    share: float | None = None
    requests: int | None = None
    failures: int | None = None


@dataclass(frozen=True)
class EndpointView:
    """`state`: SageMaker's words for the endpoint and its new fleet. `fleets`: the old one first. `counted`: in which
    time the requests were counted, in words. `alarms`: those of the rollout, `standing`: the endpoint's own; both map a
    signal to its StateValue. `unread`: what AWS did not let the caller read, in sentences."""

    state: str
    fleets: tuple[Fleet, ...] = ()
    counted: str = ""
    alarms: Mapping[str, str] = field(default_factory=dict)
    standing: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
