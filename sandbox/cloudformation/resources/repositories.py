"""ECR repositories. `cdk bootstrap` creates one for images.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-repository.html
"""

import json

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, UnsupportedError, supported
from sandbox.cloudformation.services import Services


class Repository(ResourceType):
    type = "AWS::ECR::Repository"
    name_property = "RepositoryName"
    longest_name = 256

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        given = supported(
            properties,
            "ImageTagMutability",
            "Tags",
            ignored=("RepositoryName", "ImageScanningConfiguration", "LifecyclePolicy", "RepositoryPolicyText"),
        )
        scanning = properties.get("ImageScanningConfiguration", {})
        request = {"imageScanningConfiguration": {"scanOnPush": scanning["ScanOnPush"]}} if scanning else {}
        client = services.client("ecr")
        found = client.create_repository(
            repositoryName=name, **{key[0].lower() + key[1:]: value for key, value in given.items()}, **request
        )["repository"]
        physical = Physical(name, {"Arn": found["repositoryArn"], "RepositoryUri": found["repositoryUri"]})
        self._put_policies(services, name, properties)
        return physical

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        for key in properties.keys() | before.keys():
            changeable = key in ("LifecyclePolicy", "RepositoryPolicyText") and key in properties
            if properties.get(key) != before.get(key) and not changeable:
                raise UnsupportedError(f"The sandbox does not change {key} of a repository.")
        self._put_policies(services, physical.id, properties)
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        client = services.client("ecr")
        try:
            client.delete_repository(repositoryName=physical.id)
        except client.exceptions.RepositoryNotFoundException:
            return

    def _put_policies(self, services: Services, name: str, properties: Properties) -> None:
        client = services.client("ecr")
        if lifecycle := properties.get("LifecyclePolicy"):
            client.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=lifecycle["LifecyclePolicyText"])
        if policy := properties.get("RepositoryPolicyText"):
            client.set_repository_policy(repositoryName=name, policyText=json.dumps(policy))
