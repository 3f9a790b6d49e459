"""The permissions for operations of Application Auto Scaling.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html
"""

from typing import Final

from sandbox.iam.permissions.permission import ApiRequest, Permission, Permissions, Requires, same_for


def _target(request: ApiRequest) -> Permissions:
    """Yield the permission on one scalable target, whose identifier AWS makes."""
    context = {
        "application-autoscaling:service-namespace": request.get("ServiceNamespace"),
        "application-autoscaling:scalable-dimension": request.get("ScalableDimension"),
    }
    target = request.arn("application-autoscaling", "scalable-target/0")
    yield Permission(f"application-autoscaling:{request.operation}", target, context)


OPERATIONS: Final[dict[str, Requires]] = same_for(
    _target,
    "DeleteScalingPolicy",
    "DeleteScheduledAction",
    "DeregisterScalableTarget",
    "PutScalingPolicy",
    "PutScheduledAction",
    "RegisterScalableTarget",
)
"""The other operations need their own action on `*`."""
