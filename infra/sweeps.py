"""The schedules of the whole gate. They repair what an event or a stream lost.

An endpoint's own schedule is in its stack."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import arns
from lambdas.gate import names
from lambdas.gate.inbox import OPEN_ATTEMPTS


class Sweeps(Construct):
    """A full stop in the rules' names keeps them apart from the endpoints' rules: no endpoint's name holds one."""

    def __init__(self, scope: Construct, id: str, *, publisher: lambda_.IFunction) -> None:
        super().__init__(scope, id)
        # By their ARNs: the queues' own policies let every rule of this gate in, so a target need not add to them.
        inbox = sqs.Queue.from_queue_arn(self, "Inbox", arns.inbox(self))
        dead_letters = sqs.Queue.from_queue_arn(self, "DeadLetters", arns.dead_letters(self))
        events.Rule(
            self,
            "Outbox",
            rule_name=f"{names.PREFIX}-sweep.outbox",
            description="Publishes the rows of the ledger that its stream lost.",
            schedule=events.Schedule.rate(Duration.minutes(5)),
            targets=[
                targets.LambdaFunction(
                    publisher,
                    event=events.RuleTargetInput.from_object({"sweep": "outbox"}),
                    dead_letter_queue=dead_letters,
                    retry_attempts=0,  # The next sweep is the retry.
                )
            ],
        )
        events.Rule(
            self,
            "OpenAttempts",
            rule_name=f"{names.PREFIX}-sweep.{OPEN_ATTEMPTS}",
            description="Closes attempts of endpoints whose own stack is gone.",
            schedule=events.Schedule.rate(Duration.minutes(15)),
            targets=[
                targets.SqsQueue(
                    inbox,
                    message=events.RuleTargetInput.from_object({"sweep": OPEN_ATTEMPTS}),
                    dead_letter_queue=dead_letters,
                )
            ],
        )
