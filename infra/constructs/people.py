"""Two managed policies for people: one to approve and reject versions, and one to register versions but decide about
none. Attach them to roles or users yourself. Somebody with both cannot approve, because a denial wins.

Both UpdateModelPackage and CreateModelPackage can set an approval status. Each status but PendingManualApproval at the
registration is a decision: Rejected, or Pending again, would take a live version off its endpoint. So would moving a
version away from the stage that an endpoint asks for, or deleting it.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-set-up.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config.sections.gate import Stage
from infra.permissions import arns
from infra.permissions.permission import Permission, managed_policy

STATUS = "sagemaker:ModelApprovalStatus"
STAGE, STAGE_STATUS = "sagemaker:ModelLifeCycle:Stage", "sagemaker:ModelLifeCycle:StageStatus"
PENDING = "PendingManualApproval"
CREATE, UPDATE = ["sagemaker:CreateModelPackage"], ["sagemaker:UpdateModelPackage"]
ANY_GROUP = "the groups are named in the endpoints' specs"


class People(Construct):
    """`stages`: the ModelLifeCycle stages that an endpoint requires of an approved version."""

    def __init__(self, scope: Construct, id: str, *, stages: Sequence[Stage]) -> None:
        super().__init__(scope, id)
        self.may_approve = managed_policy(
            self,
            "MayApprove",
            "may-approve",
            "Approve and reject versions in the model registry.",
            [*self._reading(), *self._approving(stages)],
        )
        self.may_register = managed_policy(
            self,
            "MayRegister",
            "may-register",
            "Register versions in the model registry and change them, but never approve, reject or delete one.",
            [*self._reading(), *self._registering()],
            [*_never_decided(), *_never_moved(stages)],
        )

    def _reading(self) -> list[Permission]:
        return [
            Permission(
                "ReadVersions",
                ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup"],
                [self._versions(), self._groups()],
                ANY_GROUP,
            ),
            Permission(
                "ListVersions",
                ["sagemaker:ListModelPackageGroups", "sagemaker:ListModelPackages"],
                ["*"],
                "lists span all groups",
            ),
        ]

    def _approving(self, stages: Sequence[Stage]) -> list[Permission]:
        keys = {"Approve": STATUS} | ({"MoveToStages": STAGE} if stages else {})
        return [
            Permission(sid, UPDATE, [self._versions()], ANY_GROUP, {"Null": {key: "false"}})
            for sid, key in keys.items()
        ]

    def _registering(self) -> list[Permission]:
        return [
            Permission("Register", [*CREATE, *UPDATE], [self._versions(), self._groups()], ANY_GROUP),
            Permission(
                "TagOnlyWhileRegistering",
                ["sagemaker:AddTags"],
                [self._versions()],
                ANY_GROUP,
                {"StringEquals": {"sagemaker:TaggingAction": "CreateModelPackage"}},
            ),
        ]

    def _versions(self) -> str:
        return arns.sagemaker(self, "model-package", "*")

    def _groups(self) -> str:
        return arns.sagemaker(self, "model-package-group", "*")


def _never_decided() -> list[iam.PolicyStatement]:
    return [
        _denial("NeverSetStatus", UPDATE, {"Null": {STATUS: "false"}}),
        # A negated operator also holds without the key, and AWS's default is PendingManualApproval.
        _denial("RegisterOnlyPending", CREATE, {"StringNotEquals": {STATUS: PENDING}, "Null": {STATUS: "false"}}),
        _denial("NeverDelete", ["sagemaker:DeleteModelPackage", "sagemaker:DeleteModelPackageGroup"]),
    ]


def _never_moved(stages: Sequence[Stage]) -> list[iam.PolicyStatement]:
    """Return the denials that are needed if an endpoint asks for a stage. IAM cannot tell which endpoint a version is
    for, so the stage of no version may be changed."""
    moved = [_denial("NeverSetStage", UPDATE, {"Null": {STAGE: "false"}})] if stages else []
    at_stage = ({STAGE: stage.name, STAGE_STATUS: stage.status} for stage in stages)
    return [*moved, *(_denial(None, CREATE, {"StringEquals": keys}) for keys in at_stage)]


def _denial(sid: str | None, actions: list[str], conditions: Mapping[str, Any] | None = None) -> iam.PolicyStatement:
    return iam.PolicyStatement(sid=sid, effect=iam.Effect.DENY, actions=actions, resources=["*"], conditions=conditions)
