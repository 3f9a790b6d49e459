"""AWS's list prices in us-east-1, in US dollars, as they were found on 2026-11-30, without any free tier.

`source`: where the price was read. The price list itself could not be asked, so a price is only as good as its source.
"""

from dataclasses import dataclass

MILLION, THOUSAND = 1_000_000, 1_000


@dataclass(frozen=True)
class Price:
    """`of`: what is paid for. `source`: a page; empty if the price could not be verified."""

    of: str
    dollars: float
    source: str = ""


LAMBDA = "https://aws.amazon.com/lambda/pricing/"
INVOCATION = Price("a Lambda request", 0.20 / MILLION, LAMBDA)
GIGABYTE_SECOND = Price("a GB-second of Lambda on ARM64", 0.0000133334, LAMBDA)
READ = Price(
    "a DynamoDB read unit (4 KB)", 0.125 / MILLION, "https://airbyte.com/data-engineering-resources/dynamodb-pricing"
)
WRITE = Price("a DynamoDB write unit (1 KB)", 0.625 / MILLION, READ.source)
QUEUE = Price("an SQS request", 0.40 / MILLION, "https://cloudburn.io/blog/amazon-sqs-pricing")
FIFO = Price("an SQS request to a FIFO queue", 0.50 / MILLION, QUEUE.source)
EVENT = Price(
    "a custom event of EventBridge", 1.00 / MILLION, "https://blog.awsfundamentals.com/aws-eventbridge-pricing-guide"
)
NOTIFICATION = Price("an SNS message", 0.50 / MILLION)
MAIL = Price("an SNS e-mail", 2.00 / 100_000)
ALARM_MONTH = Price(
    "a metric of an alarm for a month", 0.10, "https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm"
)
METRIC_READ = Price(
    "a CloudWatch request, or a metric that GetMetricData reads",
    0.01 / THOUSAND,
    "https://support.site24x7.com/portal/en/kb/articles/aws-cloudwatch-metrics-cost-calculation",
)
S3_READ = Price("an S3 HEAD or GET", 0.0004 / THOUSAND)
TRACE = Price("an X-Ray trace", 5.00 / MILLION)
LOG_KILOBYTE = Price("a KB of logs", 0.50 / MILLION)
KEY_MONTH = Price("a KMS key for a month", 1.00)
TRANSITION = Price("a Step Functions transition", 0.025 / THOUSAND, "https://aws.amazon.com/step-functions/pricing/")
PIPELINE_MINUTE = Price("a minute of a CodePipeline V2 action", 0.002, "https://aws.amazon.com/codepipeline/pricing/")

ALL = (
    INVOCATION,
    GIGABYTE_SECOND,
    READ,
    WRITE,
    QUEUE,
    FIFO,
    EVENT,
    NOTIFICATION,
    MAIL,
    ALARM_MONTH,
    METRIC_READ,
    S3_READ,
    TRACE,
    LOG_KILOBYTE,
    KEY_MONTH,
    TRANSITION,
    PIPELINE_MINUTE,
)
FREE = ("sagemaker", "ecr", "ssm", "cloudtrail", "iam", "sts")
"""Services whose calls cost nothing: those of SageMaker's control plane have no price, and Parameter Store's standard
throughput is free. No page was found that says so for each."""
