"""What people make without the gate: the endpoints that are there before the app is, and changes behind its back."""

from typing import Any

from lambdas.gate import names
from sandbox.demo.people import IMAGE
from tests.e2e.endpoints import ADOPTED, ENTRIES, PAGED, SERVING, group
from tests.e2e.world import World

ROLE = "arn:aws:iam::123456789012:role/somebodys"
MODEL_SETTINGS: dict[str, Any] = {
    "VpcConfig": {"Subnets": ["subnet-0123456789abcdef0"], "SecurityGroupIds": ["sg-0123456789abcdef0"]},
    "EnableNetworkIsolation": True,
}
CONFIG_SETTINGS: dict[str, Any] = {
    "KmsKeyId": SERVING["kms_key"],
    "DataCaptureConfig": {
        "EnableCapture": True,
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": "s3://e2e-capture/equipped/",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    },
}
PAGE = 100
"""The most versions that ListModelPackages gives at a time."""


def prepare(world: World) -> None:
    """Before the deployment: endpoints with ten Approved versions, which serve the fourth, and a group of more than a
    page of Approved versions."""
    s3, sagemaker = world.client("s3"), world.client("sagemaker")
    s3.create_bucket(Bucket="e2e-models")
    for name in (*ADOPTED, PAGED):
        s3.put_object(Bucket="e2e-models", Key=f"{name}/model.tar.gz", Body=b"model")
        sagemaker.create_model_package_group(ModelPackageGroupName=group(name))
    for name, tagged, equipped in zip(ADOPTED, (True, False, True), (False, False, True), strict=True):
        versions = [_approved(sagemaker, name) for _ in range(10)]
        config(world, f"{name}-by-hand", versions[3], equipped=equipped)
        tags = [{"Key": names.TAG_KEY, "Value": names.TAG_VALUE}] if tagged else []
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-by-hand", Tags=tags)
    for _ in range(PAGE + 4):
        _approved(sagemaker, PAGED)
    world.advance(600)


def config(world: World, name: str, version: str, *, equipped: bool = False) -> None:
    """An endpoint config and its model, both called `name`, of one variant of two instances. `equipped`: with
    settings of many kinds."""
    sagemaker = world.client("sagemaker")
    container = {"ModelPackageName": version, **({"Environment": {"LOG_LEVEL": "info"}} if equipped else {})}
    sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, Containers=[container], **(MODEL_SETTINGS if equipped else {})
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": "AllTraffic",
                "ModelName": name,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 2,
                **({"ContainerStartupHealthCheckTimeoutInSeconds": 600} if equipped else {}),
            }
        ],
        **(CONFIG_SETTINGS if equipped else {}),
    )


def _approved(sagemaker: Any, endpoint: str) -> str:
    answer = sagemaker.create_model_package(
        ModelPackageGroupName=group(endpoint),
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataUrl": f"{ENTRIES[endpoint]['model_artifacts']}model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )
    return str(answer["ModelPackageArn"])
