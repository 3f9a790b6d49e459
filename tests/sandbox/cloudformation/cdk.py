"""A client that does what the CDK CLI does."""

import json
from typing import Any

import boto3

Resources = dict[str, dict[str, Any]]


class Cdk:
    """Does what the CLI does: creates a change set, executes it, and reads the result."""

    def __init__(self) -> None:
        self.api = boto3.client("cloudformation")

    def deploy(self, resources: Resources, *, stack: str = "app", **request: Any) -> str:
        kind = "UPDATE" if self.status(stack) else "CREATE"
        self.propose(resources, kind, stack=stack, **request)
        self.api.execute_change_set(StackName=stack, ChangeSetName="cdk-deploy-change-set")
        return self.status(stack)

    def propose(
        self,
        resources: Resources,
        kind: str,
        *,
        stack: str = "app",
        template: dict[str, Any] | None = None,
        **request: Any,
    ) -> dict[str, Any]:
        body = json.dumps({"Resources": resources, **(template or {})})
        self.api.create_change_set(
            StackName=stack, ChangeSetName="cdk-deploy-change-set", ChangeSetType=kind, TemplateBody=body, **request
        )
        found: dict[str, Any] = self.api.describe_change_set(StackName=stack, ChangeSetName="cdk-deploy-change-set")
        return found

    def status(self, stack: str = "app") -> str:
        """Return the stack's status, "" if there is no stack."""
        found = [s for s in self.api.list_stacks()["StackSummaries"] if s["StackName"] == stack]
        alive = [s["StackStatus"] for s in found if s["StackStatus"] != "DELETE_COMPLETE"]
        return str(alive[0]) if alive else ""

    def outputs(self, stack: str = "app") -> dict[str, str]:
        found = self.api.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in found}

    def physical(self, name: str, stack: str = "app") -> str:
        found = self.api.describe_stack_resource(StackName=stack, LogicalResourceId=name)["StackResourceDetail"]
        return str(found["PhysicalResourceId"])

    def events(self, name: str, stack: str = "app") -> list[tuple[str, str | None]]:
        """Return statuses and reasons of a resource's events, oldest first."""
        events = self.api.describe_stack_events(StackName=stack)["StackEvents"][::-1]
        return [(e["ResourceStatus"], e.get("ResourceStatusReason")) for e in events if e["LogicalResourceId"] == name]
