"""The keys of `metrics`."""

from typing import Annotated, Literal

from infra.config.sections.section import Section, key


class Metrics(Section):
    """How often SageMaker publishes the endpoint's metrics, and so how soon an alarm can fire."""

    EXAMPLE = "metrics: {publish_seconds: 10}"
    publish_seconds: Annotated[
        Literal[10, 30, 60],
        key(
            "Seconds between two datapoints of the endpoint's metrics, and the period of its alarms. Alarms of less "
            "than 60 seconds cost more."
        ),
    ] = 60
