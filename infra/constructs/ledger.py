"""The ledger's table, which outlives the stack."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.permissions import arns
from infra.permissions.denials import deploying_role, only
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
    that write items. `key`: the ARN of the KMS key that encrypts the table; None for one of AWS's.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
    """

    def __init__(self, scope: Construct, id: str, *, writers: Sequence[str], key: str | None) -> None:
        super().__init__(scope, id)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=names.LEDGER,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if key else None,
            encryption_key=kms.Key.from_key_arn(self, "Key", key) if key else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        roles = [arns.function_role(self, name) for name in writers]
        self.table.add_to_resource_policy(only("OnlyDeployments", _CHANGES, [deploying_role(self)]))
        self.table.add_to_resource_policy(only("OnlyTheFunctions", WRITES, roles))


def never_write(table: dynamodb.ITable) -> iam.PolicyStatement:
    """Return the denial for everybody who is no function: they never write the ledger, whatever else allows it."""
    return iam.PolicyStatement(
        sid="NeverWriteTheLedger", effect=iam.Effect.DENY, actions=[*WRITES], resources=[table.table_arn]
    )
