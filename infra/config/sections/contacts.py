"""The keys of `contacts`."""

from typing import Annotated

from infra.config.sections.section import Section, key
from infra.config.sections.texts import Description, Line, Url


class Contacts(Section):
    """Whom to ask about the endpoint. Notifications, the commands and the dashboard show it. A change starts no
    rollout."""

    INHERITED_BY_KEY = True
    EXAMPLE = """\
contacts:
  owner: Fraud Analytics
  on_call: "#fraud-on-call"
  runbook: https://wiki.example.com/fraud-detection"""
    owner: Annotated[Line | None, key("Team or person that the endpoint belongs to.", "Fraud Analytics")] = None
    on_call: Annotated[Line | None, key("How to reach who is on call: a channel, a number.", "#fraud-on-call")] = None
    runbook: Annotated[
        Url | None, key("Your own page about the endpoint.", "https://wiki.example.com/fraud-detection")
    ] = None
    description: Annotated[
        Description | None, key("What the endpoint is for.", "Scores card payments; checkout waits for it.")
    ] = None
