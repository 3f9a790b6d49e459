"""A watch: an alarm watches the errors of a version for some time after its rollout."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Watch:
    """`config`: the endpoint config of the fleet. `until`: the end of the watch window, in seconds since 1970. `above`:
    the share of failed requests in percent above which the alarm fires."""

    config: str
    until: float
    above: float
