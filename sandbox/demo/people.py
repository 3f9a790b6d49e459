"""The two people of the story. Each uses boto3 with own keys, by the documented calls, as with AWS."""

from typing import Any
from urllib.parse import urlparse

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"


class DataScientist:
    """Registers versions of one model package group, whose model data lies below `artifacts`, `s3://BUCKET/PREFIX/`."""

    def __init__(self, sagemaker: Any, s3: Any, group: str, artifacts: str) -> None:
        self._sagemaker = sagemaker
        self._s3 = s3
        self._group = group
        self._artifacts = artifacts.rstrip("/")

    def register(self, name: str, description: str, behaviour: dict[str, str] | None = None) -> str:
        """The new version's ARN. `behaviour` is what the sandbox's fleets act on, such as `sandbox.error_rate`."""
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
        """Which AWS lets them: a version of their own, too."""
        _decide(self._sagemaker, version, "Approved", why)


class Reviewer:
    """Approves and rejects versions, saying why."""

    def __init__(self, sagemaker: Any) -> None:
        self._sagemaker = sagemaker

    def approve(self, version: str, why: str) -> None:
        _decide(self._sagemaker, version, "Approved", why)

    def reject(self, version: str, why: str) -> None:
        _decide(self._sagemaker, version, "Rejected", why)


def _decide(sagemaker: Any, version: str, status: str, why: str) -> None:
    sagemaker.update_model_package(ModelPackageArn=version, ModelApprovalStatus=status, ApprovalDescription=why)
