"""SageMaker's model package groups.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-modelpackagegroup.html
"""

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, UnsupportedError, supported
from sandbox.cloudformation.services import Services


class ModelPackageGroup(ResourceType):
    type = "AWS::SageMaker::ModelPackageGroup"
    name_property = "ModelPackageGroupName"
    replaced_by = ("ModelPackageGroupDescription",)

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        given = supported(properties, "ModelPackageGroupDescription", "Tags", ignored=("ModelPackageGroupName",))
        client = services.client("sagemaker")
        arn = client.create_model_package_group(ModelPackageGroupName=name, **given)["ModelPackageGroupArn"]
        return Physical(arn, {"ModelPackageGroupArn": arn})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        client = services.client("sagemaker")
        if properties.get("ModelPackageGroupPolicy"):
            raise UnsupportedError("The sandbox does not model a group's ModelPackageGroupPolicy.")
        if old := [tag["Key"] for tag in before.get("Tags", [])]:
            client.delete_tags(ResourceArn=physical.id, TagKeys=old)
        if properties.get("Tags"):
            client.add_tags(ResourceArn=physical.id, Tags=properties["Tags"])
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        name = physical.id.rsplit("/", 1)[-1]
        services.client("sagemaker").delete_model_package_group(ModelPackageGroupName=name)

    def find(self, services: Services, name: str) -> Physical | None:
        client = services.client("sagemaker")
        for page in client.get_paginator("list_model_package_groups").paginate(NameContains=name):
            for group in page["ModelPackageGroupSummaryList"]:
                if group["ModelPackageGroupName"] == name:
                    arn = group["ModelPackageGroupArn"]
                    return Physical(arn, {"ModelPackageGroupArn": arn})
        return None
