"""What Application Auto Scaling's operations need.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html
"""

from typing import Final

from sandbox.iam.permissions.permission import Asked, Need, Needs, Row, rows


def _target(asked: Asked) -> Needs:
    """Of one target, whose identifier AWS makes."""
    context = {
        "application-autoscaling:service-namespace": asked.get("ServiceNamespace"),
        "application-autoscaling:scalable-dimension": asked.get("ScalableDimension"),
    }
    target = asked.arn("application-autoscaling", "scalable-target/0")
    yield Need(f"application-autoscaling:{asked.operation}", target, context)


OPERATIONS: Final[dict[str, Row]] = rows(
    _target,
    "DeleteScalingPolicy",
    "DeleteScheduledAction",
    "DeregisterScalableTarget",
    "PutScalingPolicy",
    "PutScheduledAction",
    "RegisterScalableTarget",
)
"""The others need their own action on `*`."""
