"""The keys of `janitor`."""

from typing import Annotated, Literal

from infra.config import limits
from infra.config.sections.section import Section, key, whole
from lambdas.janitor.policy import Mode, Policy


class Janitor(Section):
    """The deletion of what Approval Gate made and nothing needs any more. See docs/roll-out-and-back.md."""

    EXAMPLE = "janitor: {mode: delete, retention_days: 30}"
    mode: Annotated[
        Literal["dry-run", "delete", "off"],
        key("`dry-run` reports once a day what would be deleted, `delete` deletes it, and `off` does neither."),
    ] = "dry-run"
    retention_days: Annotated[
        int, whole(1, 3650, "Days after which an unused model, endpoint config or alarm is deleted.")
    ] = 30
    keep_good: Annotated[
        int,
        whole(
            1, limits.KEEP_GOOD, "Number of former good versions whose endpoint configs are kept, however old they are."
        ),
    ] = 3
    failed_endpoint_days: Annotated[
        int, whole(1, 3650, "Days after which an endpoint is deleted whose creation failed and that never served.")
    ] = 7

    def policy(self) -> Policy | None:
        """Return the janitor's policy, or None if there is to be no janitor."""
        if self.mode == "off":
            return None
        return Policy(
            mode=Mode(self.mode),
            retention_days=self.retention_days,
            keep_good=self.keep_good,
            failed_endpoint_days=self.failed_endpoint_days,
        )
