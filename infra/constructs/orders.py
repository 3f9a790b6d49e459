"""The queue of operators' orders, and the dead-letter queue for orders that could not be written."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.dead_letters import dead_letter_alarm, dead_letter_queue
from lambdas.gate import names, timing

RECEIVES = 100
"""How often an order is delivered: more often than it comes again until it expires, so that it ends in a row."""


class Orders(Construct):
    """Both queues are FIFO: orders for one endpoint stay in their order, and SQS asks for a dead-letter queue of the
    same kind. Who may send is said by the senders' own policies, within the account; the queue's policy keeps out
    everybody else."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.dead_letters = dead_letter_queue(self, names.ORDERS_DEAD_LETTERS, fifo=True)
        self.queue = sqs.Queue(
            self,
            "Orders",
            queue_name=names.ORDERS,
            fifo=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(timing.ORDERS_VISIBILITY_TIMEOUT),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=RECEIVES),
        )
        for queue in (self.queue, self.dead_letters):
            queue.add_to_resource_policy(self._this_account_only(queue))
        self.alarm = dead_letter_alarm(
            self,
            self.dead_letters,
            names.ORDERS_DEAD_LETTERS_ALARM,
            "Approval Gate could not write an operator's order. To see it: approval-gate dead-letters",
        )

    def _this_account_only(self, queue: sqs.Queue) -> iam.PolicyStatement:
        """Return the denial for principals of other accounts and for services. A service has no account of its own in
        a request, and a negated operator also holds without the key.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
        return iam.PolicyStatement(
            sid="PrincipalsOfThisAccountOnly",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions={"StringNotEquals": {"aws:PrincipalAccount": Stack.of(self).account}},
        )
