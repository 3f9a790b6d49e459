"""The SNS topic for people: the publisher sends its notifications there, and CloudWatch those about the publisher."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.permissions import arns
from lambdas.gate import names


class Topic(Construct):
    """The topic has its own key, because alarms cannot publish to a topic with the key that AWS manages.
    https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger"""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        cloudwatch = iam.ServicePrincipal("cloudwatch.amazonaws.com")
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
        about_the_publisher = {
            "ArnLike": {"aws:SourceArn": arns.alarm(self, names.PUBLISHER_FAILING)},
            "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
        }
        self.key = kms.Key(
            self,
            "Key",
            description="Encrypts the topic of Approval Gate",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.DESTROY,  # The topic stores nothing that would still need the key.
        )
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsPublishEncrypted",
                principals=[cloudwatch],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],  # In the policy of a key this means the key.
                conditions=about_the_publisher,
            )
        )
        self.topic = sns.Topic(self, "Topic", topic_name=names.TOPIC, master_key=self.key, enforce_ssl=True)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmAboutThePublisher",
                principals=[cloudwatch],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions=about_the_publisher,
            )
        )
