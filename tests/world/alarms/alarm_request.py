"""A request of PutMetricAlarm."""

from typing import Any


def alarm_request(**members: Any) -> dict[str, Any]:
    """Return the request with these members, and without those that are None."""
    asked = {
        "AlarmName": "5xx",
        "Namespace": "AWS/SageMaker",
        "MetricName": "Invocation5XXErrors",
        "Dimensions": [{"Name": "EndpointName", "Value": "churn"}],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 0.05,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        **members,
    }
    return {name: value for name, value in asked.items() if value is not None}
