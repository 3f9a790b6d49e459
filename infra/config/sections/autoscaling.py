"""The autoscaling section of endpoints.yaml: how many instances the variant has, and when."""

from typing import Annotated

from pydantic import Field

from infra.config import limits
from infra.config.sections.section import Section, whole

_MIN = whole(1, 10_000, "never fewer instances than these", 2)
_MAX = whole(1, 10_000, "never more instances than these", 8)


class Scheduled(Section):
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html"""

    name: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
            max_length=63,
            description="the action's name: 1 to 63 lower-case letters, digits and hyphens inside",
            examples=["morning"],
        ),
    ]
    schedule: Annotated[
        str,
        Field(
            pattern=r"^(cron\([^()\s]+( [^()\s]+){5}\)|at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\))$",
            max_length=256,
            description="cron(minutes hours day-of-month month day-of-week year), or at(yyyy-mm-ddThh:mm:ss)",
            examples=["cron(0 8 ? * MON-FRI *)"],
        ),
    ]
    time_zone: Annotated[
        str,
        Field(min_length=1, description="a time zone of the IANA database, in which schedule counts", examples=["UTC"]),
    ] = "UTC"
    min: Annotated[int, _MIN]
    max: Annotated[int, _MAX]


class Autoscaling(Section):
    """https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html"""

    min: Annotated[int, _MIN]
    max: Annotated[int, _MAX]
    invocations_per_instance: Annotated[
        int, whole(1, 10_000_000, "requests a minute that each instance is to answer", 1000)
    ]
    scale_in_cooldown_seconds: Annotated[
        int, whole(*limits.COOLDOWN_SECONDS, "seconds from one removal of instances to the next", 300)
    ] = 300
    scale_out_cooldown_seconds: Annotated[
        int, whole(*limits.COOLDOWN_SECONDS, "seconds from one addition of instances to the next", 300)
    ] = 300
    scheduled: Annotated[
        list[Scheduled],
        Field(
            max_length=limits.SCHEDULED,
            description=f"a list of at most {limits.SCHEDULED} times at which min and max change",
            examples=[[]],
        ),
    ] = Field(default_factory=list)
