"""An endpoint's dashboard, for entries that ask for one: requests, errors, latency, instances."""

import json
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.permissions import arns
from lambdas.gate import alarms, names
from lambdas.gate.spec import Spec


class EndpointDashboard(Construct):
    def __init__(self, scope: Construct, id: str, *, spec: Spec) -> None:
        super().__init__(scope, id)
        self.dashboard = cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_name=names.dashboard(Stack.of(self).region, spec.endpoint),
            dashboard_body=json.dumps({"widgets": self._widgets(spec)}),
        )

    def _widgets(self, spec: Spec) -> list[dict[str, Any]]:
        variant = ["EndpointName", spec.endpoint, "VariantName", spec.variant.name]
        is_asynchronous = spec.serving.asynchronous is not None
        requests, statistic = alarms.request_metric(is_asynchronous=is_asynchronous)
        latencies = ("p50", "p99")
        errors = ["Invocation4XXErrors", "Invocation5XXErrors"]
        if is_asynchronous:  # AWS publishes no percentiles.
            latencies = ("Average", "Maximum")
        elif spec.variant.serverless is None:  # AWS publishes them for real-time endpoints on instances alone.
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
            }
        ]
