"""SSM parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ssm-parameter.html
"""

from typing import Any

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, supported
from sandbox.cloudformation.services import Services


class Parameter(ResourceType):
    """An update is one new version, so that the parameter's history and its event show an Update."""

    type = "AWS::SSM::Parameter"
    name_property = "Name"
    longest_name = 1011

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        request = self._request(name, properties)
        if tags := properties.get("Tags"):
            request["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
        services.client("ssm").put_parameter(**request)
        return self._physical(name, properties)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        client = services.client("ssm")
        client.put_parameter(**self._request(physical.id, properties), Overwrite=True)
        of = {"ResourceType": "Parameter", "ResourceId": physical.id}
        if old := before.get("Tags"):
            client.remove_tags_from_resource(**of, TagKeys=list(old))
        if new := properties.get("Tags"):
            client.add_tags_to_resource(**of, Tags=[{"Key": key, "Value": value} for key, value in new.items()])
        return self._physical(physical.id, properties)

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        client = services.client("ssm")
        try:
            client.delete_parameter(Name=physical.id)
        except client.exceptions.ParameterNotFound:
            return

    def find(self, services: Services, name: str) -> Physical | None:
        client = services.client("ssm")
        try:
            found = client.get_parameter(Name=name)["Parameter"]
        except client.exceptions.ParameterNotFound:
            return None
        return self._physical(name, found)

    def _physical(self, name: str, properties: Properties) -> Physical:
        return Physical(name, {"Type": properties["Type"], "Value": properties["Value"]})

    def _request(self, name: str, properties: Properties) -> dict[str, Any]:
        given = supported(
            properties,
            "AllowedPattern",
            "DataType",
            "Description",
            "Policies",
            "Tier",
            "Type",
            "Value",
            ignored=("Name", "Tags"),
        )
        return {"Name": name, **given}
