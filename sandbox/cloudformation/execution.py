"""Execute a change set: create, update or roll back the stack, with the statuses and events that AWS shows."""

from typing import Any

from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.core.utils import utcnow

from sandbox.cloudformation import stacks


def execute(backend: CloudFormationBackend, change_set: ChangeSet) -> None:
    """Execute the change set. The request succeeds even if the stack fails, as on AWS: the stack's status shows the
    result."""
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
            stack,
            change_set.template,
            change_set.parameters,
            exports=backend.exports,
            import_existing=change_set.imports_existing,
        )
    except stacks.StackFailedError as failure:
        _roll_back(backend, stack, kind, before, str(failure))
        return
    except BaseException:
        # The sandbox itself is at fault. The stack must not look as if it were still in progress.
        end(stack, f"{kind}_FAILED", "Internal Failure")
        raise
    change_set.execution_status = "EXECUTE_COMPLETE"
    stack.role_arn = change_set.role_arn
    if change_set.tags:
        stack.tags = change_set.tags
    if kind == "UPDATE":
        stack.last_updated_time = utcnow()
    end(stack, f"{kind}_COMPLETE")


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
        end(stack, f"{prefix}ROLLBACK_FAILED", str(failure))
        return
    end(stack, f"{prefix}ROLLBACK_COMPLETE", reason)


def end(stack: Stack, status: str, reason: str | None = None) -> None:
    """Set the stack's status and add the event for it."""
    stack.status = status
    stack.stack_status_reason = reason
    stack._add_stack_event(status, resource_status_reason=reason)
