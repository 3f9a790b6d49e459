"""The comparer of one endpoint: the function that compares the answers of its shadows."""

import dataclasses

from aws_cdk import Stack
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.asset.bundle import Asset
from infra.constructs.function import Function
from infra.constructs.tasks import carry_out_tasks, task_queue
from infra.permissions import arns
from infra.permissions.permission import Permission, deny, grant, never_approve
from infra.permissions.queues import only_functions_may_send
from lambdas.comparer.settings import ComparerSettings
from lambdas.gate import names
from lambdas.gate.spec.serving import Capture
from lambdas.gate.spec.shadow import Comparer as ComparerSpec
from lambdas.gate.spec.spec import Spec


class Comparer(Construct):
    """The comparer reads what callers sent, so it is a function of its own: it reads this endpoint's captures, tells
    the deployer, and may do nothing else. It is in the endpoint's stack, so that its role names only this endpoint."""

    def __init__(self, scope: Construct, id: str, *, endpoint: str, capture: Capture, functions: Asset) -> None:
        super().__init__(scope, id)
        name = names.comparer(endpoint)
        self._endpoint, self._capture = endpoint, capture
        inbox = sqs.Queue.from_queue_arn(self, "Inbox", arns.inbox(self))
        self.queue = task_queue(self, name)
        made = Function(
            self,
            "Comparer",
            name=name,
            folder="comparer",
            description=f"Compares the answers of the shadows of the SageMaker endpoint {endpoint}.",
            asset=functions,
            settings=ComparerSettings(endpoint=endpoint, destination=capture.destination, inbox_url=inbox.queue_url),
        )
        self.function, self.role = made.function, made.role
        carry_out_tasks(made, self.queue)
        grant(made.role, self._permissions())
        deny(made.role, never_approve())
        self.queue.add_to_resource_policy(only_functions_may_send(self.queue, [names.DEPLOYER]))

    def named(self, spec: Spec) -> Spec:
        """Return the spec that says where the comparer is asked, and who it is, so that nobody else's results count."""
        return dataclasses.replace(spec, comparer=ComparerSpec(self.role.role_id, self.queue.queue_url))

    def _permissions(self) -> list[Permission]:
        bucket, prefix = names.captures(self._capture.destination, self._endpoint)
        own = f"{prefix}*"
        partition, region = Stack.of(self).partition, Stack.of(self).region
        found = [
            Permission(
                "ReadCaptures",
                ["s3:GetObject"],
                [f"arn:{partition}:s3:::{bucket}/{own}"],
                "what SageMaker captures of this endpoint",
            ),
            Permission(
                "ListCaptures",
                ["s3:ListBucket"],
                [f"arn:{partition}:s3:::{bucket}"],
                conditions={"StringLike": {"s3:prefix": own}},
            ),
            Permission("TellTheDeployer", ["sqs:SendMessage"], [arns.inbox(self)]),
        ]
        if key := self._capture.kms_key:
            through = {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}}
            found.append(Permission("DecryptCaptures", ["kms:Decrypt"], [key], conditions=through))
        return found
