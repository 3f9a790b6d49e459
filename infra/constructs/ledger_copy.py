"""The write-once copy of the ledger: a bucket in which nobody can change or delete an object while it is locked.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.config.sections.ledger import Copy
from infra.permissions import arns
from lambdas.gate import names


class LedgerCopy(Construct):
    """The bucket outlives the stack and is imported again by its name, as the ledger's table. Its lock cannot be
    removed."""

    def __init__(self, scope: Construct, id: str, *, keys: Copy) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        days = Duration.days(keys.retention_days)
        retention = {
            "GOVERNANCE": s3.ObjectLockRetention.governance,
            "COMPLIANCE": s3.ObjectLockRetention.compliance,
        }
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=names.copy_bucket(stack.account, stack.region),
            versioned=True,  # Object Lock needs it.
            object_lock_enabled=True,
            object_lock_default_retention=retention[keys.mode](days),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        # A lock keeps every version of an object, but allows a newer version, which readers would get.
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="EachRowOnce",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:PutObject"],
                resources=[self.bucket.arn_for_objects("*")],
                conditions={"Null": {"s3:if-none-match": "true"}},
            )
        )
        # Whoever puts an object under the key of the next row would take its place.
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="OnlyThePublisher",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:PutObject"],
                resources=[self.bucket.arn_for_objects("*")],
                conditions={"ArnNotLike": {"aws:PrincipalArn": arns.function_role(self, names.PUBLISHER)}},
            )
        )
        Validations.of(self.bucket).acknowledge(
            Acknowledgment(
                id="AwsSolutions::AwsSolutions-S1",
                reason="The rows show by themselves if one is missing. CloudTrail records who read them.",
            )
        )
