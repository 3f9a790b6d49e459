"""An account in one Region, and the ARNs in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.id}:{resource}"

    def sagemaker(self, resource: str) -> str:
        """Return the ARN of a resource of SageMaker, such as `model/name`."""
        return self.arn("sagemaker", resource)
