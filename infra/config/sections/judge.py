"""The keys of `judge`."""

from typing import Annotated, Literal

from infra.config.sections.section import Section, key, whole


class Judge(Section):
    """The comparison of a new version with the live one, by the requests that both answer in the same minutes of a
    rollout. It finds regressions that no threshold sees. See docs/judge.md."""

    INHERITED_BY_KEY = True
    EXAMPLE = "judge: {mode: revert, margin_percent: 0.2, latency: observe, slower_than_ms: 200}"
    mode: Annotated[
        Literal["revert", "observe", "off"],
        key(
            "`revert` stops the rollout of a version that fails more often than the live one, `observe` only records "
            "the verdict, and `off` compares nothing."
        ),
    ] = "observe"
    margin_percent: Annotated[
        float,
        key(
            "A version is worse only if it fails this many percentage points more of its requests than the live one.",
            ge=0,
            lt=100,
            allow_inf_nan=False,
        ),
    ] = 0.2
    warm_up_minutes: Annotated[
        int, whole(1, 60, "Minutes that do not count after more traffic was moved to the new version.")
    ] = 2
    must_see_percent: Annotated[
        float,
        key(
            "If only a regression of more percentage points would have been seen, the comparison is inconclusive, and "
            "`evidence.otherwise` says what follows.",
            gt=0,
            le=100,
            allow_inf_nan=False,
        ),
    ] = 10
    latency: Annotated[
        Literal["revert", "observe", "off"],
        key(
            "The same for slow requests instead of failed ones. `observe` only records the verdict, and `revert` needs "
            "`mode: revert`."
        ),
    ] = "observe"
    slower_than_ms: Annotated[
        int | None,
        whole(
            1,
            3_600_000,
            "A request is slow if the model takes more milliseconds. The default is `rollback_on.p99_latency_ms`.",
            200,
        ),
    ] = None
