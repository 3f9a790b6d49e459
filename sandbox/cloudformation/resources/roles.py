"""IAM roles and policies.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_IAM.html
"""

import json

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, supported
from sandbox.cloudformation.services import Services


class Role(ResourceType):
    type = "AWS::IAM::Role"
    name_property = "RoleName"
    replaced_by = ("Path",)

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        given = supported(
            properties,
            "Description",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Tags",
            ignored=("RoleName", "AssumeRolePolicyDocument", "Policies", "ManagedPolicyArns"),
        )
        role = services.client("iam").create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]), **given
        )["Role"]
        physical = Physical(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})
        self._put_policies(services, name, properties, {})
        return physical

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        client = services.client("iam")
        trust = properties["AssumeRolePolicyDocument"]
        if trust != before["AssumeRolePolicyDocument"]:
            client.update_assume_role_policy(RoleName=physical.id, PolicyDocument=json.dumps(trust))
        client.update_role(
            RoleName=physical.id,
            Description=properties.get("Description", ""),
            MaxSessionDuration=int(properties.get("MaxSessionDuration", 3600)),
        )
        if old := [tag["Key"] for tag in before.get("Tags", [])]:
            client.untag_role(RoleName=physical.id, TagKeys=old)
        if properties.get("Tags"):
            client.tag_role(RoleName=physical.id, Tags=properties["Tags"])
        self._put_policies(services, physical.id, properties, before)
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        client = services.client("iam")
        if not self.find(services, physical.id):
            return
        self._put_policies(services, physical.id, {}, properties)
        client.delete_role(RoleName=physical.id)

    def find(self, services: Services, name: str) -> Physical | None:
        client = services.client("iam")
        try:
            role = client.get_role(RoleName=name)["Role"]
        except client.exceptions.NoSuchEntityException:
            return None
        return Physical(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def _put_policies(self, services: Services, name: str, properties: Properties, before: Properties) -> None:
        client = services.client("iam")
        inline = {policy["PolicyName"]: policy["PolicyDocument"] for policy in properties.get("Policies", [])}
        for policy in before.get("Policies", []):
            if policy["PolicyName"] not in inline:
                client.delete_role_policy(RoleName=name, PolicyName=policy["PolicyName"])
        for key, document in inline.items():
            client.put_role_policy(RoleName=name, PolicyName=key, PolicyDocument=json.dumps(document))
        managed, old = properties.get("ManagedPolicyArns", []), before.get("ManagedPolicyArns", [])
        for arn in old:
            if arn not in managed:
                client.detach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in managed:
            if arn not in old:
                client.attach_role_policy(RoleName=name, PolicyArn=arn)


_KINDS = (("Roles", "role", "RoleName"), ("Users", "user", "UserName"), ("Groups", "group", "GroupName"))


class Policy(ResourceType):
    """An inline policy of roles, users and groups. A new name creates the new policy and deletes the old one."""

    type = "AWS::IAM::Policy"

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        given = supported(properties, "PolicyName", "PolicyDocument", ignored=("Roles", "Users", "Groups"))
        document = json.dumps(given["PolicyDocument"])
        for key, kind, parameter in _KINDS:
            for principal in properties.get(key, []):
                put = getattr(services.client("iam"), f"put_{kind}_policy")
                put(**{parameter: principal}, PolicyName=given["PolicyName"], PolicyDocument=document)
        return Physical(name, {"Id": name})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        for key, kind, parameter in _KINDS:
            kept = properties.get(key, []) if properties["PolicyName"] == before["PolicyName"] else []
            self._remove(services, kind, parameter, before["PolicyName"], set(before.get(key, [])) - set(kept))
        return self.create(services, physical.id, properties)

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        for key, kind, parameter in _KINDS:
            self._remove(services, kind, parameter, properties["PolicyName"], set(properties.get(key, [])))

    def _remove(self, services: Services, kind: str, parameter: str, name: str, principals: set[str]) -> None:
        client = services.client("iam")
        for principal in sorted(principals):
            try:
                getattr(client, f"delete_{kind}_policy")(**{parameter: principal}, PolicyName=name)
            except client.exceptions.NoSuchEntityException:
                continue  # The principal was deleted, and its policy with it.


class ManagedPolicy(ResourceType):
    type = "AWS::IAM::ManagedPolicy"
    name_property = "ManagedPolicyName"
    replaced_by = ("Description", "Path")
    longest_name = 128

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        given = supported(
            properties,
            "Description",
            "Path",
            ignored=("ManagedPolicyName", "PolicyDocument", "Roles", "Users", "Groups"),
        )
        document = json.dumps(properties["PolicyDocument"])
        policy = services.client("iam").create_policy(PolicyName=name, PolicyDocument=document, **given)["Policy"]
        self._attach(services, policy["Arn"], properties, {})
        return Physical(policy["Arn"], {"PolicyArn": policy["Arn"]})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        client = services.client("iam")
        if properties["PolicyDocument"] != before["PolicyDocument"]:
            for version in client.list_policy_versions(PolicyArn=physical.id)["Versions"]:
                if not version["IsDefaultVersion"]:
                    client.delete_policy_version(PolicyArn=physical.id, VersionId=version["VersionId"])
            document = json.dumps(properties["PolicyDocument"])
            client.create_policy_version(PolicyArn=physical.id, PolicyDocument=document, SetAsDefault=True)
        self._attach(services, physical.id, properties, before)
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        client = services.client("iam")
        self._attach(services, physical.id, {}, properties)
        for version in client.list_policy_versions(PolicyArn=physical.id)["Versions"]:
            if not version["IsDefaultVersion"]:
                client.delete_policy_version(PolicyArn=physical.id, VersionId=version["VersionId"])
        client.delete_policy(PolicyArn=physical.id)

    def _attach(self, services: Services, arn: str, properties: Properties, before: Properties) -> None:
        client = services.client("iam")
        for key, kind, parameter in _KINDS:
            new, old = set(properties.get(key, [])), set(before.get(key, []))
            for principal in sorted(new - old):
                getattr(client, f"attach_{kind}_policy")(**{parameter: principal}, PolicyArn=arn)
            for principal in sorted(old - new):
                getattr(client, f"detach_{kind}_policy")(**{parameter: principal}, PolicyArn=arn)
