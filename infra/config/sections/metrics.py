"""The metrics section of endpoints.yaml: how often SageMaker publishes an endpoint's metrics, and so how soon an alarm
can fire."""

from typing import Annotated, Literal

from pydantic import Field

from infra.config.sections.section import Section


class Metrics(Section):
    """MetricsConfig of the endpoint config, and the periods of the alarms."""

    publish_seconds: Annotated[
        Literal[10, 30, 60],
        Field(
            description="10, 30 or 60: seconds between datapoints of the endpoint's metrics, which are the periods of "
            "its alarms as well; less than 60 are high-resolution alarms",
            examples=[10],
        ),
    ] = 60
