"""The janitor: the only function that may delete. In a dry run it has no permission to delete anything.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.asset.bundle import Asset
from infra.constructs.function import Function
from infra.permissions import arns
from infra.permissions.deployer import TAGGED
from infra.permissions.ledger import ENDPOINTS, ledger_items, seal_rows
from infra.permissions.permission import Permission, deny, grant, never_approve
from lambdas.gate import names, timing
from lambdas.gate.aws.ledger import OUTBOX
from lambdas.gate.settings import Settings
from lambdas.janitor.policy import Mode, Policy

OWN = "the deployer's own, by the prefix of their names"


class Janitor(Construct):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        table: dynamodb.ITable,
        dead_letters: sqs.IQueue,
        asset: Asset,
        settings: Settings,
        policy: Policy,
        seal: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        made = Function(
            self,
            "Janitor",
            name=names.JANITOR,
            folder="janitor",
            description="Deletes models, endpoint configs and alarms of the gate that nothing needs any more.",
            asset=asset,
            settings=settings,
            dead_letters=dead_letters,
            timeout=timing.JANITOR_TIMEOUT,
            environment=policy.to_env(),
        )
        self.function = made.function
        deleting = policy.mode is Mode.DELETE
        grant(made.role, [*_reads(self, table), *(_deletions(self, table, seal) if deleting else ())])
        deny(made.role, [*never_approve(), _never_change()])


def _reads(scope: Construct, table: dynamodb.ITable) -> list[Permission]:
    return [
        ledger_items("ReadTheLedger", ["GetItem", "Query"], table, [ENDPOINTS]),
        Permission(
            "ReadHosting",
            ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"],
            [arns.sagemaker(scope, kind, "*") for kind in ("endpoint", "endpoint-config", "model")],
            "any endpoint may use a config or a model of the gate, by any name, tagged or not",
        ),
        Permission(
            "TakeStock",
            [
                "cloudwatch:DescribeAlarms",
                "cloudwatch:GetMetricStatistics",
                "sagemaker:ListEndpointConfigs",
                "sagemaker:ListEndpoints",
                "sagemaker:ListModels",
            ],
            ["*"],
            "lists and metrics take no resource",
        ),
    ]


def _deletions(scope: Construct, table: dynamodb.ITable, seal: kms.IKey | None) -> list[Permission]:
    return [
        *seal_rows(seal),
        ledger_items("ClaimAndRecord", ["PutItem"], table, [ENDPOINTS, OUTBOX]),
        Permission("DeleteModels", ["sagemaker:DeleteModel"], [arns.sagemaker(scope, "model", f"{names.OWNED}*")], OWN),
        Permission(
            "DeleteConfigs",
            ["sagemaker:DeleteEndpointConfig"],
            [arns.sagemaker(scope, "endpoint-config", f"{names.OWNED}*")],
            OWN,
        ),
        Permission(
            "DeleteEndpointsOptedIn",
            ["sagemaker:DeleteEndpoint"],
            [arns.sagemaker(scope, "endpoint", "*")],
            "bounded by the tag, since endpoints keep the names that callers know",
            {"StringEquals": {TAGGED: names.TAG_VALUE}},
        ),
        Permission(
            "DeleteAlarmsOfRollouts",
            ["cloudwatch:DeleteAlarms"],
            [arns.alarm(scope, f"{names.PREFIX}/*/{names.OWNED}*/*")],
            "any endpoint's rollouts, and neither the standing alarms nor the user's",
        ),
    ]


def _never_change() -> iam.PolicyStatement:
    """Return a denial that no other policy of the role can lift: the function that deletes never deploys."""
    return iam.PolicyStatement(
        sid="NeverDeploy",
        effect=iam.Effect.DENY,
        actions=["sagemaker:Create*", "sagemaker:Update*"],
        resources=["*"],
    )
