"""The janitor section of endpoints.yaml: what is deleted of what the gate made and nothing needs any more."""

from typing import Annotated, Literal

from pydantic import Field

from infra.config import limits
from infra.config.sections.section import Section, whole
from lambdas.janitor.policy import Mode, Policy


class Janitor(Section):
    mode: Annotated[
        Literal["dry-run", "delete", "off"],
        Field(
            description="dry-run, which says once a day what it would delete, delete, which does it, or off",
            examples=["dry-run"],
        ),
    ] = "dry-run"
    retention_days: Annotated[
        int, whole(1, 3650, "days after which a model, an endpoint config or an alarm may go", 30)
    ] = 30
    keep_good: Annotated[
        int, whole(1, limits.KEEP_GOOD, "configs of good versions behind the live one that stay, however old", 3)
    ] = 3
    failed_endpoint_days: Annotated[
        int, whole(1, 3650, "days after which an endpoint may go whose creation failed and that never served", 7)
    ] = 7

    def policy(self) -> Policy | None:
        """None where there is to be no janitor."""
        if self.mode == "off":
            return None
        return Policy(
            mode=Mode(self.mode),
            retention_days=self.retention_days,
            keep_good=self.keep_good,
            failed_endpoint_days=self.failed_endpoint_days,
        )
