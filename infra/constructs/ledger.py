"""The ledger's table, which outlives the stack."""

from collections.abc import Sequence

from aws_cdk import DefaultStackSynthesizer, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config.context import context
from infra.permissions import arns
from lambdas.gate import names

_CHANGES = (
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:DeleteTable",
    "dynamodb:PutResourcePolicy",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
)
"""What changes the table. The numeric `at` of a row could be its TTL, which would delete the ledger. A restore or an
import only makes a table that does not exist yet, and no resource policy can deny it."""

WRITES = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
)
"""The actions that write items. TransactWriteItems needs those of its items.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html"""


class Ledger(Construct):
    """The table has a fixed name, so that `cdk deploy --import-existing-resources` imports a retained one again.

    Its resource policy denies what the policies of most administrators allow. `writers`: the names of the functions
    that write items.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
    """

    def __init__(self, scope: Construct, id: str, *, writers: Sequence[str]) -> None:
        super().__init__(scope, id)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=names.LEDGER,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        deploying = context(self.node.get_all_context()).deploying_role or _bootstrapped_role(Stack.of(self))
        self.table.add_to_resource_policy(_only("OnlyDeployments", _CHANGES, [deploying]))
        roles = [arns.function_role(self, name) for name in writers]
        self.table.add_to_resource_policy(_only("OnlyTheFunctions", WRITES, roles))


def _only(sid: str, actions: tuple[str, ...], roles: list[str]) -> iam.PolicyStatement:
    """Return the statement that denies the actions to all but these roles. It names them in a condition, so they need
    not exist yet. `*` stands for the table: its ARN would be a reference of the table to itself."""
    return iam.PolicyStatement(
        sid=sid,
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=[*actions],
        resources=["*"],
        conditions={"ArnNotLike": {"aws:PrincipalArn": roles}},
    )


def _bootstrapped_role(stack: Stack) -> str:
    qualifier = stack.synthesizer.bootstrap_qualifier or DefaultStackSynthesizer.DEFAULT_QUALIFIER
    name = f"cdk-{qualifier}-cfn-exec-role-{stack.account}-{stack.region}"
    return f"arn:{stack.partition}:iam::{stack.account}:role/{name}"
