"""The keys of `evidence`."""

from typing import Annotated, Literal

from infra.config.sections.section import Section, key, whole


class Evidence(Section):
    """The minimum of requests that must judge a rollout. Without requests no alarm fires, and a bad version passes."""

    EXAMPLE = "evidence: {min_requests: 200, otherwise: revert}"
    min_requests: Annotated[
        int,
        whole(
            0,
            1_000_000_000,
            "Requests that the new fleet must answer during a rollout. Fewer make its success inconclusive.",
            200,
        ),
    ] = 0
    otherwise: Annotated[
        Literal["alert", "revert", "accept"],
        key(
            "What follows an inconclusive rollout, also by the judge: `alert` sends an alert, `revert` brings the last "
            "good version back, and `accept` only records it."
        ),
    ] = "alert"
