"""The capacity section of endpoints.yaml: how long AWS is asked again for instances that are not to be had."""

from typing import Annotated

from infra.config.sections.section import Section, whole
from lambdas.gate.timing import CAPACITY_SECONDS


class Capacity(Section):
    """InsufficientInstanceCapacity and exhausted quotas pass in hours, or not at all."""

    retry_seconds: Annotated[
        int, whole(0, 604_800, "seconds in which a rollout without capacity is tried again", 14_400)
    ] = CAPACITY_SECONDS
