"""The keys of `notifications`."""

from typing import Annotated, Literal

from infra.config.sections.section import Section, key
from infra.config.sections.texts import TimeZone


class Notifications(Section):
    """The messages to the topic `approval-gate-notifications`."""

    EXAMPLE = "notifications: {format: chat, buttons: true, time_zone: Europe/Berlin}"
    format: Annotated[
        Literal["email", "chat"],
        key("`email` is text. `chat` is JSON for Amazon Q Developer in chat applications, which mail shows raw."),
    ] = "email"
    buttons: Annotated[
        bool, key("True makes buttons for the chat: one explains an endpoint, the other aborts a rollout.")
    ] = False
    time_zone: Annotated[TimeZone, key("Time zone in which notifications say times, besides UTC.")] = "UTC"
