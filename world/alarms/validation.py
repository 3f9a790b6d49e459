"""What PutMetricAlarm refuses: what CloudWatch does not accept, and what the sandbox cannot evaluate.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from world.alarms.alarm import Alarm, InvalidAlarmError
from world.alarms.evaluation import COMPARISONS, MissingData
from world.metrics.metric_math import ExpressionError, Value, evaluate
from world.metrics.series import is_statistic

_NOT_MODELLED = ("ThresholdMetricId", "EvaluationCriteria", "EvaluationInterval")


def validate(alarm: Alarm) -> None:
    """Raise InvalidAlarmError with the reason if the alarm cannot be evaluated."""
    asked = alarm.configuration
    if unknown := [name for name in _NOT_MODELLED if asked.get(name)]:
        raise InvalidAlarmError(f"The sandbox does not model {', '.join(unknown)}.")
    for required in ("ComparisonOperator", "EvaluationPeriods", "Threshold"):
        if asked.get(required) is None:
            raise InvalidAlarmError(f"The parameter {required} is required.")
    if asked["ComparisonOperator"] not in COMPARISONS:
        raise InvalidAlarmError(f"The sandbox does not model the ComparisonOperator {asked['ComparisonOperator']}.")
    if bool(asked.get("Metrics")) == bool(asked.get("MetricName")):
        raise InvalidAlarmError("Give either Metrics or MetricName, Namespace, Period and a statistic.")
    if (treated := asked.get("TreatMissingData")) and treated not in list(MissingData):
        raise InvalidAlarmError(f"The value {treated} is not supported for TreatMissingData parameter.")
    if not alarm.queries:
        raise InvalidAlarmError("Metrics must hold at least one MetricStat.")
    for query in alarm.queries:
        if not is_statistic(query.statistic):
            raise InvalidAlarmError(f"The sandbox does not model the statistic {query.statistic}.")
        if query.period not in (10, 20, 30) and (query.period <= 0 or query.period % 60):
            raise InvalidAlarmError("Period must be 10, 20, 30 or a multiple of 60")
    if len({query.period for query in alarm.queries}) != 1:
        raise InvalidAlarmError("The sandbox needs the same Period for all metrics of an alarm.")
    if alarm.rule.datapoints_to_alarm > alarm.rule.evaluation_periods:
        raise InvalidAlarmError("DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
    trial: dict[str, Value] = {query.id: [1.0] for query in alarm.queries}
    try:
        for id_, expression in alarm.expressions.items():
            trial[id_] = evaluate(expression, trial)
    except ExpressionError as error:
        raise InvalidAlarmError(str(error)) from error
    if asked.get("Metrics") and [q.get("ReturnData", True) for q in asked["Metrics"]].count(True) != 1:
        raise InvalidAlarmError("Exactly one element of the Metrics list should return data.")
    if alarm.returned not in trial:
        raise InvalidAlarmError(f"Metrics must hold {alarm.returned}.")
