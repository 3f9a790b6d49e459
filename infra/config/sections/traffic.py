"""The keys of `traffic`. The deployer never reads them."""

from typing import Annotated

from infra.config.sections.section import Section, key


class Traffic(Section):
    """The traffic, the bad version and the good one for which the plan of a rollout is computed. Nothing else depends
    on it."""

    INHERITED_BY_KEY = True
    EXAMPLE = "traffic: {requests_per_second: 20, bad_version_error_rate_percent: 5}"
    requests_per_second: Annotated[
        float, key("Requests per second that the endpoint gets during a rollout.", 20, gt=0, le=1_000_000)
    ]
    bad_version_error_rate_percent: Annotated[
        float, key("Share of requests that the bad version of the plan fails, in percent.", gt=0, le=100)
    ] = 5
    background_error_rate_percent: Annotated[
        float,
        key(
            "Share of requests that a good version fails too, in percent, such as requests that no model can answer.",
            ge=0,
            lt=100,
        ),
    ] = 0.5
