"""The janitor section of endpoints.yaml."""

import pytest

from infra.config.load import parse_configuration
from infra.config.problem import ConfigError
from infra.config.sections.janitor import Janitor
from lambdas.gate.head import MAXIMUM_GOOD
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
        ('janitor: {mode: "off", keep_good: 5}\n', None),
    ],
)
def test_it_only_says_what_it_would_delete_unless_the_file_says_more(keys: str, expected: Policy | None) -> None:
    assert parse_configuration("endpoints.yaml", f"{keys}endpoints: {{}}\n").janitor.policy() == expected


def test_all_good_versions_that_the_head_remembers_can_be_kept() -> None:
    assert Janitor(keep_good=MAXIMUM_GOOD).keep_good == MAXIMUM_GOOD


MODES = "dry-run, which says once a day what it would delete, delete, which does it, or off"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            "{retention: 30}",
            "janitor.retention\n  found    the unknown key `retention`\n"
            "  allowed  the keys mode, retention_days, keep_good, failed_endpoint_days\n"
            "  mend     did you mean `retention_days`?",
        ),
        (
            "delete",
            'janitor\n  found    "delete"\n'
            "  allowed  a mapping with the keys mode, retention_days, keep_good, failed_endpoint_days\n"
            "  mend     write its keys below it, indented",
        ),
        (
            "{mode: dry_run}",
            f'janitor.mode\n  found    "dry_run"\n  allowed  {MODES}\n  mend     write `mode: dry-run`',
        ),
        (
            "{mode: true}",
            f"janitor.mode\n  found    true\n  allowed  {MODES}\n  mend     write `mode: dry-run`",
        ),
        (
            "{retention_days: 0}",
            "janitor.retention_days\n  found    0\n"
            "  allowed  a whole number from 1 to 3650: days after which a model, an endpoint config or an alarm may "
            "go\n  mend     write `retention_days: 30`",
        ),
        (
            "{keep_good: 0}",
            "janitor.keep_good\n  found    0\n"
            "  allowed  a whole number from 1 to 20: configs of good versions behind the live one that stay, however "
            "old\n  mend     write `keep_good: 3`",
        ),
        (
            "{keep_good: 21}",
            "janitor.keep_good\n  found    21\n"
            "  allowed  a whole number from 1 to 20: configs of good versions behind the live one that stay, however "
            "old\n  mend     write `keep_good: 3`",
        ),
        (
            "{failed_endpoint_days: 7.5}",
            "janitor.failed_endpoint_days\n  found    7.5\n"
            "  allowed  a whole number from 1 to 3650: days after which an endpoint may go whose creation failed and "
            "that never served\n  mend     write `failed_endpoint_days: 7`",
        ),
    ],
)
def test_a_mistake_in_it_is_explained(keys: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_configuration("endpoints.yaml", f"janitor: {keys}\nendpoints: {{}}\n")
    assert str(raised.value) == f"endpoints.yaml has 1 problem:\n\nendpoints.yaml:1: {message}"
