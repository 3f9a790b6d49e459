"""The alarms that guard an endpoint after the bake, when SageMaker no longer does. If one fires within the spec's watch
window, the deployer brings the last good version back. The publisher sends a notification when one fires, and when
it is OK again."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from lambdas.gate import names
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec


class StandingAlarms(Construct):
    def __init__(self, scope: Construct, id: str, *, spec: Spec) -> None:
        super().__init__(scope, id)
        for signal in alarms.signals(spec):
            alarm = cloudwatch.CfnAlarm(
                self,
                signal.name,
                alarm_name=names.standing_alarm(spec.endpoint, signal.name),
                alarm_description=f"{signal.name} of the SageMaker endpoint {spec.endpoint}.",
                evaluation_periods=signal.evaluation_periods,
                datapoints_to_alarm=signal.evaluation_periods,
                threshold=signal.threshold,
                comparison_operator="GreaterThanThreshold",
                treat_missing_data="notBreaching",
            )
            dimensions = alarms.fleet_dimensions(spec.endpoint, spec.variant.name)
            # CloudFormation spells the Metrics as PutMetricAlarm does.
            alarm.add_property_override("Metrics", alarms.math_metrics(signal, dimensions))
