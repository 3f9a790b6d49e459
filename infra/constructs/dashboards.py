"""The CloudWatch dashboards: one for the whole gate, and one for each endpoint that asks for it."""

import json
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.permissions import arns
from lambdas.gate import names
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec


class Overview(Construct):
    """One dashboard for the whole gate. It searches for metrics, so that it does not grow with the endpoints."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        functions: list[lambda_.IFunction],
        inbox: sqs.IQueue,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        period = Duration.minutes(5)
        found_by = f"SEARCH('Namespace=\"{names.METRIC_NAMESPACE}\"', 'Sum', {period.to_seconds()})"
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=names.dashboard(Stack.of(self).region),
            widgets=[
                [
                    cloudwatch.GraphWidget(
                        title="What the gate did",
                        width=24,
                        left=[
                            cloudwatch.MathExpression(expression=found_by, label="", using_metrics={}, period=period)
                        ],
                    )
                ],
                [
                    cloudwatch.GraphWidget(
                        title="Errors and throttles of the functions",
                        width=8,
                        left=[
                            metric
                            for function in functions
                            for metric in (
                                function.metric_errors(period=period, label=f"{function.function_name} errors"),
                                function.metric_throttles(period=period, label=f"{function.function_name} throttles"),
                            )
                        ],
                    ),
                    cloudwatch.GraphWidget(
                        title="Inbox: waiting, and the age of the oldest in seconds",
                        width=8,
                        left=[inbox.metric_approximate_number_of_messages_visible(period=period, statistic="Maximum")],
                        right=[inbox.metric_approximate_age_of_oldest_message(period=period, statistic="Maximum")],
                    ),
                    cloudwatch.GraphWidget(
                        title="Dead letters",
                        width=8,
                        left=[
                            dead_letters.metric_approximate_number_of_messages_visible(
                                period=period, statistic="Maximum"
                            )
                        ],
                    ),
                ],
            ],
        )


class EndpointDashboard(Construct):
    """One endpoint's requests, errors, latency and standing alarms, for an entry with `dashboard: true`."""

    def __init__(self, scope: Construct, id: str, *, spec: Spec) -> None:
        super().__init__(scope, id)
        self.dashboard = cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=names.dashboard(Stack.of(self).region, spec.endpoint),
            dashboard_body=json.dumps({"widgets": [*self._widgets(spec), *contacts_widget(spec)]}),
        )

    def _widgets(self, spec: Spec) -> list[dict[str, Any]]:
        variant = ["EndpointName", spec.endpoint, "VariantName", spec.variant.name]
        is_asynchronous = spec.serving.asynchronous is not None
        requests, statistic = alarms.request_metric(is_asynchronous=is_asynchronous)
        latencies = ("p50", "p99")
        errors = ["Invocation4XXErrors", "Invocation5XXErrors"]
        if is_asynchronous:  # AWS publishes no percentiles.
            latencies = ("Average", "Maximum")
        elif spec.variant.serverless is None:  # AWS publishes them only for real-time endpoints on instances.
            errors.append("InvocationModelErrors")
        latency = [[alarms.NAMESPACE, "ModelLatency", *variant, {"stat": stat}] for stat in latencies]
        graphs = {
            "Requests a minute": [[alarms.NAMESPACE, requests, *variant, {"stat": statistic}]],
            "Errors (1 is every request)": [[alarms.NAMESPACE, name, *variant, {"stat": "Average"}] for name in errors],
            "Model latency (microseconds)": latency,
        }
        return [
            {
                "type": "metric",
                "width": 8,
                "height": 6,
                "x": 8 * column,
                "y": 0,
                "properties": {"title": title, "region": Stack.of(self).region, "period": 60, "metrics": metrics},
            }
            for column, (title, metrics) in enumerate(graphs.items())
        ] + [
            {
                "type": "alarm",
                "width": 24,
                "height": 3,
                "x": 0,
                "y": 6,
                "properties": {
                    "title": "Standing alarms",
                    "alarms": [arns.alarm(self, name) for name in alarms.standing_names(spec)],
                },
            },
            *(self._shadow_widgets(spec) if spec.shadow else ()),
        ]

    def _shadow_widgets(self, spec: Spec) -> list[dict[str, Any]]:
        """Return the graphs of the shadows. Each has a variant of its own, so they are searched for by the word in
        their names.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html"""
        graphs = {
            "Copies a minute": ("Invocations", "Sum"),
            "Errors of the shadow (1 is every copy)": ("InvocationModelErrors", "Average"),
            "Latency of the shadow (microseconds)": ("ModelLatency", "p50"),
        }
        dimensions = f"{{{alarms.NAMESPACE},EndpointName,VariantName}}"
        found = f'{dimensions} EndpointName="{spec.endpoint}" VariantName={names.SHADOW}'
        return [
            {
                "type": "metric",
                "width": 8,
                "height": 6,
                "x": 8 * column,
                "y": 9,
                "properties": {
                    "title": title,
                    "region": Stack.of(self).region,
                    "period": 60,
                    "metrics": [[{"expression": f"SEARCH('{found} MetricName=\"{metric}\"', '{statistic}', 60)"}]],
                },
            }
            for column, (title, (metric, statistic)) in enumerate(graphs.items())
        ]


def contacts_widget(spec: Spec) -> list[dict[str, Any]]:
    """Return the widget that says whom to ask; none if the entry does not say it. What the entry says is a block of
    code, so that it cannot pass for a text of this product."""
    if spec.contacts is None:
        return []
    lines = (f"    {label}: {text}" for label, text in spec.contacts.labelled())
    markdown = "\n".join(("Contacts", "", *lines))
    return [{"type": "text", "width": 24, "height": 4, "x": 0, "y": 9, "properties": {"markdown": markdown}}]
