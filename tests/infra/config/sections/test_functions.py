"""The functions section: off by default, and the key must be the ARN of a KMS key."""

import pytest

from infra.config.load import parse_configuration
from infra.config.problem import ConfigError
from infra.config.sections.functions import Functions

KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("", Functions()),
        ("functions: {reserve_concurrency: true}\n", Functions(reserve_concurrency=True)),
        (f"functions: {{logs_kms_key: {KEY}}}\n", Functions(logs_kms_key=KEY)),
    ],
)
def test_nothing_is_reserved_or_encrypted_unless_the_file_says_so(keys: str, expected: Functions) -> None:
    assert parse_configuration("endpoints.yaml", f"{keys}endpoints: {{}}\n").functions == expected


@pytest.mark.parametrize("section", ["functions: {logs_kms_key: %s}\n", "ledger: {kms_key: %s}\n"])
@pytest.mark.parametrize(
    "given",
    ["alias/logs", "arn:aws:kms:us-east-1:123456789012:alias/logs", "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f", "true"],
)
def test_what_is_no_key_is_refused_with_the_fix(section: str, given: str) -> None:
    with pytest.raises(ConfigError, match="the ARN of a KMS key, not of an alias") as told:
        parse_configuration("endpoints.yaml", f"{section % given}endpoints: {{}}\n")
    assert "fix" in str(told.value)
