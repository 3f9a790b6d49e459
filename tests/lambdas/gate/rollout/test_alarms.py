import dataclasses
from typing import Any

import pytest

from lambdas.gate import names
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Tag
from tests.lambdas.builders import SPEC, arn
from tests.lambdas.request_model import violations

CONFIG = names.endpoint_config(SPEC.endpoint, arn(2), 3, SPEC.settings, 3)
NEW_FLEET = [
    {"Name": "EndpointName", "Value": "fraud-detection"},
    {"Name": "VariantName", "Value": "AllTraffic"},
    {"Name": "EndpointConfigName", "Value": CONFIG},
]


def _query(name: str, metric_name: str, statistic: str) -> dict[str, Any]:
    metric = {"Namespace": "AWS/SageMaker", "MetricName": metric_name, "Dimensions": NEW_FLEET}
    return {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}, "ReturnData": False}


def _math(expression: str, *queries: dict[str, Any]) -> list[dict[str, Any]]:
    return [*queries, {"Id": "value", "Expression": expression, "ReturnData": True}]


REQUESTS = _query("requests", "Invocations", "Sum")


def _fleet(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "AlarmName": f"approval-gate/fraud-detection/{CONFIG}/{name}",
        "AlarmDescription": f"Rolls back {CONFIG} on fraud-detection. Made by Approval Gate for this rollout only.",
        "ActionsEnabled": False,
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 2,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
        **fields,
    }


def test_the_alarms_of_a_rollout_watch_the_new_fleet_only() -> None:
    assert alarms.rollout_alarms(SPEC, CONFIG) == (
        _fleet(
            "model-errors-most",
            Namespace="AWS/SageMaker",
            MetricName="InvocationModelErrors",
            Dimensions=NEW_FLEET,
            Statistic="Average",
            Period=60,
            Threshold=0.5,
        ),
        _fleet(
            "model-errors",
            Metrics=_math(
                "IF(failures >= 3, 100 * failures / requests, 0)",
                _query("failures", "InvocationModelErrors", "Sum"),
                REQUESTS,
            ),
            Threshold=1,
        ),
        _fleet(
            "p99-latency",
            Metrics=_math(
                "IF(requests >= 300, p99, IF(requests >= 30, p90, 0))",
                _query("p99", "ModelLatency", "p99"),
                _query("p90", "ModelLatency", "p90"),
                REQUESTS,
            ),
            Threshold=500_000,
        ),
        {
            "AlarmName": f"approval-gate/fraud-detection/{CONFIG}/abort",
            "AlarmDescription": f"Stops the rollout of {CONFIG} on fraud-detection when Approval Gate asks for it.",
            "ActionsEnabled": False,
            "Namespace": "ApprovalGate",
            "MetricName": "AbortRequested",
            "Dimensions": [NEW_FLEET[0], NEW_FLEET[2]],
            "Statistic": "Maximum",
            "Period": 10,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "ignore",
        },
    )


def test_the_names_of_a_rollout_s_alarms_are_those_of_its_requests() -> None:
    made = tuple(request["AlarmName"] for request in alarms.rollout_alarms(SPEC, CONFIG))
    assert alarms.rollout_names(SPEC, CONFIG) == made


@pytest.mark.parametrize("endpoint", ["a", "e" * 63])
@pytest.mark.parametrize(("percent", "milliseconds"), [(0.01, 1), (50, 60_000)])
def test_every_alarm_is_one_for_cloudwatch(endpoint: str, percent: float, milliseconds: int) -> None:
    bounds = dataclasses.replace(SPEC.rollback_on, error_rate_percent=percent, p99_latency_ms=milliseconds)
    spec = dataclasses.replace(SPEC, endpoint=endpoint, rollback_on=bounds)
    config = names.endpoint_config(endpoint, arn(1), 1, spec.settings, 1)
    for request in alarms.rollout_alarms(spec, config):
        assert violations("cloudwatch", "PutMetricAlarm", request) == []
        assert request["TreatMissingData"] in ("breaching", "notBreaching", "ignore", "missing")
        assert ("Statistic" in request) != ("Metrics" in request)


@pytest.mark.parametrize("percent", [0.01, 1, 50, 99])
def test_the_error_alarms_can_fire(percent: float) -> None:
    """The plain one's metric is 1 or 0 per request, so its Average never exceeds 1."""
    bounds = dataclasses.replace(SPEC.rollback_on, error_rate_percent=percent)
    plain, counted, *_ = alarms.rollout_alarms(dataclasses.replace(SPEC, rollback_on=bounds), CONFIG)
    assert plain["Threshold"] == max(0.5, percent / 100) < 1
    assert counted["Threshold"] == percent < 100


def test_the_standing_alarms_are_named_after_the_endpoint() -> None:
    assert alarms.standing_names(SPEC) == (
        "approval-gate/fraud-detection/standing/model-errors",
        "approval-gate/fraud-detection/standing/p99-latency",
    )


def test_each_alarm_of_a_rollout_has_the_tags_of_the_spec() -> None:
    tagged = dataclasses.replace(SPEC, tags=(Tag("team", "risk"),))
    made = [request["Tags"] for request in alarms.rollout_alarms(tagged, CONFIG)]
    assert made == [[{"Key": "team", "Value": "risk"}]] * len(alarms.rollout_names(SPEC, CONFIG))


def test_the_watch_alarm_adds_up_fifteen_minutes_of_the_fleet_that_went_live() -> None:
    request = alarms.watch_alarm(SPEC, CONFIG, 1.5)
    stats = [each["MetricStat"] for each in request["Metrics"][:2]]
    assert request["AlarmName"] == f"approval-gate/fraud-detection/{CONFIG}/watch"
    assert [(s["Metric"]["MetricName"], s["Metric"]["Dimensions"], s["Period"], s["Stat"]) for s in stats] == [
        ("InvocationModelErrors", NEW_FLEET, 900, "Sum"),
        ("Invocations", NEW_FLEET, 900, "Sum"),
    ]
    assert request["Metrics"][2]["Expression"] == "IF(failures >= 20, 100 * failures / requests, 0)"
    assert (request["Threshold"], request["EvaluationPeriods"], request["DatapointsToAlarm"]) == (1.5, 1, 1)
    assert violations("cloudwatch", "PutMetricAlarm", request) == []


def test_which_alarms_have_metric_math() -> None:
    made = {request["AlarmName"]: "Metrics" in request for request in alarms.rollout_alarms(SPEC, CONFIG)}
    assert made == {name: alarms.has_metric_math(name) for name in made}
