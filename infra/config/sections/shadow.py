"""The keys of `shadow`."""

from typing import Annotated

from infra.config import limits
from infra.config.sections.section import Section, key, whole


class Shadow(Section):
    """A new version first gets copies of the live version's requests, and no caller gets its answers. Then it is rolled
    out, or the shadow goes. See docs/shadow.md.

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
