"""The strict check is itself checked: each thing that botocore's client lets through is caught."""

from typing import Any

import pytest

from tests.lambdas.request_model import violations

ALARM = {"AlarmName": "a", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1}


def _update(**traffic: Any) -> dict[str, Any]:
    routing = {"Type": "CANARY", "WaitIntervalInSeconds": 0} | traffic
    policy = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}
    return {"EndpointName": "e", "EndpointConfigName": "c", "DeploymentConfig": policy}


AT = "UpdateEndpoint.DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration"


@pytest.mark.parametrize(
    ("service", "operation", "request_", "expected"),
    [
        ("sagemaker", "UpdateEndpoint", _update(), []),
        ("sagemaker", "UpdateEndpoint", {"EndpointName": "e"}, ["UpdateEndpoint: lacks EndpointConfigName"]),
        (
            "sagemaker",
            "UpdateEndpoint",
            _update(Type="BLUE"),
            [f"{AT}.Type: 'BLUE' is none of ALL_AT_ONCE, CANARY, LINEAR"],
        ),
        (
            "sagemaker",
            "UpdateEndpoint",
            _update(WaitIntervalInSeconds=3601),
            [f"{AT}.WaitIntervalInSeconds: 3601 is more than 3600"],
        ),
        (
            "sagemaker",
            "UpdateEndpoint",
            _update(WaitIntervalInSeconds="60"),
            [f"{AT}.WaitIntervalInSeconds: '60' is no integer"],
        ),
        ("sagemaker", "UpdateEndpoint", _update(Canary=1), [f"{AT}: has no member Canary"]),
        (
            "sagemaker",
            "DescribeEndpoint",
            {"EndpointName": "-e"},
            [r"DescribeEndpoint.EndpointName: '-e' does not match [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"],
        ),
        ("cloudwatch", "PutMetricAlarm", ALARM, []),
        (
            "cloudwatch",
            "PutMetricAlarm",
            ALARM | {"AlarmName": "a" * 256},
            ["PutMetricAlarm.AlarmName: length: 256 is more than 255"],
        ),
        (
            "cloudwatch",
            "PutMetricAlarm",
            ALARM | {"Dimensions": [{"Name": "n", "Value": "v"}] * 31},
            ["PutMetricAlarm.Dimensions: length: 31 is more than 30"],
        ),
        (
            "cloudwatch",
            "PutMetricAlarm",
            ALARM | {"ActionsEnabled": "no"},
            ["PutMetricAlarm.ActionsEnabled: 'no' is no boolean"],
        ),
    ],
)
def test_strict_check(service: str, operation: str, request_: dict[str, Any], expected: list[str]) -> None:
    assert violations(service, operation, request_) == expected
