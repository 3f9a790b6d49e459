"""The keys of `serving`."""

from typing import Annotated, Literal

from pydantic import Field

from infra.config import limits
from infra.config.sections.section import Section, key, whole
from infra.config.sections.texts import (
    Destination,
    KmsKey,
    SecurityGroup,
    Subnet,
    Topic,
    VariableName,
    VariableValue,
)


def _both() -> list[Literal["Input", "Output"]]:
    return ["Input", "Output"]


class DataCapture(Section):
    """Requests and answers that SageMaker writes to S3. Asynchronous endpoints cannot have it.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html"""

    EXAMPLE = "serving: {data_capture: {percent: 20, destination: s3://my-capture/fraud/}}"
    percent: Annotated[
        int,
        whole(
            0,
            100,
            "Share of the requests that are captured, in percent. A shadow with `differ` captures all. With 0 nothing "
            "else is captured.",
            20,
        ),
    ]
    destination: Annotated[Destination, key("S3 prefix for the captured data.", "s3://my-capture/fraud/")]
    modes: Annotated[
        list[Literal["Input", "Output"]],
        key(
            "What is captured: requests (`Input`), answers (`Output`), or both.",
            min_length=1,
            max_length=2,
            json_schema_extra={"uniqueItems": True},
        ),
    ] = Field(default_factory=_both)
    kms_key: Annotated[
        KmsKey | None, key("KMS key for the captured data. Its policy must let the execution role encrypt.")
    ] = None


class Vpc(Section):
    """The VPC that the containers can reach.

    https://docs.aws.amazon.com/sagemaker/latest/dg/host-vpc.html"""

    EXAMPLE = "serving: {vpc: {subnets: [subnet-0123456789abcdef0], security_groups: [sg-0123456789abcdef0]}}"
    subnets: Annotated[
        list[Subnet],
        key(
            "IDs of the subnets. Two or more Availability Zones are best.",
            ["subnet-0123456789abcdef0"],
            min_length=1,
            max_length=limits.SUBNETS,
            json_schema_extra={"uniqueItems": True},
        ),
    ]
    security_groups: Annotated[
        list[SecurityGroup],
        key(
            "IDs of the security groups.",
            ["sg-0123456789abcdef0"],
            min_length=1,
            max_length=limits.SECURITY_GROUPS,
            json_schema_extra={"uniqueItems": True},
        ),
    ]


class Asynchronous(Section):
    """An endpoint whose requests wait in a queue, and whose answers are written to S3, as that of
    docs/examples/asynchronous.yaml.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceConfig.html"""

    EXAMPLE = "serving: {asynchronous: {input: s3://my-inference/in/, output: s3://my-inference/out/}}"
    input: Annotated[
        Destination,
        key("S3 prefix where callers put their requests. The execution role may read it.", "s3://my-inference/in/"),
    ]
    output: Annotated[
        Destination, key("S3 prefix for the answers. The execution role may write to it.", "s3://my-inference/out/")
    ]
    failures: Annotated[
        Destination | None,
        key(
            "S3 prefix for the errors of failed requests. Without it they are not written.",
            "s3://my-inference/failures/",
        ),
    ] = None
    kms_key: Annotated[
        KmsKey | None, key("KMS key for answers and errors. Its policy must let the execution role encrypt.")
    ] = None
    max_concurrent_invocations: Annotated[
        int | None,
        whole(
            *limits.INVOCATIONS,
            "Requests at the same time on one instance. SageMaker chooses the default.",
            4,
        ),
    ] = None
    success_topic: Annotated[Topic | None, key("SNS topic that gets a message for each answer.")] = None
    error_topic: Annotated[Topic | None, key("SNS topic that gets a message for each failed request.")] = None


class Serving(Section):
    """How the variant serves, besides its instances. A change is rolled out at once, with the version that is live.
    docs/examples/serving.yaml has every key."""

    INHERITED_BY_KEY = True
    EXAMPLE = 'serving: {environment: {LOG_LEVEL: "info"}, container_startup_seconds: 600}'
    environment: Annotated[
        dict[VariableName, VariableValue],
        key(
            "Environment variables of the container. SageMaker refuses them if the model package has its own.",
            {"LOG_LEVEL": "info"},
            max_length=limits.VARIABLES,
            json_schema_extra={"additionalProperties": False},  # Names that break the pattern.
        ),
    ] = Field(default_factory=dict)
    data_capture: Annotated[DataCapture | None, key("Writes requests and answers to S3.")] = None
    asynchronous: Annotated[Asynchronous | None, key("Makes the endpoint asynchronous.")] = None
    kms_key: Annotated[
        KmsKey | None,
        key(
            "KMS key for the instances' storage volumes. Its policy must let the deployer's role make grants. Instance "
            "types with local storage take none."
        ),
    ] = None
    vpc: Annotated[Vpc | None, key("Lets the containers reach a VPC.")] = None
    network_isolation: Annotated[bool, key("True cuts the containers off from every network.")] = False
    container_startup_seconds: Annotated[
        int | None,
        whole(
            *limits.STARTUP_SECONDS,
            "Seconds until the container must answer its health check. SageMaker chooses the default.",
            600,
        ),
    ] = None
    model_download_seconds: Annotated[
        int | None,
        whole(
            *limits.STARTUP_SECONDS,
            "Seconds for the download and unpacking of the model artifacts. SageMaker chooses the default.",
            600,
        ),
    ] = None
