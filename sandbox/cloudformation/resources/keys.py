"""KMS keys and their aliases.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_KMS.html
"""

import json

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, UnsupportedError, boolean, supported
from sandbox.cloudformation.services import Services


class Key(ResourceType):
    type = "AWS::KMS::Key"
    replaced_by = ("KeySpec", "KeyUsage", "MultiRegion", "Origin")

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        given = supported(
            properties,
            "Description",
            "KeySpec",
            "KeyUsage",
            "MultiRegion",
            "Origin",
            ignored=(
                "KeyPolicy",
                "EnableKeyRotation",
                "Enabled",
                "PendingWindowInDays",
                "Tags",
                "RotationPeriodInDays",
            ),
        )
        tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties.get("Tags", [])]
        client = services.client("kms")
        key = client.create_key(Policy=json.dumps(properties["KeyPolicy"]), Tags=tags, **given)["KeyMetadata"]
        physical = Physical(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})
        return self.update(services, physical, properties, properties)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        client, key = services.client("kms"), physical.id
        client.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(properties["KeyPolicy"]))
        client.update_key_description(KeyId=key, Description=properties.get("Description", ""))
        if "EnableKeyRotation" in properties or "EnableKeyRotation" in before:  # Not every kind of key is rotated.
            rotates = boolean(properties.get("EnableKeyRotation", False))
            (client.enable_key_rotation if rotates else client.disable_key_rotation)(KeyId=key)
        (client.enable_key if boolean(properties.get("Enabled", True)) else client.disable_key)(KeyId=key)
        if properties.get("Tags") != before.get("Tags"):
            raise UnsupportedError("The sandbox does not change a key's Tags.")
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        days = int(properties.get("PendingWindowInDays", 30))
        services.client("kms").schedule_key_deletion(KeyId=physical.id, PendingWindowInDays=days)


class Alias(ResourceType):
    type = "AWS::KMS::Alias"
    name_property = "AliasName"
    longest_name = 256

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        target = supported(properties, "TargetKeyId", ignored=("AliasName",))["TargetKeyId"]
        services.client("kms").create_alias(AliasName=name, TargetKeyId=target)
        return Physical(name)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        services.client("kms").update_alias(AliasName=physical.id, TargetKeyId=properties["TargetKeyId"])
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        services.client("kms").delete_alias(AliasName=physical.id)
