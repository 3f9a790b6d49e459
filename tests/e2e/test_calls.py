"""What an approval costs in AWS calls."""

from lambdas.gate.reconcile.observe import LATE_SECONDS
from tests.e2e.conftest import Take
from tests.e2e.world import SCHEDULE_SECONDS, World

TO_THE_UPDATE = [
    "dynamodb:GetItem",  # What the head decides by,
    "dynamodb:Query",  # and what it schedules by, with the last row.
    "ssm:GetParameter",
    "sagemaker:DescribeEndpoint",
    "sagemaker:ListModelPackages",  # The Approved versions,
    "sagemaker:ListModelPackages",  # and those of any status that may be new.
    "sagemaker:DescribeModelPackage",
    "dynamodb:GetItem",  # What the version was when it was registered.
    "cloudwatch:DescribeAlarms",  # The standing ones: the live version is within its watch window.
    "dynamodb:GetItem",  # What it loaded when it was registered, to which the approval is pinned.
    "s3:HeadObject",  # What it loads now.
    "dynamodb:GetItem",  # Whether all endpoints are paused.
    "dynamodb:Query",
    "sagemaker:ListTags",
    "cloudwatch:GetMetricStatistics",  # The live version's background of failures.
    "sagemaker:CreateModel",
    "sagemaker:DescribeModel",  # What it loads, as far as SageMaker shows that.
    "sagemaker:CreateEndpointConfig",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:PutMetricAlarm",
    "sagemaker:DescribeEndpointConfig",
    "cloudwatch:DescribeAlarms",
    "sagemaker:DescribeModelPackage",  # What a revert would take after this rollout: the live version,
    "s3:HeadObject",  # which is still what was approved,
    "ecr:BatchGetImage",  # and whose image is still there.
    "dynamodb:TransactWriteItems",
    "sagemaker:DescribeModelPackage",  # What it names now is what was registered and approved still;
    "dynamodb:GetItem",
    "s3:HeadObject",
    "dynamodb:GetItem",  # all endpoints are still not paused;
    "dynamodb:Query",
    "sagemaker:DescribeModelPackage",  # and it is Approved still, asked last.
    "sagemaker:UpdateEndpoint",
]
AFTER_IT = ["dynamodb:TransactWriteItems", "sqs:SendMessage"]
WATCHED_SECONDS = LATE_SECONDS + 900
"""The entry has no watch window; the standing alarms are asked for as long as one may be seen late."""
SETTLED = [
    "dynamodb:GetItem",
    "dynamodb:Query",
    "ssm:GetParameter",
    "sagemaker:DescribeEndpoint",
    "sagemaker:ListModelPackages",
    "sagemaker:ListModelPackages",
    "sagemaker:DescribeModelPackage",  # The live version is still what was approved.
    "s3:HeadObject",
    "ecr:BatchGetImage",
]


def test_the_calls_from_the_message_to_the_update(take: Take, world: World) -> None:
    endpoint = take("counted")
    endpoint.serving(versions=2)
    before = len(world.calls())
    endpoint.approve(2)
    calls = world.calls()[before]["calls"]
    assert calls == TO_THE_UPDATE + AFTER_IT


def test_the_calls_of_a_look_at_a_settled_endpoint(take: Take, world: World) -> None:
    endpoint = take("settled")
    endpoint.serving()
    world.advance(WATCHED_SECONDS)
    before = len(world.calls())
    world.advance(2 * SCHEDULE_SECONDS)
    # The sweep of open attempts may come in the same batch as the endpoint's own look, and before it.
    looks = [run["calls"] for run in world.calls()[before:] if "settled" in str(run["event"])]
    assert {tuple(calls[-len(SETTLED) :]) for calls in looks} == {tuple(SETTLED)}
