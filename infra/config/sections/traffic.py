"""The traffic section of endpoints.yaml: what the plan of a rollout is computed for. The deployer never reads it."""

from typing import Annotated

from pydantic import Field

from infra.config.sections.section import Section


class Traffic(Section):
    """What the endpoint is asked, and the bad version that the plan is about."""

    requests_per_second: Annotated[
        float,
        Field(
            gt=0,
            le=1_000_000,
            description="a number above 0 to 1000000: the endpoint's requests per second when it is rolled out",
            examples=[20],
        ),
    ]
    bad_version_error_rate_percent: Annotated[
        float,
        Field(
            gt=0,
            le=100,
            description="a number above 0 to 100: the share of its requests that the bad version of the plan fails",
            examples=[5],
        ),
    ] = 5
