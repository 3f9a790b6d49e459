"""What PutMetricAlarm refuses: what CloudWatch does not accept, and what is not modelled.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from collections.abc import Iterator

from world.alarms.alarm import Configuration
from world.alarms.evaluation import COMPARISONS, MissingData
from world.metrics.metric_math import ExpressionError, Value, evaluate
from world.metrics.series import is_statistic
from world.refusal import Refusal

_NOT_MODELLED = ("ThresholdMetricId", "EvaluationCriteria", "EvaluationInterval")


def validate(configuration: Configuration) -> None:
    """Raise a Refusal if an alarm of this configuration cannot be evaluated."""
    for objection in _objections(configuration):
        raise Refusal("ValidationError", objection)


def _objections(configuration: Configuration) -> Iterator[str]:
    """Yield what is wrong. Each check relies on those before it, so only the first text counts."""
    request = configuration.request
    if unknown := [name for name in _NOT_MODELLED if name in request]:
        yield f"{', '.join(unknown)} is not modelled."
    for required in ("ComparisonOperator", "EvaluationPeriods", "Threshold"):
        if required not in request:
            yield f"The parameter {required} is required."
    if request["ComparisonOperator"] not in COMPARISONS:
        yield f"The ComparisonOperator {request['ComparisonOperator']} is not modelled."
    if bool(request.get("Metrics")) == bool(request.get("MetricName")):
        yield "Give either Metrics or MetricName, Namespace, Period and a statistic."
    if (treated := request.get("TreatMissingData")) and treated not in list(MissingData):
        yield f"The value {treated} is not supported for TreatMissingData parameter."
    if not configuration.queries:
        yield "Metrics must hold at least one MetricStat."
    for query in configuration.queries:
        if not is_statistic(query.statistic):
            yield f"The statistic {query.statistic} is not modelled."
        if query.period not in (10, 20, 30) and (query.period <= 0 or query.period % 60):
            yield "Period must be 10, 20, 30 or a multiple of 60"
    if len({query.period for query in configuration.queries}) != 1:
        yield "Different Periods of an alarm's metrics are not modelled."
    if configuration.rule.datapoints_to_alarm > configuration.rule.evaluation_periods:
        yield "DatapointsToAlarm must be less than or equal to EvaluationPeriods."
    trial: dict[str, Value] = {query.id: [1.0] for query in configuration.queries}
    try:
        for id_, expression in configuration.expressions.items():
            trial[id_] = evaluate(expression, trial)
    except ExpressionError as error:
        yield str(error)
    if request.get("Metrics") and [q.get("ReturnData", True) for q in request["Metrics"]].count(True) != 1:
        yield "Exactly one element of the Metrics list should return data."
    if configuration.returned not in trial:
        yield f"Metrics must hold {configuration.returned}."
