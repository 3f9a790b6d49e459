"""The keys of `notifications`."""

from typing import Annotated

from infra.config.sections.section import Section, key
from infra.config.sections.texts import TimeZone


class Notifications(Section):
    """The messages to the topic `approval-gate-notifications`."""

    EXAMPLE = "notifications: {time_zone: Europe/Berlin}"
    time_zone: Annotated[TimeZone, key("Time zone in which notifications say times, besides UTC.")] = "UTC"
