"""An endpoint's one rule: its events and its schedule, both into the inbox."""

import json

from aws_cdk import Stack
from aws_cdk import aws_events as events
from constructs import Construct

from infra.config.entry import Entry
from infra.event_patterns import event_pattern
from infra.permissions import arns
from lambdas.gate import names

CALLS_PER_LOOK = 3
"""What a look at a settled endpoint costs in calls of SageMaker's control plane."""
LEAST_MINUTES = 5


def minutes_between_looks(endpoints: int) -> int:
    """So that all settled endpoints together cost less than one control-plane call a second."""
    return max(LEAST_MINUTES, CALLS_PER_LOOK * endpoints // 60 + 1)


class Rule(Construct):
    """The L1 rule, because EventBridge's `$or` has no place in CDK's typed pattern."""

    def __init__(self, scope: Construct, id: str, *, endpoint: str, entry: Entry, endpoints: int) -> None:
        super().__init__(scope, id)
        pattern = event_pattern(
            Stack.of(self).account,
            arns.sagemaker(self, "model-package", ""),
            endpoint,
            entry.model_package_group,
            entry.rollback_on.alarms,
        )
        self.rule = events.CfnRule(
            self,
            "Rule",
            name=names.rule(endpoint),
            description=f"Makes Approval Gate look at the endpoint {endpoint}.",
            event_pattern=pattern,
            schedule_expression=f"rate({minutes_between_looks(endpoints)} minutes)",
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="inbox",
                    arn=arns.inbox(self),
                    # The whole event as a value: a path in the map, and its placeholder without quotes.
                    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_paths_map={"event": "$"},
                        input_template=f'{{"endpoint":{json.dumps(endpoint)},"event":<event>}}',
                    ),
                    # Without a queue EventBridge drops what it cannot deliver. After an hour the schedule has looked.
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=arns.dead_letters(self)),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=3600, maximum_retry_attempts=185
                    ),
                )
            ],
        )
