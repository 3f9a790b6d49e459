"""The two people of the demo. Each one uses boto3 with keys of their own, and only documented calls."""

from typing import Any
from urllib.parse import urlparse

from sandbox.app.deployment import client, specs
from sandbox.demo.endpoint_client import EndpointClient

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


class DataScientist:
    """Registers versions of one model package group. `artifacts` (`s3://BUCKET/PREFIX/`) is where the model data is
    stored."""

    def __init__(self, sagemaker: Any, s3: Any, group: str, artifacts: str) -> None:
        self._sagemaker = sagemaker
        self._s3 = s3
        self._group = group
        self._artifacts = artifacts.rstrip("/")

    def register(self, name: str, description: str, behaviour: dict[str, str] | None = None) -> str:
        """Register a version and return its ARN.

        `behaviour` holds properties that change how the sandbox's fleets answer, such as `sandbox.error_rate`.
        """
        location = urlparse(f"{self._artifacts}/{name}/model.tar.gz")
        self._s3.put_object(Bucket=location.netloc, Key=location.path.lstrip("/"), Body=name.encode())
        container = {"Image": IMAGE, "ModelDataUrl": location.geturl()}
        answer = self._sagemaker.create_model_package(
            ModelPackageGroupName=self._group,
            ModelPackageDescription=description,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            **({"CustomerMetadataProperties": behaviour} if behaviour else {}),
        )
        return str(answer["ModelPackageArn"])

    def approve(self, version: str, why: str) -> None:
        """Approve a version, which may be the data scientist's own: AWS allows that."""
        _decide(self._sagemaker, version, "Approved", why)


class Reviewer:
    """Approves and rejects versions, with a reason."""

    def __init__(self, sagemaker: Any) -> None:
        self._sagemaker = sagemaker

    def approve(self, version: str, why: str) -> None:
        _decide(self._sagemaker, version, "Approved", why)

    def reject(self, version: str, why: str) -> None:
        _decide(self._sagemaker, version, "Rejected", why)


def people_of(url: str, endpoint: EndpointClient) -> tuple[DataScientist, Reviewer]:
    """Return who registers and who reviews the versions of an endpoint in the sandbox at `url`."""
    spec = next(spec for spec in specs(url) if spec.endpoint == endpoint.endpoint)
    keys = {name: (k["AccessKeyId"], k["SecretAccessKey"]) for name, k in endpoint.control("principals").items()}
    # The training job stores the artifact, not a person, so this client has the operator's keys.
    scientist = DataScientist(
        client("sagemaker", url, *keys["data-scientist"]),
        client("s3", url),
        spec.model_package_group,
        spec.model_artifacts,
    )
    return scientist, Reviewer(client("sagemaker", url, *keys["reviewer"]))


def _decide(sagemaker: Any, version: str, status: str, why: str) -> None:
    sagemaker.update_model_package(ModelPackageArn=version, ModelApprovalStatus=status, ApprovalDescription=why)
