"""The keys of `shadow`."""

from typing import Annotated

from infra.config import limits
from infra.config.sections.section import Section, key, whole
from infra.config.sections.texts import Expression


class Within(Section):
    """How far numbers in two answers may be apart. The larger bound counts."""

    EXAMPLE = """\
shadow: {percent: 20, hours: 24, min_requests: 10000, differ: {within: {relative: 0.01}, max_percent: 1}}
serving: {data_capture: {percent: 0, destination: s3://my-capture/fraud/}}"""
    absolute: Annotated[float, key("The difference.", 0.001, ge=0, le=1_000_000, allow_inf_nan=False)] = 0
    relative: Annotated[
        float, key("The difference as a share of the live version's number.", 0.01, ge=0, le=1, allow_inf_nan=False)
    ] = 0


class Differ(Section):
    """The answers to copies are compared with the live version's. Needs `serving.data_capture`."""

    EXAMPLE = """\
shadow: {percent: 20, hours: 24, min_requests: 10000, differ: {at: score, max_percent: 1}}
serving: {data_capture: {percent: 0, destination: s3://my-capture/fraud/}}"""
    at: Annotated[
        Expression | None,
        key("JMESPath expression whose value is compared. Without it, the whole answers are.", "score"),
    ] = None
    within: Annotated[Within, key("How far numbers may be apart.")] = Within()
    max_percent: Annotated[
        float,
        key(
            "Share of the copies that may be answered differently. If more are, the version is not rolled out.",
            1,
            gt=0,
            le=50,
            allow_inf_nan=False,
        ),
    ]


class Shadow(Section):
    """A new version first gets copies of the live version's requests, and no caller gets its answers. Then it is rolled
    out, or the shadow goes. See docs/shadow.md, and docs/examples/shadow.yaml for an entry to copy.

    https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests.html"""

    EXAMPLE = "shadow: {percent: 20, hours: 24, min_requests: 10000}"
    percent: Annotated[
        int,
        whole(1, 100, "Share of the requests that is copied. Containers with side effects have these twice.", 20),
    ]
    hours: Annotated[int, whole(*limits.SHADOW_HOURS, "How long the version gets copies.", 24)]
    min_requests: Annotated[
        int,
        whole(
            1,
            1_000_000_000,
            "Copies that the version must answer. Fewer are inconclusive, and `evidence.otherwise` says what follows.",
            10_000,
        ),
    ]
    instance_count: Annotated[
        int, whole(1, 10_000, "Instances of the shadow variant, of the type of `variant`. They are not autoscaled.")
    ] = 1
    slower_than_ms: Annotated[
        int | None,
        key(
            "If the version takes this many milliseconds more than the live one on average, the record says so. It "
            "stops no version.",
            50,
            ge=1,
            le=60_000,
        ),
    ] = None
    differ: Annotated[
        Differ | None, key("How answers to copies are compared. Without it, only failures and times are.")
    ] = None
