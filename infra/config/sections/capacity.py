"""The keys of `capacity`."""

from typing import Annotated

from infra.config.sections.section import Section, whole
from lambdas.gate.timing import CAPACITY_SECONDS


class Capacity(Section):
    """What happens if AWS has no instances. A lack of capacity or quota ends within hours, or not at all."""

    EXAMPLE = "capacity: {retry_seconds: 28800}"
    retry_seconds: Annotated[
        int,
        whole(0, 604_800, "Seconds for which a rollout is tried again if AWS has no capacity or a quota is exhausted."),
    ] = CAPACITY_SECONDS
