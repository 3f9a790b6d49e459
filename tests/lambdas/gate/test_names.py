import re

import pytest

from lambdas.gate import names
from tests.lambdas.builders import arn

SAGEMAKER = re.compile(names.ENDPOINT_NAME)
LONG = "a" * 63
ROLE = "arn:aws:iam::123456789012:role/approval-gate/r"


def test_a_digest_keeps_its_parts_apart() -> None:
    assert names.digest("a", "bc") != names.digest("ab", "c")
    assert names.digest("a", "bc") == names.digest("a", "bc")
    assert re.fullmatch(r"[0-9a-f]{12}", names.digest("a"))


@pytest.mark.parametrize(("name", "limit"), [("churn", 5), ("churn", 64)])
def test_a_name_that_fits_stays(name: str, limit: int) -> None:
    assert names.fit(name, limit) == name


def test_a_name_that_does_not_fit_is_cut_and_still_its_own() -> None:
    one, other = names.fit("a" * 70, 64), names.fit("a" * 71, 64)
    assert (len(one), len(other)) == (64, 64)
    assert one != other
    assert names.fit("a" * 54 + "-" + "b" * 20, 64).startswith("a" * 54 + "-")


@pytest.mark.parametrize("endpoint", ["a", "fraud-detection", LONG, "A" * 63])
def test_every_name_is_within_its_service_s_limit(endpoint: str) -> None:
    config = names.endpoint_config(
        endpoint, f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{LONG}/7", 123_456, "0123456789ab", 123_456
    )
    assert SAGEMAKER.fullmatch(config)
    assert len(names.rule(endpoint)) <= 64
    assert len(names.execution_role("ap-southeast-5xx", endpoint)) <= 64
    assert len(names.rollout_alarm(endpoint, config, "model-errors")) <= 255
    assert len(names.spec_parameter(endpoint)) <= 1011


@pytest.mark.parametrize("group", ["G", "FraudDetectionGroup", "g" * 63, "a--b", "9"])
def test_a_model_s_name_is_one_for_sagemaker_and_within_the_deployer_s_policy(group: str) -> None:
    name = names.model(f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{group}/1234567", ROLE)
    assert SAGEMAKER.fullmatch(name)
    assert name.startswith("gate-")
    # SageMaker writes names in lower case into ARNs, and policies compare those.
    assert name == name.lower()


def test_a_model_is_named_by_version_and_settings_alone() -> None:
    assert names.model(arn(3), ROLE) == names.model(arn(3), ROLE)
    assert len({names.model(arn(3), ROLE), names.model(arn(4), ROLE), names.model(arn(3), ROLE + "2")}) == 3


def test_models_of_the_same_group_in_two_accounts_are_two() -> None:
    theirs = arn(3).replace("123456789012", "210987654321")
    assert names.model(arn(3), ROLE) != names.model(theirs, ROLE)


@pytest.mark.parametrize("endpoint", ["churn", LONG])
def test_a_config_is_named_by_endpoint_version_approval_settings_and_attempt(endpoint: str) -> None:
    parts = (endpoint, "v/7", 3, "s", 1)
    others = [
        ("churn-eu", "v/7", 3, "s", 1),
        (endpoint, "v/8", 3, "s", 1),
        (endpoint, "v/7", 4, "s", 1),
        (endpoint, "v/7", 3, "t", 1),
        (endpoint, "v/7", 3, "s", 2),
    ]
    assert names.endpoint_config(*parts) == names.endpoint_config(*parts)
    assert names.endpoint_config(*parts) not in [names.endpoint_config(*other) for other in others]


def test_endpoints_that_differ_in_case_only_have_their_own_configs() -> None:
    assert names.endpoint_config("Churn", "v/1", 1, "s", 1) != names.endpoint_config("churn", "v/1", 1, "s", 1)


def test_the_alarms_of_one_endpoint_are_not_those_of_another_whose_name_begins_alike() -> None:
    assert not names.rollout_alarm("churn-eu", "c", "5xx").startswith(names.alarm_prefix("churn"))
    assert not names.standing_alarm("churn-eu", "5xx").startswith(names.alarm_prefix("churn"))
    assert names.standing_alarm("churn", "5xx").startswith(names.alarm_prefix("churn"))


@pytest.mark.parametrize(
    ("alarm", "endpoint"),
    [
        (names.rollout_alarm("churn", "gate-churn-1-0123456789ab", "5xx"), "churn"),
        (names.rollout_alarm("churn-eu", "gate-c", "abort"), "churn-eu"),
        (names.standing_alarm("churn", "5xx"), None),
        ("approval-gate/churn/my-config/5xx", None),
        ("approval-gate/churn/gate-c", None),
        ("approval-gate/churn/gate-c/5xx/mine", None),
        ("approval-gate/-/gate-c/5xx", None),
        ("my/approval-gate/churn/gate-c/5xx", None),
        ("approval-gate-dead-letters", None),
        ("checkout-conversion-low", None),
    ],
)
def test_an_alarm_of_a_rollout_tells_its_endpoint(alarm: str, endpoint: str | None) -> None:
    assert names.rollout_alarm_endpoint(alarm) == endpoint


@pytest.mark.parametrize(
    ("alarm", "expected"),
    [
        (names.standing_alarm("churn-eu", "p99-latency"), ("churn-eu", "p99-latency")),
        (names.rollout_alarm("churn", "gate-churn-2", "5xx"), None),
        ("approval-gate/churn/standing/5xx/more", None),
        ("approval-gate/-churn/standing/5xx", None),
        ("my-approval-gate/churn/standing/5xx", None),
    ],
)
def test_a_standing_alarm_tells_its_endpoint_and_signal(alarm: str, expected: tuple[str, str] | None) -> None:
    assert names.standing_alarm_parts(alarm) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("gate-a", True), ("Gate-A", True), ("my-gate-a", False), ("gateway", False), ("", False)]
)
def test_what_is_the_gates_begins_with_its_prefix(name: str, expected: bool) -> None:
    assert names.is_owned(name) is expected
