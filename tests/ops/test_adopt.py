"""`adopt` prints an entry that the loader takes, and with which the next rollout drops nothing."""

import dataclasses
from typing import Any

import pytest

from infra.config.load import parse_configuration
from lambdas.gate.rollout import adoption
from lambdas.gate.rollout.adoption import Adopted
from lambdas.gate.state.observed import Container
from ops.render import entry as render
from tests.lambdas.builders import package

ROLE = "arn:aws:iam::123456789012:role/approval-gate/churn"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/by-hand"
KEY = "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
CONFIG: dict[str, Any] = {
    "EndpointConfigArn": ARN,
    "KmsKeyId": KEY,
    "ProductionVariants": [
        {
            "VariantName": "main",
            "InstanceType": "ml.g5.xlarge",
            "InitialInstanceCount": 3,
            "ContainerStartupHealthCheckTimeoutInSeconds": 900,
            "ModelDataDownloadTimeoutInSeconds": 1200,
        }
    ],
    "DataCaptureConfig": {
        "EnableCapture": True,
        "InitialSamplingPercentage": 5,
        "DestinationS3Uri": "s3://capture/churn",
        "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
        "KmsKeyId": KEY,
    },
    "MetricsConfig": {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 30},
}
MODEL: dict[str, Any] = {
    "VpcConfig": {"Subnets": ["subnet-0123456789abcdef0"], "SecurityGroupIds": ["sg-0123456789abcdef0"]},
    "EnableNetworkIsolation": True,
    "PrimaryContainer": {"Environment": {"no": "0x1F: {}#", "NUMBER": "010"}},
}
SERVERLESS = {
    "ProductionVariants": [{"VariantName": "v", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}]
}
QUEUE = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://out/a"}}}


@pytest.mark.parametrize(
    "adopted", [Adopted(CONFIG, (MODEL,), tags={"no": "on"}), Adopted(SERVERLESS)], ids=["instances", "serverless"]
)
@pytest.mark.parametrize("is_package", [True, False])
def test_the_entry_keeps_everything(adopted: Adopted, *, is_package: bool) -> None:
    served = (
        package(1, containers=(Container("i", model_data="s3://models/churn/1/model.tar.gz"),)) if is_package else None
    )
    text = "\n".join(render.lines("churn", adopted, served))
    (endpoint,) = parse_configuration("endpoints.yaml", text).endpoints
    assert adoption.lacking(adopted, endpoint.spec(ROLE), None) == ()
    expected = (served.group, "s3://models/churn/1/") if served else ("MODEL-PACKAGE-GROUP", "s3://my-bucket/prefix/")
    assert (endpoint.entry.model_package_group, endpoint.entry.model_artifacts) == expected


def test_what_no_entry_keeps_is_a_comment() -> None:
    variants = [CONFIG["ProductionVariants"][0] | {"InferenceAmiVersion": "al2"}, {"VariantName": "B"}]
    adopted = dataclasses.replace(Adopted(CONFIG | QUEUE | {"ProductionVariants": variants}, (MODEL,)), missing=("n",))
    text = list(render.lines("churn", adopted, None))
    assert [line for line in text if line.startswith("    # ")][-4:] == [
        '    #   asynchronous: {output: "s3://out/a/"}',
        "    # not kept: the model n was deleted, so its settings cannot be read",
        "    # not kept: the variant B",
        '    # not kept: InferenceAmiVersion "al2"',
    ]
