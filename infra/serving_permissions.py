"""What the serving section of an entry adds to the role that its models run with."""

from aws_cdk import Stack
from constructs import Construct

from infra import arns
from infra.config.serving import DataCapture, Serving, Vpc
from infra.permission import Permission


def serving_permissions(scope: Construct, serving: Serving) -> list[Permission]:
    return [
        *(_capture(scope, serving.data_capture) if serving.data_capture else ()),
        *(_vpc(scope, serving.vpc) if serving.vpc else ()),
    ]


def _capture(scope: Construct, capture: DataCapture) -> list[Permission]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html"""
    place = capture.destination.removeprefix("s3://")
    written = Permission(
        "WriteCapturedData",
        ["s3:PutObject"],
        [f"arn:{Stack.of(scope).partition}:s3:::{place}*"],
        "the prefix that the entry names",
    )
    if capture.kms_key is None:
        return [written]
    # Large objects are written in parts, for which S3 decrypts too.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    through = {"StringEquals": {"kms:ViaService": f"s3.{Stack.of(scope).region}.amazonaws.com"}}
    key = Permission(
        "EncryptCapturedData", ["kms:Decrypt", "kms:GenerateDataKey"], [capture.kms_key], conditions=through
    )
    return [written, key]


def _vpc(scope: Construct, vpc: Vpc) -> list[Permission]:
    """SageMaker makes the containers' network interfaces with this role.
    https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html"""
    interfaces = arns.arn(scope, "ec2", "network-interface", "*")
    # A shared subnet, and its security groups, may belong to another account.
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
