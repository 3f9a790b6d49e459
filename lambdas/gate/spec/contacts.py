"""Whom to ask about an endpoint, and where to read on."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lambdas.gate import codec


@dataclass(frozen=True)
class Contacts:
    """`owner`: the team or person that the endpoint belongs to. `on_call`: how to reach who is on call. `runbook`: a
    URL. `description`: what the endpoint is for. None: the entry does not say it."""

    owner: str | None = field(default=None, metadata=codec.LEFT_OUT)
    on_call: str | None = field(default=None, metadata=codec.LEFT_OUT)
    runbook: str | None = field(default=None, metadata=codec.LEFT_OUT)
    description: str | None = field(default=None, metadata=codec.LEFT_OUT)

    def labelled(self) -> Iterator[tuple[str, str]]:
        """Yield label and text of what the entry says."""
        found = (
            ("owner", self.owner),
            ("on call", self.on_call),
            ("runbook", self.runbook),
            ("about", self.description),
        )
        yield from ((label, text) for label, text in found if text is not None)
