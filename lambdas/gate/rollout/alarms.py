"""The alarms of a variant: those of one new fleet during its rollout, and the standing alarms after it.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.live import Live
from lambdas.gate.timing import PUBLISH_SECONDS

NAMESPACE = "AWS/SageMaker"
PERIOD_SECONDS = PUBLISH_SECONDS
EVALUATION_PERIODS = 2
LEAST_FAILURES = 3
"""An error rate of fewer failed requests in a period says nothing."""
MOST_PERCENT = 50
"""The share of failed requests above which the plain alarm of a rollout fires."""
REQUESTS_FOR_P99, REQUESTS_FOR_P90 = 300, 30
"""The least number of requests in a period of which the slowest 1 % or 10 % are three."""
_MOST = "-most"
ERROR_METRICS = {"model-errors": "InvocationModelErrors", "5xx": "Invocation5XXErrors"}
"""Signal → the metric that counts failed requests: 1 for a request that failed, otherwise 0."""
ABORT = "abort"
"""The signal of the alarm that only the deployer makes fire."""
WATCH = "watch"
"""The signal of the alarm that watches a version's errors after its rollout."""
WATCH_FAILURES, WATCH_SECONDS = 20, 900
"""How many requests have to fail, within which time, for that alarm to fire."""
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
class Query:
    """A metric of the endpoint's variant, and its statistic. `id`: its name in an expression."""

    id: str
    metric_name: str
    statistic: str


@dataclass(frozen=True)
class Signal:
    """In ALARM when `expression`, of CloudWatch's metric math over `queries`, exceeds `threshold` in every evaluation
    period."""

    name: str
    queries: tuple[Query, ...]
    expression: str
    threshold: float
    period_seconds: int
    evaluation_periods: int = EVALUATION_PERIODS


def signals(spec: Spec) -> tuple[Signal, ...]:
    """Return the signals that guard a variant both during a rollout and after it.

    The share of failed requests counts only if at least LEAST_FAILURES failed: on a quiet endpoint, one failed request
    is a large share, and would roll a good version back. Latency likewise counts only if several requests were slow.
    ModelLatency is in microseconds. An asynchronous endpoint has no percentiles.
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
    """
    rollback_on, period = spec.rollback_on, spec.publish_seconds
    name, requests = errors(spec), Query("requests", *_requests(spec))
    failures = Query("failures", ERROR_METRICS[name], "Sum")
    counted = f"IF(failures >= {LEAST_FAILURES}, 100 * failures / requests, 0)"
    found = [Signal(name, (failures, requests), counted, rollback_on.error_rate_percent, period)]
    if spec.serving.asynchronous is None:
        slow = f"IF(requests >= {REQUESTS_FOR_P99}, p99, IF(requests >= {REQUESTS_FOR_P90}, p90, 0))"
        p99, p90 = (Query(f"p{share}", "ModelLatency", f"p{share}") for share in (99, 90))
        threshold = rollback_on.p99_latency_ms * 1000
        found.append(Signal("p99-latency", (p99, p90, requests), slow, threshold, period))
    elif milliseconds := rollback_on.average_latency_ms:
        average = Query("average", "ModelLatency", "Average")
        several = f"IF(requests >= {LEAST_FAILURES}, average, 0)"
        found.append(Signal("average-latency", (average, requests), several, milliseconds * 1000, period))
    return tuple(found)


def errors(spec: Spec) -> str:
    """Return the name of the signal that counts failed requests, a key of ERROR_METRICS."""
    return _errors(is_real_time=spec.variant.serverless is None and spec.serving.asynchronous is None)


def failure_metric(*, is_real_time: bool) -> str:
    """Return the metric that counts failed requests. One request is in both metrics, so they are never added.
    `is_real_time`: False for a serverless or an asynchronous endpoint, for which AWS publishes no
    InvocationModelErrors.
    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
    """
    return ERROR_METRICS[_errors(is_real_time=is_real_time)]


def _errors(*, is_real_time: bool) -> str:
    return "model-errors" if is_real_time else "5xx"


def most_failing(spec: Spec) -> str:
    """Return the name of a rollout's alarm without metric math."""
    return f"{errors(spec)}{_MOST}"


def _requests(spec: Spec) -> tuple[str, str]:
    return request_metric(is_asynchronous=spec.serving.asynchronous is not None)


def request_metric(*, is_asynchronous: bool) -> tuple[str, str]:
    """Return the metric and the statistic that count requests: Invocations, or for an asynchronous endpoint, which has
    none, how often ModelLatency was measured.
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html"""
    return ("ModelLatency", "SampleCount") if is_asynchronous else ("Invocations", "Sum")


def standing_names(spec: Spec) -> tuple[str, ...]:
    """Return the names of the endpoint's standing alarms."""
    return tuple(names.standing_alarm(spec.endpoint, signal.name) for signal in signals(spec))


def watch_name(endpoint: str, config: str) -> str:
    """Return the name of the alarm that watches a version's errors after its rollout."""
    return names.rollout_alarm(endpoint, config, WATCH)


def is_watchable(spec: Spec) -> bool:
    """True if the endpoint's versions get a watch alarm. The metrics of a serverless or an asynchronous endpoint do not
    tell its fleets apart, or count no requests."""
    is_plain = spec.variant.serverless is None and spec.serving.asynchronous is None
    return is_plain and spec.rollback_on.watch_seconds > 0


def watch_alarm(spec: Spec, config: str, above: float) -> dict[str, Any]:
    """Return the PutMetricAlarm request for the alarm that watches a version's errors after its rollout.

    It adds up WATCH_SECONDS, so that a difference shows that no minute shows. `above`: the share of failed requests in
    percent.
    """
    failures, requests = Query("failures", ERROR_METRICS[errors(spec)], "Sum"), Query("requests", *_requests(spec))
    counted = f"IF(failures >= {WATCH_FAILURES}, 100 * failures / requests, 0)"
    signal = Signal(WATCH, (failures, requests), counted, above, WATCH_SECONDS, evaluation_periods=1)
    return _signal_alarm(spec, config, signal) | {
        "AlarmDescription": f"Reverts {config} on {spec.endpoint} within its watch window. Made by Approval Gate.",
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        **({"Tags": spec.tag_list} if spec.tags else {}),
    }


def watching_names(spec: Spec, live: Live) -> tuple[str, ...]:
    """Return the names of the alarms in which the deployer looks for a fault of the live version."""
    own = () if live.watched_above is None else (watch_name(spec.endpoint, live.config),)
    return *guarding_names(spec), *own


def is_for_people(spec: Spec, live: Live, alarm: str) -> bool:
    """True if the alarm only notifies people: the watch alarm takes the place of the standing one for errors."""
    return live.watched_above is not None and alarm == names.standing_alarm(spec.endpoint, errors(spec))


def guarding_names(spec: Spec) -> tuple[str, ...]:
    """Return the names of the alarms that guard the live version: the standing alarms, and the user's own."""
    return *standing_names(spec), *spec.rollback_on.alarms


def rollout_names(spec: Spec, config: str) -> tuple[str, ...]:
    """Return the names of the alarms that are made for one rollout. The abort alarm is the last."""
    watching = (most_failing(spec), *(signal.name for signal in signals(spec)))
    own = (*watching, *((GOLDEN,) if spec.golden else ()), ABORT)
    return tuple(names.rollout_alarm(spec.endpoint, config, name) for name in own)


def own_alarms(endpoint: str, attempt: Attempt) -> tuple[str, ...]:
    """Return those of an attempt's alarms that were made for it. They watch only its fleet, and are useless once it is
    closed. The user's alarms guard other rollouts too, and may fire for other reasons."""
    own = names.rollout_alarm(endpoint, attempt.fleet.config, "")
    return tuple(name for name in attempt.alarms if name.startswith(own))


def signal_alarms(endpoint: str, attempt: Attempt) -> tuple[str, ...]:
    """Return those of the attempt's own alarms that watch the answers to the new fleet's callers. If the live version
    is only launched anew, also its watch alarm: that one is deleted with the fleet before."""
    own = tuple(name for name in own_alarms(endpoint, attempt) if name.rpartition("/")[2] not in (ABORT, GOLDEN))
    before = attempt.previous_config if attempt.purpose.keeps_live else None
    return own if before is None else (*own, watch_name(endpoint, before))


def math_alarms(endpoint: str, attempt: Attempt) -> tuple[str, ...]:
    """Return those of the attempt's own alarms that have metric math. AWS does not document whether deployment
    guardrails take, refuse or ignore them, so the deployer watches them too."""
    return tuple(filter(has_metric_math, own_alarms(endpoint, attempt)))


def has_metric_math(alarm: str) -> bool:
    """True if the alarm, which was made for a rollout, has metric math."""
    signal = alarm.rpartition("/")[2]
    return signal not in (ABORT, GOLDEN) and not signal.endswith(_MOST)


def rollout_alarms(spec: Spec, config: str, *, has_baseline: bool = False) -> tuple[dict[str, Any], ...]:
    """Return the PutMetricAlarm requests for one rollout.

    The dimension EndpointConfigName restricts the alarms to the new fleet. So errors of a failing old fleet do not stop
    the rollout that replaces it, and healthy traffic of the old fleet does not dilute a canary's errors.

    `has_baseline`: True if the live version answers the golden requests right. Then a wrong answer is the new fleet's
    from its first traffic on; otherwise only once the new fleet has all traffic.
    """
    made = (
        _most_failing_alarm(spec, config),
        *(_signal_alarm(spec, config, signal) for signal in signals(spec)),
        *((golden_alarm(spec, spec.golden.namespace, config, has_baseline=has_baseline),) if spec.golden else ()),
        _abort_alarm(spec, config),
    )
    return tuple(alarm | {"Tags": spec.tag_list} for alarm in made) if spec.tags else made


def _signal_alarm(spec: Spec, config: str, signal: Signal) -> dict[str, Any]:
    return _fleet_alarm(spec, config, signal.name) | {
        "Metrics": math_metrics(signal, fleet_dimensions(spec.endpoint, spec.variant.name, config)),
        "Threshold": signal.threshold,
    }


def _most_failing_alarm(spec: Spec, config: str) -> dict[str, Any]:
    """Return the request for an alarm without metric math, because AWS does not document whether deployment guardrails
    take, refuse or ignore one with it. It has no least count, so it fires only if most requests fail. The error metrics
    are 1 or 0 per request, so their Average is a share."""
    return _fleet_alarm(spec, config, most_failing(spec)) | {
        "Namespace": NAMESPACE,
        "MetricName": ERROR_METRICS[errors(spec)],
        "Dimensions": fleet_dimensions(spec.endpoint, spec.variant.name, config),
        "Statistic": "Average",
        "Period": spec.publish_seconds,
        "Threshold": max(MOST_PERCENT, spec.rollback_on.error_rate_percent) / 100,
    }


def math_metrics(signal: Signal, dimensions: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return the Metrics of PutMetricAlarm for a signal of the metrics with these dimensions."""
    queries = [
        {
            "Id": query.id,
            "MetricStat": {
                "Metric": {"Namespace": NAMESPACE, "MetricName": query.metric_name, "Dimensions": dimensions},
                "Period": signal.period_seconds,
                "Stat": query.statistic,
            },
            "ReturnData": False,
        }
        for query in signal.queries
    ]
    return [*queries, {"Id": "value", "Expression": signal.expression, "ReturnData": True}]


def fleet_dimensions(endpoint: str, variant: str, config: str | None = None) -> list[dict[str, str]]:
    """Return the dimensions of a variant's metrics. `config`: only of the fleet of that endpoint config."""
    fleet = {"EndpointName": endpoint, "VariantName": variant}
    fleet |= {} if config is None else {"EndpointConfigName": config}
    return [{"Name": name, "Value": value} for name, value in fleet.items()]


def _fleet_alarm(spec: Spec, config: str, name: str) -> dict[str, Any]:
    return {
        "AlarmName": names.rollout_alarm(spec.endpoint, config, name),
        "AlarmDescription": f"Rolls back {config} on {spec.endpoint}. Made by Approval Gate for this rollout only.",
        "ActionsEnabled": False,
        "EvaluationPeriods": EVALUATION_PERIODS,
        "DatapointsToAlarm": EVALUATION_PERIODS,
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
