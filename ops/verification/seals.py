"""Do the seals of an endpoint's rows fit? A seal is an HMAC by a KMS key that only the functions which write rows may
use, so a ledger that somebody else wrote anew has none that fits.

Rows from before the seals were turned on have none, and are named. No row without a seal may follow one with a seal.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.aws.seals import ALGORITHM, message
from lambdas.gate.state.fact import Row

GRACE_SECONDS = 3600
"""From the making of the key until the functions seal. A deployment makes the key first."""


@dataclass(frozen=True)
class Keys:
    """`verifies`: whether a key that is trusted made this MAC of the message. `made_at`: when GateStack's key was made,
    in seconds since 1970; None if that is not known. `is_hidden`: True if the caller may not ask."""

    verifies: Callable[[bytes, bytes], bool]
    made_at: float | None = None
    is_hidden: bool = False


def keys(kms: Any, others: Sequence[str] = ()) -> Keys:
    """Return the key of GateStack, and `others` that it had before and that are trusted too. `kms`: a boto3 client."""

    def verifies(text: bytes, mac: bytes) -> bool:
        return any(_verifies(kms, key, text, mac) for key in (names.SEAL_KEY, *others))

    try:
        made_at = kms.describe_key(KeyId=names.SEAL_KEY)["KeyMetadata"]["CreationDate"].timestamp()
    except ClientError as error:
        match error.response["Error"]["Code"]:
            case "NotFoundException":
                return Keys(verifies)
            case "AccessDeniedException":
                return Keys(verifies, is_hidden=True)
        raise
    return Keys(verifies, made_at)


def first_misfit(rows: Iterable[Row], keys: Keys) -> str | None:
    """Return what is wrong with the first row whose seal does not fit, or that should have one; None if all fit."""
    since = 0
    for row in rows:
        if row.seal is None:
            if since:
                return f"row {row.number} has no seal, and row {since} has one"
            if keys.made_at is not None and row.fact.at > keys.made_at + GRACE_SECONDS:
                return f"row {row.number} has no seal, and was written after the key {names.SEAL_KEY} was made"
            continue
        since = since or row.number
        if not _fits(row, row.seal, keys):
            return f"the seal of row {row.number} does not fit, or its key cannot be used"
    return None


def coverage(rows: Sequence[Row], keys: Keys) -> str | None:
    """Return a sentence about the seals of a ledger in which none is wrong; None if it has no seals."""
    since = next((row.number for row in rows if row.seal is not None), None)
    if since == 1:
        return "Every row has a seal that fits."
    if since is not None:
        return f"The rows from {since} on have seals that fit. Row {since - 1} and those before it are unsealed."
    if keys.made_at is not None:
        return f"No row is sealed yet: all were written before the key {names.SEAL_KEY} was in use."
    return f"No row is sealed. You may not ask whether there is a key {names.SEAL_KEY}." if keys.is_hidden else None


def _fits(row: Row, seal: str, keys: Keys) -> bool:
    try:
        return keys.verifies(message(row), base64.b64decode(seal, validate=True))
    except binascii.Error:
        return False


def _verifies(kms: Any, key: str, text: bytes, mac: bytes) -> bool:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html"""
    try:
        kms.verify_mac(KeyId=key, Message=text, Mac=mac, MacAlgorithm=ALGORITHM)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("KMSInvalidMacException", "NotFoundException"):
            return False
        raise
    return True
