"""The alarms of a variant: those of one new fleet during its rollout, and the standing alarms after it.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.timing import PUBLISH_SECONDS

NAMESPACE = "AWS/SageMaker"
PERIOD_SECONDS = PUBLISH_SECONDS
EVALUATION_PERIODS = 2
ABORT = "abort"
"""The signal of the alarm that only the deployer makes fire."""
GOLDEN = "golden"
"""The signal of the alarm that the prober makes fire."""
PUBLISHING_SECONDS = 150
"""The time from a request to its datapoint, the alarm's evaluation and SageMaker's reaction: a safe estimate."""
CLEARING_SECONDS = EVALUATION_PERIODS * PERIOD_SECONDS + PUBLISHING_SECONDS
"""A standing alarm watches both fleets. This long after a bad fleet has lost its traffic, the alarm is no longer about
it: its periods are over, and CloudWatch has published and evaluated them."""
ARRIVAL_SECONDS = PERIOD_SECONDS + PUBLISHING_SECONDS
"""This long after a rollout's end, its last requests are in the metrics."""


@dataclass(frozen=True)
class Signal:
    """A metric and its threshold: in ALARM when `statistic` exceeds `threshold` in every evaluation period."""

    name: str
    metric_name: str
    statistic: str
    threshold: float
    period_seconds: int = PERIOD_SECONDS
    evaluation_periods: int = EVALUATION_PERIODS


def signals(spec: Spec) -> tuple[Signal, ...]:
    """Return the signals of a spec.

    The error metrics are 1 or 0 per request, so their Average is a rate: 1 % is 0.01, and a threshold of 1 never fires.
    ModelLatency is in microseconds. AWS publishes no InvocationModelErrors for a serverless endpoint, and neither these
    nor percentiles for an asynchronous one.
    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
    """
    rollback_on, period, is_asynchronous = spec.rollback_on, spec.publish_seconds, spec.serving.asynchronous is not None
    rate = rollback_on.error_rate_percent / 100
    found = [Signal("5xx", "Invocation5XXErrors", "Average", rate, period)]
    if not spec.variant.serverless and not is_asynchronous:
        found.append(Signal("model-errors", "InvocationModelErrors", "Average", rate, period))
    if not is_asynchronous:
        found.append(Signal("p99-latency", "ModelLatency", "p99", rollback_on.p99_latency_ms * 1000, period))
    elif average := rollback_on.average_latency_ms:
        found.append(Signal("average-latency", "ModelLatency", "Average", average * 1000, period))
    return tuple(found)


def request_metric(*, is_asynchronous: bool) -> tuple[str, str]:
    """Return the metric and the statistic that count requests: Invocations, or for an asynchronous endpoint, which has
    none, how often ModelLatency was measured.
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html"""
    return ("ModelLatency", "SampleCount") if is_asynchronous else ("Invocations", "Sum")


def standing_names(spec: Spec) -> tuple[str, ...]:
    """Return the names of the endpoint's standing alarms."""
    return tuple(names.standing_alarm(spec.endpoint, signal.name) for signal in signals(spec))


def guarding_names(spec: Spec) -> tuple[str, ...]:
    """Return the names of the alarms that guard the live version: the standing alarms, and the user's own."""
    return *standing_names(spec), *spec.rollback_on.alarms


def rollout_names(spec: Spec, config: str) -> tuple[str, ...]:
    """Return the names of the alarms that are made for one rollout. The abort alarm is the last."""
    own = (*(signal.name for signal in signals(spec)), *((GOLDEN,) if spec.golden else ()), ABORT)
    return tuple(names.rollout_alarm(spec.endpoint, config, name) for name in own)


def own_alarms(endpoint: str, attempt: Attempt) -> tuple[str, ...]:
    """Return those of an attempt's alarms that were made for it. They watch only its fleet, and are useless once it is
    closed. The user's alarms guard other rollouts too, and may fire for other reasons."""
    own = names.rollout_alarm(endpoint, attempt.fleet.config, "")
    return tuple(name for name in attempt.alarms if name.startswith(own))


def signal_alarms(endpoint: str, attempt: Attempt) -> tuple[str, ...]:
    """Return those of the attempt's own alarms that watch the answers to the new fleet's callers."""
    return tuple(name for name in own_alarms(endpoint, attempt) if name.rpartition("/")[2] not in (ABORT, GOLDEN))


def rollout_alarms(spec: Spec, config: str, *, has_baseline: bool = False) -> tuple[dict[str, Any], ...]:
    """Return the PutMetricAlarm requests for one rollout.

    The dimension EndpointConfigName restricts the alarms to the new fleet. So errors of a failing old fleet do not stop
    the rollout that replaces it, and healthy traffic of the old fleet does not dilute a canary's errors.

    `has_baseline`: True if the live version answers the golden requests right. Then a wrong answer is the new fleet's
    from its first traffic on; otherwise only once the new fleet has all traffic.
    """
    made = (
        *(_fleet_alarm(spec, config, signal) for signal in signals(spec)),
        *((golden_alarm(spec, spec.golden.namespace, config, has_baseline=has_baseline),) if spec.golden else ()),
        _abort_alarm(spec, config),
    )
    return tuple(alarm | {"Tags": spec.tag_list} for alarm in made) if spec.tags else made


def _fleet_alarm(spec: Spec, config: str, signal: Signal) -> dict[str, Any]:
    percentile = signal.statistic.startswith("p")
    return {
        "AlarmName": names.rollout_alarm(spec.endpoint, config, signal.name),
        "AlarmDescription": f"Rolls back {config} on {spec.endpoint}. Made by Approval Gate for this rollout only.",
        "ActionsEnabled": False,
        "Namespace": NAMESPACE,
        "MetricName": signal.metric_name,
        "Dimensions": [
            {"Name": "EndpointName", "Value": spec.endpoint},
            {"Name": "VariantName", "Value": spec.variant.name},
            {"Name": "EndpointConfigName", "Value": config},
        ],
        **({"ExtendedStatistic": signal.statistic} if percentile else {"Statistic": signal.statistic}),
        "Period": signal.period_seconds,
        "EvaluationPeriods": signal.evaluation_periods,
        "DatapointsToAlarm": signal.evaluation_periods,
        "Threshold": signal.threshold,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }


def _abort_alarm(spec: Spec, config: str) -> dict[str, Any]:
    # AWS has no call to stop an update. SageMaker stops it when this alarm fires.
    description = f"Stops the rollout of {config} on {spec.endpoint} when Approval Gate asks for it."
    return _latch(spec, config, ABORT, description, abort_metric(spec.endpoint, config))


def golden_alarm(spec: Spec, namespace: str | None, config: str, *, has_baseline: bool) -> dict[str, Any]:
    """Return the PutMetricAlarm request for the alarm that the prober makes fire by a metric of this namespace."""
    description = f"Rolls back {config} on {spec.endpoint} when it answers golden requests wrong."
    metric = golden_metric(namespace, spec.endpoint, config, at_full_traffic=not has_baseline)
    return _latch(spec, config, GOLDEN, description, metric)


def _latch(spec: Spec, config: str, name: str, description: str, metric: dict[str, Any]) -> dict[str, Any]:
    """Return the request for an alarm that one datapoint makes fire (10 s, 1 of 1) and that stays in ALARM (missing
    data `ignore`)."""
    return {
        "AlarmName": names.rollout_alarm(spec.endpoint, config, name),
        "AlarmDescription": description,
        "ActionsEnabled": False,
        **metric,
        "Statistic": "Maximum",
        "Period": 10,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "ignore",
    }


def abort_metric(endpoint: str, config: str) -> dict[str, Any]:
    """Return namespace, name and dimensions of the abort alarm's metric, which only the deployer publishes."""
    return _rollout_metric(names.METRIC_NAMESPACE, names.ABORT_METRIC, endpoint, config)


def golden_metric(namespace: str | None, endpoint: str, config: str, *, at_full_traffic: bool) -> dict[str, Any]:
    """Return namespace, name and dimensions of a metric that the endpoint's prober publishes: wrong answers since
    `config` took traffic, or since it took all traffic. `namespace`: None for the one that probers of an earlier
    release share."""
    name = names.GOLDEN_METRIC_AT_FULL_TRAFFIC if at_full_traffic else names.GOLDEN_METRIC
    return _rollout_metric(namespace or names.METRIC_NAMESPACE, name, endpoint, config)


def _rollout_metric(namespace: str, name: str, endpoint: str, config: str) -> dict[str, Any]:
    return {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "EndpointConfigName", "Value": config},
        ],
    }
