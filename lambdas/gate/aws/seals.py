"""The seals of rows: an HMAC over each row's hash, by a KMS key that only the functions which write rows may use.

https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html
"""

import base64
from typing import Any

from lambdas.gate import names
from lambdas.gate.state.fact import Row

ALGORITHM = "HMAC_SHA_256"


def message(row: Row) -> bytes:
    """Return what the seal of a row is made of. The hash covers the endpoint, the number and all rows before."""
    return f"{names.PREFIX} row {row.hash}".encode()


class Seals:
    def __init__(self, kms: Any, key: str) -> None:
        self._kms = kms
        self._key = key

    def seal(self, row: Row) -> str:
        """Return the row's seal. An error of KMS propagates, so that no row is written without one.
        https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html"""
        answer = self._kms.generate_mac(KeyId=self._key, Message=message(row), MacAlgorithm=ALGORITHM)
        return base64.b64encode(answer["Mac"]).decode()
