"""What a rollout costs: counted calls times prices."""

import pytest

from bench import prices
from bench.money import Counted, counted


def test_a_rollout_is_one_update_and_few_invocations() -> None:
    rollout, idle = counted()
    assert rollout.calls["UpdateEndpoint"] == 1
    assert rollout.invocations == {"deployer": 8, "publisher": 4}
    assert idle.invocations == {"deployer": 1}
    assert "TransactWriteItems" not in idle.calls


def test_every_unit_has_its_price() -> None:
    made = Counted({"HeadObject": 2, "DescribeAlarms": 1, "SendMessage": 4}, {"read": 8, "write": 4}, {"deployer": 1})
    seconds = 1.0 + 0.05 + 7 * 0.05
    assert made.dollars(cold=1) == {
        "Lambda": pytest.approx(0.2e-6 + seconds * 0.5 * 0.0000133334),
        "DynamoDB": pytest.approx(8 * 0.125e-6 + 4 * 0.625e-6),
        "SQS": pytest.approx(12 * 0.4e-6),
        "EventBridge and SNS": 0,
        "CloudWatch": pytest.approx(1e-5),
        "S3": pytest.approx(2 * 0.4e-6),
        "traces and logs": pytest.approx(5e-6 + 2 * 0.5e-6),
    }


def test_a_price_without_a_source_is_shown_as_not_verified() -> None:
    assert [each.of for each in prices.ALL if not each.source] == [
        "an SNS message",
        "an SNS e-mail",
        "an S3 HEAD or GET",
        "an X-Ray trace",
        "a KB of logs",
        "a KMS key for a month",
    ]
