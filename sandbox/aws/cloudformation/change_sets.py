"""Stacks and change sets as the CDK CLI drives them, in place of moto's operations on both.

moto's own look change sets up by name alone, though every stack's has the CLI's one name, lose outputs and previous
parameter values, and answer a failed execution with HTTP 500.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlparse

from moto.cloudformation.exceptions import AlreadyExistsException, CloudFormationError, ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudformation.utils import generate_changeset_id, generate_stack_id, get_stack_from_s3_url
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from sandbox.aws.cloudformation import stacks
from sandbox.aws.cloudformation.dependencies import CircularError, in_order
from sandbox.aws.cloudformation.types import TYPES

_UNCHANGED = "The submitted information didn't contain changes. Submit different information to create a change set."
"""The CDK CLI knows an unchanged stack by this sentence."""
_FINAL = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")


def serve() -> None:
    """Answer these operations from now on."""
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


Operation = Callable[[CloudFormationBackend, Mapping[str, Any]], Any]


def _method(operation: Operation) -> Callable[[Any], Any]:
    def method(response: Any) -> Any:
        return ActionResult(operation(response.cloudformation_backend, response.params) or {})

    return method


def create_stack(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    change_set = _propose(backend, {**asked, "ChangeSetType": "CREATE", "ChangeSetName": "direct"})
    _execute(backend, change_set)
    return {"StackId": change_set.stack_id}


def update_stack(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    change_set = _propose(backend, {**asked, "ChangeSetType": "UPDATE", "ChangeSetName": "direct"})
    if change_set.execution_status == "UNAVAILABLE":
        raise ValidationError(message="No updates are to be performed.")
    _execute(backend, change_set)
    return {"StackId": change_set.stack_id}


def delete_stack(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html"""
    stack = _find(backend, asked["StackName"])
    if stack is None:
        return
    if stack.enable_termination_protection:
        raise ValidationError(message=f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    stack.status = "DELETE_IN_PROGRESS"
    stack._add_stack_event("DELETE_IN_PROGRESS", resource_status_reason="User Initiated")
    try:
        stacks.delete(stack)
    except stacks.StackFailedError as failure:
        _end(stack, "DELETE_FAILED", str(failure))
        return
    for name in [name for name, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id]:
        del backend.exports[name]
    _end(stack, "DELETE_COMPLETE")
    backend.deleted_stacks[stack.stack_id] = backend.stacks.pop(stack.stack_id)
    for id_ in [id_ for id_, one in backend.change_sets.items() if one.stack is stack]:
        del backend.change_sets[id_]


def create_change_set(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    change_set = _propose(backend, asked)
    backend.change_sets[change_set.change_set_id] = change_set
    return {"Id": change_set.change_set_id, "StackId": change_set.stack_id}


def describe_change_set(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    return _change_set(backend, asked)


def execute_change_set(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> None:
    _execute(backend, _change_set(backend, asked))


def delete_change_set(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> None:
    """One that does not exist is no error."""
    if found := _lookup(backend, asked):
        del backend.change_sets[found.change_set_id]


def list_change_sets(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    stack = _existing(backend, asked["StackName"])
    return {"Summaries": [one for one in backend.change_sets.values() if one.stack is stack]}


def list_stack_resources(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    return {"StackResourceSummaries": list(stacks.summaries(_existing(backend, asked["StackName"])))}


def describe_stack_resources(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    stack = _existing(backend, asked["StackName"])
    wanted = asked.get("LogicalResourceId")
    found = [one for one in stacks.summaries(stack) if wanted in (None, one["LogicalResourceId"])]
    return {"StackResources": [_detailed(stack, one) for one in found]}


def describe_stack_resource(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    stack, wanted = _existing(backend, asked["StackName"]), asked["LogicalResourceId"]
    for one in stacks.summaries(stack):
        if one["LogicalResourceId"] == wanted:
            return {"StackResourceDetail": _detailed(stack, one)}
    raise ValidationError(message=f"Resource {wanted} does not exist for stack {stack.name}")


def update_termination_protection(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Any:
    stack = _existing(backend, asked["StackName"])
    stack.enable_termination_protection = bool(asked["EnableTerminationProtection"])
    return {"StackId": stack.stack_id}


def _propose(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> ChangeSet:
    """A change set, not kept yet."""
    kind = asked.get("ChangeSetType") or "UPDATE"
    if kind not in ("CREATE", "UPDATE"):
        raise ValidationError(message=f"The sandbox does not model change sets of the type {kind}.")
    old = _find(backend, asked["StackName"])
    if kind == "UPDATE" and (old is None or old.status not in _FINAL):
        state = f"is in {old.status} state and can not be updated." if old else "does not exist"
        raise ValidationError(message=f"Stack:{old.stack_id if old else asked['StackName']} {state}")
    if kind == "CREATE" and old and old.status != "REVIEW_IN_PROGRESS":
        raise AlreadyExistsException(f"Stack [{old.name}] already exists")
    template = _template(backend, old, asked)
    stack = old or _new_stack(backend, asked)
    parameters = _parameters(stack, asked)
    tags = {tag["Key"]: tag["Value"] for tag in asked.get("Tags") or ()}
    change_set = ChangeSet(
        change_set_type=kind,
        change_set_id=generate_changeset_id(asked["ChangeSetName"], backend.region_name, backend.account_id),
        change_set_name=asked["ChangeSetName"],
        stack=stack,
        template=template,
        parameters=parameters,
        description=asked.get("Description"),
        notification_arns=asked.get("NotificationARNs"),
        tags=tags,
        role_arn=asked.get("RoleARN"),
    )
    change_set.adopts = bool(asked.get("ImportExistingResources"))
    _require_known(change_set.template_dict)
    change_set.status, change_set.execution_status = "CREATE_COMPLETE", "AVAILABLE"
    same_template = kind == "UPDATE" and stack.has_template(template)
    if same_template and stack.parameters == parameters and (not tags or stack.tags == tags):
        change_set.status, change_set.execution_status = "FAILED", "UNAVAILABLE"
        change_set.status_reason = _UNCHANGED
    return change_set


def _execute(backend: CloudFormationBackend, change_set: ChangeSet) -> None:
    """As on AWS the request succeeds, and the stack's status and events say how it went."""
    if change_set.execution_status != "AVAILABLE":
        raise CloudFormationError(
            "InvalidChangeSetStatus",
            f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current status of "
            f"[{change_set.status}], execution status [{change_set.execution_status}]",
        )
    stack, kind = change_set.stack, change_set.change_set_type
    before = (stack.template, dict(stack.parameters))
    change_set.execution_status = "EXECUTE_FAILED"
    stack.status = f"{kind}_IN_PROGRESS"
    stack._add_stack_event(f"{kind}_IN_PROGRESS", resource_status_reason="User Initiated")
    try:
        stacks.apply(
            stack, change_set.template, change_set.parameters, exports=backend.exports, adopt=change_set.adopts
        )
    except stacks.StackFailedError as failure:
        _roll_back(backend, stack, kind, before, str(failure))
        return
    except BaseException:
        # A fault of the sandbox itself; the stack must not look as if it were still at work.
        _end(stack, f"{kind}_FAILED", "Internal Failure")
        raise
    change_set.execution_status = "EXECUTE_COMPLETE"
    stack.role_arn = change_set.role_arn
    if change_set.tags:
        stack.tags = change_set.tags
    if kind == "UPDATE":
        stack.last_updated_time = utcnow()
    _end(stack, f"{kind}_COMPLETE")


def _roll_back(
    backend: CloudFormationBackend, stack: Stack, kind: str, before: tuple[Any, dict[str, str]], reason: str
) -> None:
    prefix = "" if kind == "CREATE" else "UPDATE_"
    stack.status = f"{prefix}ROLLBACK_IN_PROGRESS"
    stack._add_stack_event(stack.status, resource_status_reason=f"The following resource(s) failed: {reason}")
    try:
        if kind == "CREATE":
            stacks.roll_back_creation(stack)
        else:
            stacks.apply(stack, before[0], before[1], exports=backend.exports)
    except stacks.StackFailedError as failure:
        _end(stack, f"{prefix}ROLLBACK_FAILED", str(failure))
        return
    _end(stack, f"{prefix}ROLLBACK_COMPLETE", reason)


def _end(stack: Stack, status: str, reason: str | None = None) -> None:
    stack.status = status
    stack.stack_status_reason = reason
    stack._add_stack_event(status, resource_status_reason=reason)


def _new_stack(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> Stack:
    stack = Stack(
        stack_id=generate_stack_id(asked["StackName"], backend.region_name, backend.account_id),
        name=asked["StackName"],
        template={},
        parameters={},
        account_id=backend.account_id,
        region_name=backend.region_name,
        notification_arns=asked.get("NotificationARNs"),
        tags={tag["Key"]: tag["Value"] for tag in asked.get("Tags") or ()},
        role_arn=asked.get("RoleARN"),
        enable_termination_protection=bool(asked.get("EnableTerminationProtection")),
    )
    stack.status = "REVIEW_IN_PROGRESS"
    stack._add_stack_event("REVIEW_IN_PROGRESS", resource_status_reason="User Initiated")
    backend.stacks[stack.stack_id] = stack
    return stack


def _template(backend: CloudFormationBackend, stack: Stack | None, asked: Mapping[str, Any]) -> str:
    if asked.get("UsePreviousTemplate"):
        if stack is None:
            raise ValidationError(message="There is no previous template.")
        return str(stack.template)
    if body := asked.get("TemplateBody"):
        return str(body)
    if not asked.get("TemplateURL"):
        raise ValidationError(message="Either Template URL or Template Body must be specified.")
    return template_at(asked["TemplateURL"], backend)


def template_at(url: str, backend: CloudFormationBackend) -> str:
    """The text at an address in S3; elsewhere than on amazonaws.com the bucket is the path's first part."""
    parsed = urlparse(url)
    if not parsed.netloc.endswith("amazonaws.com"):
        url = f"https://s3.amazonaws.com{parsed.path}"
    return str(get_stack_from_s3_url(url, account_id=backend.account_id, partition=backend.partition))


def _parameters(stack: Stack, asked: Mapping[str, Any]) -> dict[str, str]:
    """As given, with the stack's own where the previous value is asked for; SSM's are names here, not values."""
    found: dict[str, str] = {}
    for parameter in asked.get("Parameters") or ():
        key = parameter["ParameterKey"]
        if parameter.get("UsePreviousValue"):
            if key in stack.parameters:
                found[key] = stack.parameters[key]
        else:
            found[key] = parameter["ParameterValue"]
    return found


def _require_known(template: Mapping[str, Any]) -> None:
    resources = template.get("Resources")
    if not resources:
        raise ValidationError(message="Template format error: At least one Resources member must be defined.")
    if unknown := sorted({resource["Type"] for resource in resources.values()} - TYPES.keys()):
        raise ValidationError(
            message=f"Template format error: Unrecognized resource types: {json.dumps(unknown)} (in the sandbox)"
        )
    try:
        in_order(resources)
    except CircularError as error:
        raise ValidationError(message=f"Template error: {error}") from error


def _change_set(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> ChangeSet:
    if found := _lookup(backend, asked):
        return found
    raise CloudFormationError("ChangeSetNotFound", f"ChangeSet [{asked['ChangeSetName']}] does not exist")


def _lookup(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> ChangeSet | None:
    """By ARN, or the newest of that name of that stack."""
    name, stack = asked["ChangeSetName"], asked.get("StackName")
    if name in backend.change_sets:
        return backend.change_sets[name]
    mine = [
        one
        for one in backend.change_sets.values()
        if one.change_set_name == name and stack in (one.stack_name, one.stack_id)
    ]
    return mine[-1] if mine else None


def _find(backend: CloudFormationBackend, name: str) -> Stack | None:
    return next((stack for stack in backend.stacks.values() if name in (stack.name, stack.stack_id)), None)


def _existing(backend: CloudFormationBackend, name: str) -> Stack:
    if stack := _find(backend, name):
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
