"""Links into the console: each partition's host, and names that cannot leave their place in a link."""

import pytest

from lambdas.publisher.console import Console


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:sns:eu-south-2:1:t", "https://eu-south-2.console.aws.amazon.com/sagemaker/home?region=eu-south-2"),
        ("arn:aws-cn:sns:cn-north-1:1:t", "https://cn-north-1.console.amazonaws.cn/sagemaker/home?region=cn-north-1"),
        (
            "arn:aws-us-gov:sns:us-gov-west-1:1:t",
            "https://us-gov-west-1.console.amazonaws-us-gov.com/sagemaker/home?region=us-gov-west-1",
        ),
    ],
)
def test_each_partition_has_its_own_console(arn: str, expected: str) -> None:
    console = Console.of(arn)
    assert console is not None
    assert console.endpoint("churn") == f"{expected}#/endpoints/churn"


def test_a_partition_whose_console_is_not_known_has_no_links() -> None:
    assert Console.of("arn:aws-iso:sns:us-iso-east-1:1:t") is None


CONSOLE = Console("console.aws.amazon.com", "us-east-1")
CLOUDWATCH = "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (CONSOLE.alarm("approval-gate/churn/standing/5xx"), "alarmsV2:alarm/approval-gate%2Fchurn%2Fstanding%2F5xx"),
        (CONSOLE.alarm("a b?#&\n\u202e\ud800"), "alarmsV2:alarm/a%20b%3F%23%26%0A%E2%80%AE%3F"),
        (CONSOLE.log_group("/aws/lambda/x"), "logsV2:log-groups/log-group/$252Faws$252Flambda$252Fx"),
        (CONSOLE.dashboard(), "dashboards:name=approval-gate-us-east-1"),
    ],
)
def test_names_are_encoded(link: str, expected: str) -> None:
    assert link == CLOUDWATCH + expected
