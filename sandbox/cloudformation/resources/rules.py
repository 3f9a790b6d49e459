"""EventBridge rules.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-rule.html
"""

import json
from typing import Any

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, UnsupportedError, supported
from sandbox.cloudformation.services import Services


class Rule(ResourceType):
    type = "AWS::Events::Rule"
    name_property = "Name"
    replaced_by = ("EventBusName",)

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        client = services.client("events")
        arn = client.put_rule(**self._request(name, properties))["RuleArn"]
        self._put_targets(services, name, properties)
        return Physical(name, {"Arn": arn})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        client = services.client("events")
        client.put_rule(**self._request(physical.id, properties))
        kept = {target["Id"] for target in properties.get("Targets", [])}
        if gone := [target["Id"] for target in before.get("Targets", []) if target["Id"] not in kept]:
            client.remove_targets(Rule=physical.id, Ids=gone)
        self._put_targets(services, physical.id, properties)
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        client = services.client("events")
        if not self.find(services, physical.id):
            return
        if ids := [target["Id"] for target in client.list_targets_by_rule(Rule=physical.id)["Targets"]]:
            client.remove_targets(Rule=physical.id, Ids=ids)
        client.delete_rule(Name=physical.id)

    def find(self, services: Services, name: str) -> Physical | None:
        client = services.client("events")
        try:
            return Physical(name, {"Arn": client.describe_rule(Name=name)["Arn"]})
        except client.exceptions.ResourceNotFoundException:
            return None

    def _request(self, name: str, properties: Properties) -> dict[str, Any]:
        request = supported(
            properties,
            "Description",
            "EventPattern",
            "RoleArn",
            "ScheduleExpression",
            "State",
            "Tags",
            ignored=("Name", "Targets", "EventBusName"),
        )
        if properties.get("EventBusName", "default") != "default":
            raise UnsupportedError("The sandbox puts rules on the default bus only.")
        if "EventPattern" in request:
            request["EventPattern"] = json.dumps(request["EventPattern"])
        return {"Name": name, **request}

    def _put_targets(self, services: Services, name: str, properties: Properties) -> None:
        if targets := properties.get("Targets"):
            answer = services.client("events").put_targets(Rule=name, Targets=targets)
            if answer.get("FailedEntryCount"):
                raise UnsupportedError(f"PutTargets failed: {answer['FailedEntries']}")
