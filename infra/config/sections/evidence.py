"""The evidence section of endpoints.yaml: how many requests have to judge a version, and what follows from too few."""

from typing import Annotated, Literal

from pydantic import Field

from infra.config.sections.section import Section, whole


class Evidence(Section):
    """SageMaker counts no requests: without traffic no alarm fires, and a bad version passes."""

    min_requests: Annotated[
        int, whole(0, 1_000_000_000, "requests that the new fleet has to answer during a rollout", 200)
    ] = 0
    otherwise: Annotated[
        Literal["alert", "revert", "accept"],
        Field(
            description="what follows from fewer: alert tells people, revert brings the version before back, accept "
            "only says so in the ledger",
            examples=["alert"],
        ),
    ] = "alert"
