"""The permissions that the serving section of an entry adds to the execution role."""

from aws_cdk import Stack
from constructs import Construct

from infra.config.sections.serving import Asynchronous, DataCapture, Serving, Vpc
from infra.permissions import arns
from infra.permissions.permission import Permission


def serving_permissions(scope: Construct, serving: Serving) -> list[Permission]:
    return [
        *(_capture(scope, serving.data_capture) if serving.data_capture else ()),
        *(_vpc(scope, serving.vpc) if serving.vpc else ()),
        *(_asynchronous(scope, serving.asynchronous) if serving.asynchronous else ()),
    ]


def _capture(scope: Construct, capture: DataCapture) -> list[Permission]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html"""
    return [
        Permission(
            "WriteCapturedData",
            ["s3:PutObject"],
            [_objects(scope, capture.destination)],
            "the prefix that the entry names",
        ),
        *_encryption(scope, "EncryptCapturedData", capture.kms_key),
    ]


def _asynchronous(scope: Construct, asynchronous: Asynchronous) -> list[Permission]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html"""
    written = [place for place in (asynchronous.output, asynchronous.failures) if place]
    buckets = [place.removeprefix("s3://").partition("/")[0] for place in (asynchronous.input, *written)]
    topics = [topic for topic in (asynchronous.success_topic, asynchronous.error_topic) if topic]
    notify = Permission("TellOfAnswers", ["sns:Publish"], list(dict.fromkeys(topics)))
    return [
        Permission(
            "ReadRequests", ["s3:GetObject"], [_objects(scope, asynchronous.input)], "the prefix that the entry names"
        ),
        Permission(
            "WriteAnswers",
            ["s3:AbortMultipartUpload", "s3:PutObject"],
            [_objects(scope, place) for place in dict.fromkeys(written)],
            "the prefixes that the entry names",
        ),
        Permission(
            "ListRequestsAndAnswers",
            ["s3:ListBucket"],
            [f"arn:{Stack.of(scope).partition}:s3:::{bucket}" for bucket in dict.fromkeys(buckets)],
        ),
        *_encryption(scope, "EncryptAnswers", asynchronous.kms_key),
        *([notify] if topics else []),
    ]


def _objects(scope: Construct, prefix: str) -> str:
    return f"arn:{Stack.of(scope).partition}:s3:::{prefix.removeprefix('s3://')}*"


def _encryption(scope: Construct, sid: str, key: str | None) -> list[Permission]:
    # S3 also decrypts when it writes a large object in parts.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    through = {"StringEquals": {"kms:ViaService": f"s3.{Stack.of(scope).region}.amazonaws.com"}}
    return [Permission(sid, ["kms:Decrypt", "kms:GenerateDataKey"], [key], conditions=through)] if key else []


def _vpc(scope: Construct, vpc: Vpc) -> list[Permission]:
    """Return the permissions for the containers' network interfaces, which SageMaker makes with this role.
    https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html"""
    interfaces = arns.arn(scope, "ec2", "network-interface", "*")
    # A shared subnet and its security groups may belong to another account.
    # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html
    anywhere = f"arn:{Stack.of(scope).partition}:ec2:{Stack.of(scope).region}:*"
    places = [f"{anywhere}:subnet/{subnet}" for subnet in vpc.subnets]
    places += [f"{anywhere}:security-group/{group}" for group in vpc.security_groups]
    return [
        Permission(
            "CreateNetworkInterfaces",
            ["ec2:CreateNetworkInterface"],
            [interfaces, *places],
            "in the entry's subnets, which another account may share; EC2 names the interfaces",
        ),
        Permission(
            "HandleNetworkInterfaces",
            [
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            [interfaces],
            "EC2 names the interfaces",
        ),
        Permission(
            "LookAtTheNetwork",
            [
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            ["*"],
            "the actions take no resource",
        ),
    ]
