"""Managed policies for people who look, who operate and who audit, and one to stop the deployer itself. Attach them to
roles or users yourself.

Nobody of them writes a row or a head. The deployer does, and names the sender that SQS stamps on an order. The actions
that each policy allows are also in `ops/policies.py`, which names the policy to somebody who lacks one.
"""

from collections.abc import Sequence

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.ledger import never_write
from infra.permissions import arns
from infra.permissions.ledger import through_dynamodb
from infra.permissions.permission import Permission, managed_policy
from lambdas.gate import names


class Access(Construct):
    """`orders`: the queue of orders. `dead_letters`: both dead-letter queues. `seal`: the key of the seals. `copy`: the
    bucket of the write-once copy. `key`: the ARN of the KMS key that encrypts the ledger; None for one of AWS's."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        table: dynamodb.ITable,
        orders: sqs.IQueue,
        dead_letters: Sequence[sqs.IQueue],
        seal: kms.IKey | None,
        copy: s3.IBucket | None,
        key: str | None,
    ) -> None:
        super().__init__(scope, id)
        self._table = table
        looking = [*self._ledger(seal, key), *self._endpoints()]
        never = never_write(table)
        self.viewer = managed_policy(
            self, "Viewer", "viewer", "See what Approval Gate did, and what the endpoints serve.", looking, [never]
        )
        self.operator = managed_policy(
            self,
            "Operator",
            "operator",
            "Give orders to Approval Gate, and see everything that a viewer sees.",
            [*looking, *self._deployment(), *self._operating(orders, dead_letters)],
            [never],
        )
        self.auditor = managed_policy(
            self,
            "Auditor",
            "auditor",
            "Verify the ledger of Approval Gate and its copy, and see everything that a viewer sees.",
            [*looking, *self._deployment(), *self._auditing(copy)],
            [never],
        )
        self.may_stop = managed_policy(
            self,
            "MayStop",
            "stop",
            "Stop Approval Gate's deployer by its reserved concurrency, and let it run again.",
            [self._stopping()],
        )

    def _ledger(self, seal: kms.IKey | None, key: str | None) -> list[Permission]:
        specs = names.SPEC_PATH.strip("/")
        return [
            Permission("ReadTheLedger", ["dynamodb:GetItem", "dynamodb:Query"], [self._table.table_arn]),
            *([through_dynamodb(self, key)] if key else []),
            *([Permission("VerifySeals", ["kms:DescribeKey", "kms:VerifyMac"], [seal.key_arn])] if seal else []),
            Permission(
                "ReadSpecs",
                ["ssm:GetParametersByPath"],
                [arns.arn(self, "ssm", "parameter", specs), arns.arn(self, "ssm", "parameter", f"{specs}/*")],
                "one parameter per endpoint, each in the endpoint's stack",
            ),
            Permission(
                "ReadTheFloor",
                ["ssm:GetParameter"],
                [arns.arn(self, "ssm", "parameter", names.FLOOR_PARAMETER.strip("/"))],
            ),
        ]

    def _endpoints(self) -> list[Permission]:
        return [
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
        ]

    def _deployment(self) -> list[Permission]:
        """Return what `doctor` and `preview` read besides."""
        own = f"{names.PREFIX}-*"
        return [
            Permission(
                "SeeTheFunctions",
                ["lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration"],
                [arns.function(self, own)],
                "the functions of this gate; probers and comparers are in stacks of their own",
            ),
            Permission("SeeTheTable", ["dynamodb:DescribeTable"], [self._table.table_arn]),
            Permission(
                "SeeTheQueues",
                ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
                [arns.arn(self, "sqs", own)],
                "the queues of this gate; those of probers and comparers are in stacks of their own",
            ),
            Permission(
                "SeeTheRules",
                ["events:DescribeRule"],
                [arns.rules(self)],
                "the rules of this gate; one per endpoint, each in the endpoint's stack",
            ),
            Permission("SeeTheTopic", ["sns:ListSubscriptionsByTopic"], [arns.topic(self)]),
            Permission(
                "SeeWhatEndpointsRunOn",
                ["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
                [arns.sagemaker(self, "endpoint-config", "*"), arns.sagemaker(self, "model", "*")],
                "endpoints that were adopted have configs and models of any name",
            ),
            Permission(
                "SeeTheirRoles",
                ["iam:GetRole"],
                [arns.arn(self, "iam", "role", "*", region="")],
                "models of endpoints that were adopted have any role",
            ),
            Permission(
                "SeeTheirKeys",
                ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"],
                [arns.arn(self, "kms", "key", "*")],
                "the keys are named in the endpoints' specs",
            ),
            Permission(
                "ReadTheLogs",
                ["logs:FilterLogEvents"],
                [arns.log_groups(self)],
                "the logs of this gate's functions, and their streams",
            ),
            Permission(
                "SeeWithoutResource",
                [
                    "cloudtrail:LookupEvents",
                    "cloudwatch:ListMetrics",
                    "lambda:ListEventSourceMappings",
                    "logs:DescribeLogGroups",
                    "servicequotas:ListServiceQuotas",
                ],
                ["*"],
                "lists of events, metrics, event sources, log groups and quotas take no resource",
            ),
        ]

    def _operating(self, orders: sqs.IQueue, dead_letters: Sequence[sqs.IQueue]) -> list[Permission]:
        return [
            Permission("GiveOrders", ["sqs:GetQueueUrl", "sqs:SendMessage"], [orders.queue_arn]),
            Permission(
                "DealWithDeadLetters",
                ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"],
                [queue.queue_arn for queue in dead_letters],
            ),
        ]

    def _auditing(self, copy: s3.IBucket | None) -> list[Permission]:
        people = [arns.arn(self, "iam", kind, "*", region="") for kind in ("role", "user")]
        others = [
            Permission("ListPeople", ["iam:ListRoles", "iam:ListUsers"], ["*"], "lists of users and roles span all"),
            Permission(
                "SeeWhoElseMayInterfere",
                ["iam:SimulatePrincipalPolicy"],
                people,
                "any user or role may be able to change an endpoint",
            ),
        ]
        if copy is None:
            return others
        return [
            *others,
            Permission("ListTheCopy", ["s3:ListBucketVersions"], [copy.bucket_arn]),
            Permission("ReadTheCopy", ["s3:GetObjectVersion"], [copy.arn_for_objects("*")], "one object for each row"),
        ]

    def _stopping(self) -> Permission:
        actions = [
            "lambda:DeleteFunctionConcurrency",
            "lambda:GetFunctionConcurrency",
            "lambda:PutFunctionConcurrency",
        ]
        return Permission("StopAndContinue", actions, [arns.function(self, names.DEPLOYER)])
