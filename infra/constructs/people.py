"""Two managed policies for people: one to approve versions, and one to register versions but never approve one. Attach
them to roles or users yourself. Somebody with both cannot approve, because a denial wins.

Both UpdateModelPackage and CreateModelPackage can set an approval status.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-set-up.html
"""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config.sections.gate import Stage
from infra.permissions import arns
from infra.permissions.permission import Permission, explain
from lambdas.gate import names

STATUS = "sagemaker:ModelApprovalStatus"
STAGE, STAGE_STATUS = "sagemaker:ModelLifeCycle:Stage", "sagemaker:ModelLifeCycle:StageStatus"
REGISTRATION = ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"]
ANY_GROUP = "the groups are named in the endpoints' specs"


class People(Construct):
    """`stages`: the ModelLifeCycle stages that an endpoint requires of an approved version."""

    def __init__(self, scope: Construct, id: str, *, stages: Sequence[Stage]) -> None:
        super().__init__(scope, id)
        self.may_approve = self._policy(
            "MayApprove", "may-approve", "Approve and reject versions in the model registry.", self._approving(stages)
        )
        self.may_register = self._policy(
            "MayRegister",
            "may-register",
            "Register versions in the model registry and change them, but never approve one.",
            self._registering(),
            [*_never_approved(), *(_never_at(stage) for stage in stages)],
        )

    def _policy(
        self,
        id: str,
        name: str,
        description: str,
        allowed: Sequence[Permission],
        denied: Sequence[iam.PolicyStatement] = (),
    ) -> iam.ManagedPolicy:
        permissions = [*self._reading(), *allowed]
        policy = iam.ManagedPolicy(
            self,
            id,
            managed_policy_name=f"{names.PREFIX}-{name}-{Stack.of(self).region}",
            description=description,
            statements=[*(each.statement() for each in permissions), *denied],
        )
        explain(policy, permissions)
        return policy

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
        update = ["sagemaker:UpdateModelPackage"]
        keys = {"Approve": STATUS} | ({"MoveToStages": STAGE} if stages else {})
        return [
            Permission(sid, update, [self._versions()], ANY_GROUP, {"Null": {key: "false"}})
            for sid, key in keys.items()
        ]

    def _registering(self) -> list[Permission]:
        return [
            Permission("Register", REGISTRATION, [self._versions(), self._groups()], ANY_GROUP),
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


def _never_approved() -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            sid="NeverApprove",
            effect=iam.Effect.DENY,
            actions=REGISTRATION,
            resources=["*"],
            conditions={"StringEquals": {STATUS: "Approved"}},
        )
    ]


def _never_at(stage: Stage) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        effect=iam.Effect.DENY,
        actions=REGISTRATION,
        resources=["*"],
        conditions={"StringEquals": {STAGE: stage.name, STAGE_STATUS: stage.status}},
    )
