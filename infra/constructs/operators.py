"""Two managed policies for operators: one to give orders and to read the ledger, and one to stop the deployer itself.
Attach them to roles or users yourself.

An operator writes no row and no head. The deployer does, and names the sender that SQS stamps on the order.
"""

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.ledger import WRITES
from infra.permissions import arns
from infra.permissions.permission import Permission, explain
from lambdas.gate import names


class Operators(Construct):
    def __init__(
        self, scope: Construct, id: str, *, table: dynamodb.ITable, orders: sqs.IQueue, seal: kms.IKey | None
    ) -> None:
        super().__init__(scope, id)
        region = Stack.of(self).region
        self.may_operate = self._policy(
            "MayOperate",
            f"{names.PREFIX}-may-operate-{region}",
            "Give orders to Approval Gate, and see its ledger, the endpoints and the versions.",
            [
                Permission("GiveOrders", ["sqs:GetQueueUrl", "sqs:SendMessage"], [orders.queue_arn]),
                Permission("ReadTheLedger", ["dynamodb:GetItem", "dynamodb:Query"], [table.table_arn]),
                *([Permission("VerifySeals", ["kms:DescribeKey", "kms:VerifyMac"], [seal.key_arn])] if seal else []),
                Permission(
                    "ReadSpecs",
                    ["ssm:GetParametersByPath"],
                    [
                        arns.arn(self, "ssm", "parameter", names.SPEC_PATH.strip("/")),
                        arns.arn(self, "ssm", "parameter", f"{names.SPEC_PATH.strip('/')}/*"),
                    ],
                    "one parameter per endpoint, each in the endpoint's stack",
                ),
                Permission(
                    "SeeEndpoints",
                    ["sagemaker:DescribeEndpoint"],
                    [arns.sagemaker(self, "endpoint", "*")],
                    "every endpoint that has a spec",
                ),
                Permission(
                    "SeeAlarmsAndRequests",
                    ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics"],
                    ["*"],
                    "lists of alarms and metrics take no resource",
                ),
                Permission(
                    "TellPendingFromRejected",
                    ["sagemaker:DescribeModelPackage"],
                    [arns.sagemaker(self, "model-package", "*")],
                    "every version of the registry may be asked about",
                ),
            ],
            [
                iam.PolicyStatement(
                    sid="NeverWriteTheLedger",
                    effect=iam.Effect.DENY,
                    actions=[*WRITES],
                    resources=[table.table_arn],
                )
            ],
        )
        deployer = arns.function(self, names.DEPLOYER)
        self.may_stop = self._policy(
            "MayStop",
            f"{names.PREFIX}-stop-{region}",
            "Stop Approval Gate's deployer by its reserved concurrency, and let it run again.",
            [
                Permission(
                    "StopAndContinue",
                    [
                        "lambda:DeleteFunctionConcurrency",
                        "lambda:GetFunctionConcurrency",
                        "lambda:PutFunctionConcurrency",
                    ],
                    [deployer],
                )
            ],
        )

    def _policy(
        self,
        id: str,
        name: str,
        description: str,
        permissions: list[Permission],
        denied: list[iam.PolicyStatement] | None = None,
    ) -> iam.ManagedPolicy:
        statements = [*(each.statement() for each in permissions), *(denied or ())]
        policy = iam.ManagedPolicy(self, id, managed_policy_name=name, description=description, statements=statements)
        explain(policy, permissions)
        return policy
