"""CloudFormation's operations, in place of moto's. `cdk bootstrap`, `cdk deploy` and `cdk destroy` work with them.

moto's operations find a change set by its name alone, although the CLI gives all of them the same name. They lose
outputs and previous parameter values, and they answer a failed execution with HTTP 500.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

from sandbox.cloudformation import stacks
from sandbox.cloudformation.change_set import find, propose
from sandbox.cloudformation.execution import end, execute
from sandbox.cloudformation.stack_resource import summaries
from sandbox.iam import managed_policies

Operation = Callable[[CloudFormationBackend, Mapping[str, Any]], Any]

_MOTO_PARSE: Final = Stack.parse_template


class CloudFormation:
    """Creates each resource through its service's own API, so the resource is the same as one created by any client."""

    def install(self) -> None:
        managed_policies.serve()
        for operation in (
            create_stack,
            update_stack,
            delete_stack,
            create_change_set,
            describe_change_set,
            execute_change_set,
            delete_change_set,
            list_change_sets,
            list_stack_resources,
            describe_stack_resources,
            describe_stack_resource,
            update_termination_protection,
        ):
            setattr(CloudFormationResponse, operation.__name__, _method(operation))
        Stack.parse_template = staticmethod(_parsed)
        ChangeSet._parse_template = _parse_template


def _parsed(template: str) -> Any:
    """Parse JSON as JSON. moto parses it as YAML, which takes many times longer."""
    try:
        return json.loads(template)
    except ValueError:
        return _MOTO_PARSE(template)


def _parse_template(change_set: Any) -> None:
    change_set.template_dict = _parsed(change_set.template)


def _method(operation: Operation) -> Callable[[Any], Any]:
    def method(response: Any) -> Any:
        return ActionResult(operation(response.cloudformation_backend, response.params) or {})

    return method


def create_stack(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    change_set = propose(backend, {**asked, "ChangeSetType": "CREATE", "ChangeSetName": "direct"})
    execute(backend, change_set)
    return {"StackId": change_set.stack_id}


def update_stack(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    change_set = propose(backend, {**asked, "ChangeSetType": "UPDATE", "ChangeSetName": "direct"})
    if change_set.execution_status == "UNAVAILABLE":
        raise ValidationError(message="No updates are to be performed.")
    execute(backend, change_set)
    return {"StackId": change_set.stack_id}


def delete_stack(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html"""
    stack = find(backend, asked["StackName"])
    if stack is None:
        return
    if stack.enable_termination_protection:
        raise ValidationError(message=f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    stack.status = "DELETE_IN_PROGRESS"
    stack._add_stack_event("DELETE_IN_PROGRESS", resource_status_reason="User Initiated")
    try:
        stacks.delete(stack)
    except stacks.StackFailedError as failure:
        end(stack, "DELETE_FAILED", str(failure))
        return
    for name in [name for name, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id]:
        del backend.exports[name]
    end(stack, "DELETE_COMPLETE")
    backend.deleted_stacks[stack.stack_id] = backend.stacks.pop(stack.stack_id)
    for id_ in [id_ for id_, one in backend.change_sets.items() if one.stack is stack]:
        del backend.change_sets[id_]


def create_change_set(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    change_set = propose(backend, asked)
    backend.change_sets[change_set.change_set_id] = change_set
    return {"Id": change_set.change_set_id, "StackId": change_set.stack_id}


def describe_change_set(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    return _change_set(backend, asked)


def execute_change_set(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> None:
    execute(backend, _change_set(backend, asked))


def delete_change_set(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> None:
    """Succeed also if the change set does not exist."""
    if found := _lookup(backend, asked):
        del backend.change_sets[found.change_set_id]


def list_change_sets(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    stack = _existing(backend, asked["StackName"])
    return {"Summaries": [one for one in backend.change_sets.values() if one.stack is stack]}


def list_stack_resources(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    return {"StackResourceSummaries": list(summaries(_existing(backend, asked["StackName"])))}


def describe_stack_resources(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    stack = _existing(backend, asked["StackName"])
    wanted = asked.get("LogicalResourceId")
    found = [one for one in summaries(stack) if wanted in (None, one["LogicalResourceId"])]
    return {"StackResources": [_detailed(stack, one) for one in found]}


def describe_stack_resource(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    stack, wanted = _existing(backend, asked["StackName"]), asked["LogicalResourceId"]
    for one in summaries(stack):
        if one["LogicalResourceId"] == wanted:
            return {"StackResourceDetail": _detailed(stack, one)}
    raise ValidationError(message=f"Resource {wanted} does not exist for stack {stack.name}")


def update_termination_protection(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    stack = _existing(backend, asked["StackName"])
    stack.enable_termination_protection = bool(asked["EnableTerminationProtection"])
    return {"StackId": stack.stack_id}


def _change_set(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> ChangeSet:
    if found := _lookup(backend, asked):
        return found
    raise CloudFormationError("ChangeSetNotFound", f"ChangeSet [{asked['ChangeSetName']}] does not exist")


def _lookup(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> ChangeSet | None:
    """Return the change set with this ARN, or the newest with this name in the stack that is named."""
    name, stack = asked["ChangeSetName"], asked.get("StackName")
    if name in backend.change_sets:
        return backend.change_sets[name]
    mine = [
        one
        for one in backend.change_sets.values()
        if one.change_set_name == name and stack in (one.stack_name, one.stack_id)
    ]
    return mine[-1] if mine else None


def _existing(backend: CloudFormationBackend, name: str) -> Stack:
    if stack := find(backend, name):
        return stack
    if name in backend.deleted_stacks:
        return backend.deleted_stacks[name]
    raise ValidationError(message=f"Stack with id {name} does not exist")


def _detailed(stack: Stack, one: dict[str, Any]) -> dict[str, Any]:
    return {
        "StackName": stack.name,
        "StackId": stack.stack_id,
        "Timestamp": one["LastUpdatedTimestamp"],
        **one,
    }
