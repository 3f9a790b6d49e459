"""The keys of `autoscaling`."""

from typing import Annotated

from pydantic import Field, StringConstraints

from infra.config import derived, limits
from infra.config.sections.section import Allowed, Section, key, whole
from infra.config.sections.texts import Label, TimeZone

Schedule = Annotated[
    str,
    StringConstraints(
        pattern=r"^(cron\([^()\s]+( [^()\s]+){5}\)|at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\))$",
        max_length=256,
    ),
    Allowed(
        "cron(minutes hours day-of-month month day-of-week year) or at(yyyy-mm-ddThh:mm:ss)",
        "cron(0 8 ? * MON-FRI *)",
        derived.schedule,
    ),
]


class Scheduled(Section):
    """A time at which `min` and `max` change.

    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html"""

    EXAMPLE = """\
autoscaling:
  min: 2
  max: 8
  invocations_per_instance: 1000
  scheduled:
    - {name: morning, schedule: cron(0 8 ? * MON-FRI *), time_zone: Europe/Berlin, min: 4, max: 12}"""
    name: Annotated[Label, key("Name of the scheduled action.", "morning")]
    schedule: Annotated[Schedule, key("When the action takes place.")]
    time_zone: Annotated[TimeZone, key("Time zone of `schedule`.")] = "UTC"
    min: Annotated[int, whole(1, 10_000, "Fewest instances from then on.", 2)]
    max: Annotated[int, whole(1, 10_000, "Most instances from then on.", 8)]


class Autoscaling(Section):
    """How many instances the variant has, by its requests and by the clock. A change starts no rollout.
    docs/examples/autoscaling.yaml has every key.

    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html"""

    EXAMPLE = "autoscaling: {min: 2, max: 8, invocations_per_instance: 1000}"
    min: Annotated[
        int, whole(1, 10_000, "Fewest instances. At least 2, unless the strategy of the rollout is `all-at-once`.", 2)
    ]
    max: Annotated[int, whole(1, 10_000, "Most instances.", 8)]
    invocations_per_instance: Annotated[
        int, whole(1, 10_000_000, "Requests per minute for each instance, which the number of instances follows.", 1000)
    ]
    scale_in_cooldown_seconds: Annotated[
        int, whole(*limits.COOLDOWN_SECONDS, "Seconds between two removals of instances.")
    ] = 300
    scale_out_cooldown_seconds: Annotated[
        int, whole(*limits.COOLDOWN_SECONDS, "Seconds between two additions of instances.")
    ] = 300
    scheduled: Annotated[
        list[Scheduled], key("Times at which `min` and `max` change.", max_length=limits.SCHEDULED)
    ] = Field(default_factory=list)
