"""The ledger section of endpoints.yaml: what is kept of the ledger outside of it."""

from typing import Annotated, Literal

from pydantic import Field

from infra.config.sections.section import Section, whole


class Copy(Section):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html"""

    mode: Annotated[
        Literal["GOVERNANCE", "COMPLIANCE"],
        Field(
            description="GOVERNANCE, which a special permission can lift, or COMPLIANCE, which nobody can",
            examples=["GOVERNANCE"],
        ),
    ]
    retention_days: Annotated[int, whole(1, 36_500, "days in which no copy of a row can be deleted", 365)]


class Ledger(Section):
    """What is done with each row besides keeping it."""

    # By another name in Python, since pydantic's models have a method `copy`.
    write_once: Annotated[
        Copy | None,
        Field(
            alias="copy",
            description="a bucket with Object Lock that each row is copied to; null for none",
        ),
    ] = None
    annotate_registry: Annotated[
        bool,
        Field(
            description="true or false: a version's CustomerMetadataProperties say where it is live or was rolled back",
            examples=[False],
        ),
    ] = False
