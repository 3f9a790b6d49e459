"""The deployer's queue, and the dead-letter queue for messages that could not be handled."""

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.dead_letters import dead_letter_alarm, dead_letter_queue
from infra.permissions import arns
from infra.permissions.queues import only_functions_may_send
from lambdas.gate import names, timing


class Inbox(Construct):
    """The queue's policy admits the rules of all stacks by the prefix of their names, so that it never grows.
    `senders`: the functions of this stack, whose roles may send."""

    def __init__(self, scope: Construct, id: str, *, senders: Sequence[str]) -> None:
        super().__init__(scope, id)
        self.dead_letters = dead_letter_queue(self, names.DEAD_LETTERS)
        self.queue = sqs.Queue(
            self,
            "Inbox",
            queue_name=names.INBOX,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(timing.VISIBILITY_TIMEOUT),
            # AWS recommends at least 5, because throttled deliveries count too.
            # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=5),
        )
        # Probers and comparers are in stacks of their own, so their roles are known by the pattern of their names.
        functions = (*senders, names.prober("*"), names.comparer("*"))
        for queue in (self.queue, self.dead_letters):
            queue.add_to_resource_policy(self._rules_may_send(queue))
            queue.add_to_resource_policy(only_functions_may_send(queue, functions))
        self.alarm = dead_letter_alarm(
            self,
            self.dead_letters,
            names.DEAD_LETTERS,
            "Approval Gate could not handle a message. To see it: approval-gate dead-letters",
        )

    def _rules_may_send(self, queue: sqs.Queue) -> iam.PolicyStatement:
        """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"""
        return iam.PolicyStatement(
            sid="RulesOfThisGate",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions={
                "ArnLike": {"aws:SourceArn": arns.rules(self)},
                "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
            },
        )
