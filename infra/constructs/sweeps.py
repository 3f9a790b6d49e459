"""The schedules of the whole gate, which make up for lost events and stream records. The schedule of an endpoint is in
its own stack."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.permissions import arns
from lambdas.gate import names
from lambdas.gate.aws.inbox import OPEN_ATTEMPTS


class Sweeps(Construct):
    """The rules have a full stop in their names, so that no rule of an endpoint can have the same name."""

    def __init__(
        self, scope: Construct, id: str, *, publisher: lambda_.IFunction, janitor: lambda_.IFunction | None
    ) -> None:
        super().__init__(scope, id)
        # By their ARNs, so that a target adds nothing to the queues' policies, which admit every rule of this gate.
        inbox = sqs.Queue.from_queue_arn(self, "Inbox", arns.inbox(self))
        dead_letters = sqs.Queue.from_queue_arn(self, "DeadLetters", arns.dead_letters(self))
        events.Rule(
            self,
            "Outbox",
            rule_name=f"{names.PREFIX}-sweep.outbox",
            description="Publishes the rows of the ledger that its stream lost.",
            schedule=events.Schedule.rate(Duration.minutes(5)),
            targets=[_of_function(publisher, "outbox", dead_letters)],
        )
        if janitor:
            events.Rule(
                self,
                "Garbage",
                rule_name=f"{names.PREFIX}-sweep.{names.GARBAGE}",
                description="Deletes what nothing needs any more, or says what it would delete.",
                schedule=events.Schedule.rate(Duration.days(1)),
                targets=[_of_function(janitor, names.GARBAGE, dead_letters)],
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


def _of_function(function: lambda_.IFunction, sweep: str, dead_letters: sqs.IQueue) -> targets.LambdaFunction:
    return targets.LambdaFunction(
        function,
        event=events.RuleTargetInput.from_object({"sweep": sweep}),
        dead_letter_queue=dead_letters,
        retry_attempts=0,  # The next sweep is the retry.
    )
