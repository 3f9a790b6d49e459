"""The keys of `rollback_on`."""

from typing import Annotated

from pydantic import Field

from infra.config import limits
from infra.config.sections.section import Section, key, whole
from infra.config.sections.texts import Alarm
from lambdas.gate.rollout import alarms


class RollbackOn(Section):
    """The alarms that roll a new version back during its rollout, and revert it in the watch window afterwards. One of
    your own alarms counts from when the entry first names it. See docs/after-the-bake.md."""

    INHERITED_BY_KEY = True
    EXAMPLE = "rollback_on: {error_rate_percent: 8, p99_latency_ms: 500, alarms: [checkout-conversion-low]}"
    error_rate_percent: Annotated[
        float,
        key(
            "Share of failed requests in percent, above which an alarm fires. At least "
            f"{alarms.LEAST_FAILURES} of the period's requests must have failed.",
            ge=0,
            lt=100,
        ),
    ] = 8
    p99_latency_ms: Annotated[
        int,
        whole(
            1,
            3_600_000,
            "99th percentile of the model's latency in milliseconds, above which an alarm fires; the 90th with fewer "
            f"than {alarms.REQUESTS_FOR_P99} requests a period. Not for asynchronous endpoints.",
        ),
    ] = 1000
    average_latency_ms: Annotated[
        int | None,
        whole(
            1,
            3_600_000,
            "Average latency of the model in milliseconds, above which an alarm fires. Only for asynchronous "
            "endpoints, which have no percentiles.",
            60_000,
        ),
    ] = None
    alarms: Annotated[
        list[Alarm],
        key(
            f"Your own alarms, in this account and Region. A rollout takes {limits.ROLLBACK_ALARMS} alarms, and "
            f"{limits.OWN_ALARMS} of them are Approval Gate's own, or {limits.OWN_ALARMS + 1} with `golden_requests`.",
            ["checkout-conversion-low"],
            max_length=limits.USER_ALARMS,
            json_schema_extra={"uniqueItems": True},
        ),
    ] = Field(default_factory=list)
    watch_seconds: Annotated[
        int,
        whole(
            0,
            604_800,
            "Seconds after a rollout in which the watch alarm, the latency alarm or one of yours still reverts it.",
        ),
    ] = 3600
