"""Change sets: the template and parameters proposed for a stack, checked before any resource is created."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlparse

from moto.cloudformation.exceptions import AlreadyExistsException, ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.cloudformation.utils import generate_changeset_id, generate_stack_id, get_stack_from_s3_url

from sandbox.cloudformation.dependencies import CircularError, in_order
from sandbox.cloudformation.resource_changes import resource_changes
from sandbox.cloudformation.types import TYPES

_UNCHANGED = "The submitted information didn't contain changes. Submit different information to create a change set."
"""The CDK CLI recognises an unchanged stack by this sentence."""
_FINAL = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")


def propose(backend: CloudFormationBackend, asked: Mapping[str, Any]) -> ChangeSet:
    """Return a new change set, which the caller stores."""
    kind = asked.get("ChangeSetType") or "UPDATE"
    if kind not in ("CREATE", "UPDATE"):
        raise ValidationError(message=f"The sandbox does not model change sets of the type {kind}.")
    old = find(backend, asked["StackName"])
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
    change_set.imports_existing = bool(asked.get("ImportExistingResources"))
    _require_known(change_set.template_dict)
    change_set.changes = resource_changes(stack, change_set.template_dict, parameters, backend.exports)
    change_set.status, change_set.execution_status = "CREATE_COMPLETE", "AVAILABLE"
    same_template = kind == "UPDATE" and stack.has_template(template)
    if same_template and stack.parameters == parameters and (not tags or stack.tags == tags):
        change_set.status, change_set.execution_status = "FAILED", "UNAVAILABLE"
        change_set.status_reason = _UNCHANGED
    return change_set


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
    return _template_at(asked["TemplateURL"], backend)


def _template_at(url: str, backend: CloudFormationBackend) -> str:
    """Return the text at an S3 address. Unless the host is on amazonaws.com, the bucket is the first part of the
    path."""
    parsed = urlparse(url)
    if not parsed.netloc.endswith("amazonaws.com"):
        url = f"https://s3.amazonaws.com{parsed.path}"
    return str(get_stack_from_s3_url(url, account_id=backend.account_id, partition=backend.partition))


def _parameters(stack: Stack, asked: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters by key. A parameter with UsePreviousValue keeps the stack's value.

    For a parameter of an SSM type this is the parameter's name, not its value.
    """
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


def find(backend: CloudFormationBackend, name: str) -> Stack | None:
    """Return the existing stack with this name or id."""
    return next((stack for stack in backend.stacks.values() if name in (stack.name, stack.stack_id)), None)
