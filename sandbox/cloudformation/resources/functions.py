"""Lambda functions, their permissions, event source mappings and asynchronous configuration.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_Lambda.html
"""

import io
import zipfile
from typing import Any

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, UnsupportedError, boolean, supported
from sandbox.cloudformation.services import Services

_CONFIGURATION = (
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "Handler",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
)

_DEFAULTS: dict[str, Any] = {
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "Layers": [],
    "MemorySize": 128,
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
}
"""The value that a property gets when it is removed from the template."""


class Function(ResourceType):
    type = "AWS::Lambda::Function"
    name_property = "FunctionName"
    replaced_by = ("PackageType",)
    _IGNORED = ("FunctionName", "ReservedConcurrentExecutions", "Tags", "Code")

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        given = supported(
            properties,
            *_CONFIGURATION,
            "Architectures",
            "PackageType",
            ignored=self._IGNORED,
        )
        client = services.client("lambda")
        arn = client.create_function(
            FunctionName=name, Code=_code(properties["Code"]), Tags=_tags(properties), **given
        )["FunctionArn"]
        self._reserve(services, name, properties, {})
        return Physical(name, {"Arn": arn})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        client = services.client("lambda")
        given = supported(properties, *_CONFIGURATION, ignored=(*self._IGNORED, "Architectures", "PackageType"))
        gone = {key: _DEFAULTS[key] for key in before if key in _DEFAULTS and key not in properties}
        client.update_function_configuration(FunctionName=physical.id, **gone, **given)
        if any(properties.get(key) != before.get(key) for key in ("Code", "Architectures")):
            architectures = properties.get("Architectures", ["x86_64"])
            code = _code(properties["Code"])
            client.update_function_code(FunctionName=physical.id, Architectures=architectures, **code)
        self._reserve(services, physical.id, properties, before)
        arn = physical.attributes["Arn"]
        if old := _tags(before):
            client.untag_resource(Resource=arn, TagKeys=list(old))
        if new := _tags(properties):
            client.tag_resource(Resource=arn, Tags=new)
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        client = services.client("lambda")
        try:
            client.delete_function(FunctionName=physical.id)
        except client.exceptions.ResourceNotFoundException:
            return

    def _reserve(self, services: Services, name: str, properties: Properties, before: Properties) -> None:
        client = services.client("lambda")
        if "ReservedConcurrentExecutions" in properties:
            reserved = int(properties["ReservedConcurrentExecutions"])
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
        elif "ReservedConcurrentExecutions" in before:
            client.delete_function_concurrency(FunctionName=name)


class Permission(ResourceType):
    type = "AWS::Lambda::Permission"

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        given = supported(
            properties,
            "Action",
            "EventSourceToken",
            "FunctionName",
            "FunctionUrlAuthType",
            "Principal",
            "PrincipalOrgID",
            "SourceAccount",
            "SourceArn",
        )
        services.client("lambda").add_permission(StatementId=name, **given)
        return Physical(name, {"Id": name})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        self.delete(services, physical, before)
        return self.create(services, physical.id, properties)

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        client = services.client("lambda")
        try:
            client.remove_permission(FunctionName=properties["FunctionName"], StatementId=physical.id)
        except client.exceptions.ResourceNotFoundException:
            return


class EventSourceMapping(ResourceType):
    """Its properties are the parameters of CreateEventSourceMapping."""

    type = "AWS::Lambda::EventSourceMapping"
    replaced_by = ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp")
    _FIXED = ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp", "Tags")

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        found = services.client("lambda").create_event_source_mapping(**self._request(properties))
        arn = services.arn("lambda", f"event-source-mapping:{found['UUID']}")
        return Physical(found["UUID"], {"Id": found["UUID"], "EventSourceMappingArn": arn})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        changed = {key: value for key, value in self._request(properties).items() if key not in self._FIXED}
        if gone := before.keys() - properties.keys():
            raise UnsupportedError(f"The sandbox does not remove {', '.join(sorted(gone))} from a mapping.")
        services.client("lambda").update_event_source_mapping(UUID=physical.id, **changed)
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        client = services.client("lambda")
        try:
            client.delete_event_source_mapping(UUID=physical.id)
        except client.exceptions.ResourceNotFoundException:
            return

    def _request(self, properties: Properties) -> dict[str, Any]:
        request = dict(properties)
        for key in ("Enabled", "BisectBatchOnFunctionError"):
            if key in request:
                request[key] = boolean(request[key])
        if "Tags" in request:
            request["Tags"] = _tags(properties)
        return request


class EventInvokeConfig(ResourceType):
    type = "AWS::Lambda::EventInvokeConfig"
    replaced_by = ("FunctionName", "Qualifier")

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        services.client("lambda").put_function_event_invoke_config(**_unqualified(properties))
        return Physical(name)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        # moto keeps the first of several configurations, so delete the old one first.
        self.delete(services, physical, before)
        return self.create(services, physical.id, properties)

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        client = services.client("lambda")
        try:
            client.delete_function_event_invoke_config(FunctionName=properties["FunctionName"])
        except client.exceptions.ResourceNotFoundException:
            return


def _unqualified(properties: Properties) -> Properties:
    if properties.get("Qualifier", "$LATEST") != "$LATEST":
        raise UnsupportedError("The sandbox models asynchronous configuration of $LATEST only.")
    return {key: value for key, value in properties.items() if key != "Qualifier"}


def _code(code: Properties) -> Properties:
    """Return the code as the API expects it. CloudFormation's ZipFile is source text, the API's is a zip archive."""
    given = supported(code, "S3Bucket", "S3Key", "S3ObjectVersion", "ZipFile")
    if "ZipFile" not in given:
        return given
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", given["ZipFile"])
    return {"ZipFile": archive.getvalue()}


def _tags(properties: Properties) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
