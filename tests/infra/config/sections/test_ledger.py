"""The ledger section: what is written outside of the ledger's table, and only if the file asks for it."""

import pytest

from infra.config.load import parse_configuration
from infra.config.sections.ledger import Copy, Ledger


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("", Ledger()),
        ("ledger: {annotate_registry: true}\n", Ledger(annotate_registry=True)),
        (
            "ledger: {copy: {mode: COMPLIANCE, retention_days: 3650}}\n",
            Ledger.model_validate({"copy": Copy(mode="COMPLIANCE", retention_days=3650)}),
        ),
        ("ledger: {copy: null}\n", Ledger()),
        ("ledger: {seal: true}\n", Ledger(seal=True)),
    ],
)
def test_the_ledger_is_neither_copied_nor_sealed_nor_written_to_the_registry_unless_the_file_says_so(
    keys: str, expected: Ledger
) -> None:
    assert parse_configuration("endpoints.yaml", f"{keys}endpoints: {{}}\n").ledger == expected
