"""The janitor section of endpoints.yaml."""

import pytest

from infra.config.load import parse_configuration
from infra.config.sections.janitor import Janitor
from lambdas.gate.state.head import MAXIMUM_GOOD
from lambdas.janitor.policy import Mode, Policy


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("", Policy(Mode.DRY_RUN, retention_days=30, keep_good=3, failed_endpoint_days=7)),
        ("janitor: {}\n", Policy(Mode.DRY_RUN, retention_days=30, keep_good=3, failed_endpoint_days=7)),
        (
            "janitor: {mode: delete, retention_days: 1, keep_good: 1, failed_endpoint_days: 1}\n",
            Policy(Mode.DELETE, retention_days=1, keep_good=1, failed_endpoint_days=1),
        ),
        ("janitor: {mode: off}\n", None),
        ('janitor: {mode: "off"}\n', None),
    ],
)
def test_it_only_says_what_it_would_delete_unless_the_file_says_more(keys: str, expected: Policy | None) -> None:
    assert parse_configuration("endpoints.yaml", f"{keys}endpoints: {{}}\n").janitor.policy() == expected


def test_all_good_versions_that_the_head_remembers_can_be_kept() -> None:
    assert Janitor(keep_good=MAXIMUM_GOOD).keep_good == MAXIMUM_GOOD
