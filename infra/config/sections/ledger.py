"""The keys of `ledger`."""

from typing import Annotated, Literal

from pydantic import Field

from infra.config.sections.section import Section, key, whole
from infra.config.sections.texts import KmsKey


class Copy(Section):
    """A bucket with Object Lock that gets a copy of every row.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html"""

    mode: Annotated[
        Literal["GOVERNANCE", "COMPLIANCE"],
        key("A special permission can lift the lock of GOVERNANCE. Nobody can lift that of COMPLIANCE."),
    ]
    retention_days: Annotated[int, whole(1, 36_500, "Days in which no copy of a row can be deleted.", 365)]


class Ledger(Section):
    """What protects the ledger, and what is written about each row outside of its table."""

    EXAMPLE = "ledger: {annotate_registry: true, seal: true, copy: {mode: GOVERNANCE, retention_days: 365}}"
    # By another name in Python, since pydantic's models have a method `copy`.
    write_once: Annotated[
        Copy | None, Field(alias="copy", description="Write-once copy of every row, in a bucket with Object Lock.")
    ] = None
    annotate_registry: Annotated[
        bool,
        key("True writes to a version's CustomerMetadataProperties where it is live or was rolled back."),
    ] = False
    seal: Annotated[
        bool,
        key("True seals each row by a KMS key that only the functions which write rows may use. `verify` checks it."),
    ] = False
    kms_key: Annotated[
        KmsKey | None,
        key("KMS key for the ledger's table, instead of one of AWS's. Its policy must let DynamoDB's callers use it."),
    ] = None
