"""The EventBridge rule of an endpoint, which sends its events and its schedule to the inbox."""

import json

from aws_cdk import Stack
from aws_cdk import aws_events as events
from constructs import Construct

from infra.config.entry import Entry
from infra.config.requirements import minutes_between_reconciles
from infra.event_patterns import event_pattern
from infra.permissions import arns
from lambdas.gate import names


class Rule(Construct):
    """It is made with the L1 construct, because CDK's typed pattern has no `$or`."""

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
            description=f"Makes Approval Gate reconcile the endpoint {endpoint}.",
            event_pattern=pattern,
            schedule_expression=f"rate({minutes_between_reconciles(endpoints)} minutes)",
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="inbox",
                    arn=arns.inbox(self),
                    # The whole event as a value: a path in the map, and a placeholder without quotes.
                    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_paths_map={"event": "$"},
                        input_template=f'{{"endpoint":{json.dumps(endpoint)},"event":<event>}}',
                    ),
                    # Without a queue EventBridge drops an event that it cannot deliver. After an hour the schedule has
                    # made up for it.
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=arns.dead_letters(self)),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=3600, maximum_retry_attempts=185
                    ),
                )
            ],
        )
