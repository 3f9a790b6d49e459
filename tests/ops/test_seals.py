"""The seals of rows: which are checked, which must be there, and what is said of rows without one."""

import base64
import dataclasses
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.gate.aws.seals import Seals, message
from lambdas.gate.spec.spec import SpecSeen
from lambdas.gate.state import chain
from lambdas.gate.state.fact import Fact, Kind, Row
from lambdas.gate.state.head import Head
from ops.verification.seals import Keys, coverage, first_misfit, keys
from tests.lambdas.stubbed import stubbed

MADE = 10_000.0
KEY = "alias/approval-gate-seal"


def mac(text: bytes) -> bytes:
    return hashlib.sha256(b"secret" + text).digest()


def rows(*sealed: bool, at: float = 1000.0) -> list[Row]:
    facts = tuple(Fact(Kind.ALERT, at + n, f"fact {n}") for n in range(len(sealed)))
    _, made = chain.append(Head("churn", SpecSeen(1, 1.0), 1.0), facts)
    return [seal(row) if one else row for row, one in zip(made, sealed, strict=True)]


def seal(row: Row) -> Row:
    return dataclasses.replace(row, seal=base64.b64encode(mac(message(row))).decode())


WITH_KEY, WITHOUT = (Keys(lambda text, given: given == mac(text), made_at) for made_at in (MADE, None))
HIDDEN = dataclasses.replace(WITHOUT, is_hidden=True)
FORGED = [dataclasses.replace(each, seal=rows(True, True)[1].seal) for each in rows(True)]
NO_SEAL = [dataclasses.replace(each, seal="no base64") for each in rows(True)]
LATE = MADE + 3601


@pytest.mark.parametrize(
    ("given", "known", "problem"),
    [
        ([], WITH_KEY, None),
        (rows(True, True), WITH_KEY, None),
        (rows(False, True, True), WITH_KEY, None),
        (rows(False, False), WITH_KEY, None),
        (rows(False, False), WITHOUT, None),
        (rows(True, False, True), WITH_KEY, "row 2 has no seal, and row 1 has one"),
        (rows(True, False), WITHOUT, "row 2 has no seal, and row 1 has one"),
        (FORGED, WITH_KEY, "the seal of row 1 does not fit, or its key cannot be used"),
        (NO_SEAL, WITH_KEY, "the seal of row 1 does not fit, or its key cannot be used"),
        (rows(False, at=MADE + 3600), WITH_KEY, None),
        (rows(False, at=LATE), WITH_KEY, f"row 1 has no seal, and was written after the key {KEY} was made"),
        (rows(False, at=LATE), WITHOUT, None),
    ],
)
def test_a_row_without_a_seal_that_fits_is_named(given: list[Row], known: Keys, problem: str | None) -> None:
    assert first_misfit(given, known) == problem


@pytest.mark.parametrize(
    ("given", "known", "told"),
    [
        (rows(True, True), WITH_KEY, "Every row has a seal that fits."),
        (
            rows(False, False, True),
            WITH_KEY,
            "The rows from 3 on have seals that fit. Row 2 and those before it are unsealed.",
        ),
        (rows(False), WITH_KEY, f"No row is sealed yet: all were written before the key {KEY} was in use."),
        (rows(False), WITHOUT, None),
        (rows(False), HIDDEN, f"No row is sealed. You may not ask whether there is a key {KEY}."),
    ],
)
def test_rows_without_a_seal_are_told(given: list[Row], known: Keys, told: str | None) -> None:
    assert coverage(given, known) == told


def test_a_seal_is_no_part_of_the_hash_that_it_is_made_of() -> None:
    (row,) = rows(False)
    assert chain.row_hash(seal(row)) == row.hash


def _asked(row: Row, key: str = KEY) -> dict[str, Any]:
    return {"KeyId": key, "Message": message(row), "MacAlgorithm": "HMAC_SHA_256"}


METADATA = {"KeyMetadata": {"KeyId": "1234", "CreationDate": datetime.fromtimestamp(MADE, UTC)}}


def test_kms_makes_a_seal_and_verifies_it_with_any_key_that_is_trusted() -> None:
    (row,) = rows(False)
    with stubbed("kms") as stub:
        stub.add_response("generate_mac", {"Mac": mac(message(row))}, _asked(row))
        sealed = dataclasses.replace(row, seal=Seals(stub.client, KEY).seal(row))
        stub.add_response("describe_key", METADATA, {"KeyId": KEY})
        stub.add_client_error("verify_mac", "KMSInvalidMacException")
        stub.add_response("verify_mac", {"MacValid": True}, _asked(row, "older") | {"Mac": mac(message(row))})
        known = keys(stub.client, ["older"])
        assert known.made_at == MADE
        assert first_misfit([sealed], known) is None


@pytest.mark.parametrize("code", ["NotFoundException", "AccessDeniedException"])
def test_without_the_key_seals_fit_nothing(code: str) -> None:
    with stubbed("kms") as stub:
        stub.add_client_error("describe_key", code)
        stub.add_client_error("verify_mac", "NotFoundException")
        known = keys(stub.client)
        assert (known.made_at, known.is_hidden) == (None, code == "AccessDeniedException")
        assert first_misfit(rows(True), known) == "the seal of row 1 does not fit, or its key cannot be used"


@pytest.mark.parametrize("call", ["describe_key", "verify_mac"])
def test_an_error_of_kms_is_no_seal_that_fits(call: str) -> None:
    with stubbed("kms") as stub:
        if call == "verify_mac":
            stub.add_response("describe_key", METADATA)
        stub.add_client_error(call, "ThrottlingException")
        with pytest.raises(ClientError, match="ThrottlingException"):
            first_misfit(rows(True), keys(stub.client))
