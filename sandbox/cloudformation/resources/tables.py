"""DynamoDB tables.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_DynamoDB.html
"""

import json
from typing import Any

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, UnsupportedError, boolean, supported
from sandbox.cloudformation.services import Services
from sandbox.iam import table_policy


class DeniedError(RuntimeError):
    """The table's policy does not let CloudFormation change the table."""


class Table(ResourceType):
    type = "AWS::DynamoDB::Table"
    name_property = "TableName"
    replaced_by = ("KeySchema", "LocalSecondaryIndexes")
    longest_name = 255
    _CREATED_WITH = (
        "AttributeDefinitions",
        "BillingMode",
        "DeletionProtectionEnabled",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "LocalSecondaryIndexes",
        "ProvisionedThroughput",
        "Tags",
    )
    _AFTERWARDS = ("PointInTimeRecoverySpecification", "TimeToLiveSpecification", "ResourcePolicy")

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        client = services.client("dynamodb")
        request = supported(
            properties,
            *self._CREATED_WITH,
            ignored=(*self._AFTERWARDS, "TableName", "StreamSpecification", "SSESpecification"),
        )
        if "DeletionProtectionEnabled" in request:
            request["DeletionProtectionEnabled"] = boolean(request["DeletionProtectionEnabled"])
        if stream := properties.get("StreamSpecification"):
            request["StreamSpecification"] = _stream(stream)
        if encryption := properties.get("SSESpecification"):
            request["SSESpecification"] = _encryption(encryption)
        client.create_table(TableName=name, **request)
        self._finish(services, name, properties, {})
        return self._physical(services, name)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        client, name = services.client("dynamodb"), physical.id
        for key in ("GlobalSecondaryIndexes", "SSESpecification"):
            if properties.get(key) != before.get(key):
                raise UnsupportedError(f"The sandbox does not change {key} of a table.")
        changed: dict[str, Any] = {
            key: properties[key]
            for key in ("AttributeDefinitions", "BillingMode", "ProvisionedThroughput")
            if key in properties and properties[key] != before.get(key)
        }
        protected = boolean(properties.get("DeletionProtectionEnabled", False))
        if protected != boolean(before.get("DeletionProtectionEnabled", False)):
            changed["DeletionProtectionEnabled"] = protected
        if changed:
            _require(services, "UpdateTable", physical.attributes["Arn"])
            client.update_table(TableName=name, **changed)
        if properties.get("StreamSpecification") != before.get("StreamSpecification"):
            if "StreamSpecification" in before:
                client.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
            if stream := properties.get("StreamSpecification"):
                client.update_table(TableName=name, StreamSpecification=_stream(stream))
        self._finish(services, name, properties, before)
        arn = physical.attributes["Arn"]
        if old := [tag["Key"] for tag in before.get("Tags", [])]:
            client.untag_resource(ResourceArn=arn, TagKeys=old)
        if properties.get("Tags"):
            client.tag_resource(ResourceArn=arn, Tags=properties["Tags"])
        return self._physical(services, name)

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        if self.find(services, physical.id):
            _require(services, "DeleteTable", physical.attributes["Arn"])
            services.client("dynamodb").delete_table(TableName=physical.id)

    def find(self, services: Services, name: str) -> Physical | None:
        client = services.client("dynamodb")
        try:
            return self._physical(services, name)
        except client.exceptions.ResourceNotFoundException:
            return None

    def _physical(self, services: Services, name: str) -> Physical:
        table = services.client("dynamodb").describe_table(TableName=name)["Table"]
        stream = {"StreamArn": table["LatestStreamArn"]} if "LatestStreamArn" in table else {}
        return Physical(name, {"Arn": table["TableArn"], "TableId": table.get("TableId", name), **stream})

    def _finish(self, services: Services, name: str, properties: Properties, before: Properties) -> None:
        client = services.client("dynamodb")
        recovery = properties.get("PointInTimeRecoverySpecification")
        if recovery != before.get("PointInTimeRecoverySpecification"):
            asked = dict(recovery or {"PointInTimeRecoveryEnabled": False})
            asked["PointInTimeRecoveryEnabled"] = boolean(asked["PointInTimeRecoveryEnabled"])
            client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=asked)
        expiry = properties.get("TimeToLiveSpecification")
        arn = services.arn("dynamodb", f"table/{name}")
        if expiry and expiry != before.get("TimeToLiveSpecification"):
            _require(services, "UpdateTimeToLive", arn)
            asked = {**expiry, "Enabled": boolean(expiry["Enabled"])}
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=asked)
        policy = properties.get("ResourcePolicy")
        if policy and policy != before.get("ResourcePolicy"):
            _require(services, "PutResourcePolicy", arn)
            client.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy["PolicyDocument"]))
        elif before.get("ResourcePolicy") and not policy:
            _require(services, "DeleteResourcePolicy", arn)
            client.delete_resource_policy(ResourceArn=arn)


class GlobalTable(Table):
    """A table with one replica, in the stack's own Region. CDK's TableV2 without further replicas is such a table."""

    type = "AWS::DynamoDB::GlobalTable"
    _IN_REPLICA = ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "Tags", "ResourcePolicy")

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        return super().create(services, name, self._as_table(services, properties))

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        now, then = self._as_table(services, properties), self._as_table(services, before)
        return super().update(services, physical, now, then)

    def _as_table(self, services: Services, properties: Properties) -> Properties:
        replicas = properties["Replicas"]
        if [replica["Region"] for replica in replicas] != [services.region]:
            raise UnsupportedError("The sandbox models tables with one replica, in their own Region.")
        own = supported(replicas[0], *self._IN_REPLICA, ignored=("Region",))
        return {key: value for key, value in properties.items() if key != "Replicas"} | own


def _require(services: Services, action: str, arn: str) -> None:
    """Raise DeniedError if the table's policy denies the action to the role that CloudFormation deploys with."""
    account, region = services.account, services.region
    role = f"arn:aws:iam::{account}:role/cdk-hnb659fds-cfn-exec-role-{account}-{region}"
    if table_policy.denies(f"dynamodb:{action}", arn, role):
        raise DeniedError(f"{role} is not authorized to perform: dynamodb:{action} on resource: {arn}")


def _stream(specification: Properties) -> Properties:
    return {"StreamEnabled": True, **supported(specification, "StreamViewType")}


def _encryption(specification: Properties) -> Properties:
    given = supported(specification, "SSEType", "KMSMasterKeyId", ignored=("SSEEnabled",))
    return {"Enabled": boolean(specification["SSEEnabled"]), **given}
