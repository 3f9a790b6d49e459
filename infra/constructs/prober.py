"""The prober of one endpoint: the function that plays its golden requests."""

import dataclasses

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.asset import bundle
from infra.asset.bundle import Asset
from infra.config.golden_file import GoldenFile
from infra.constructs.function import Function
from infra.constructs.tasks import carry_out_tasks, task_queue
from infra.event_patterns import prober_pattern
from infra.permissions import arns
from infra.permissions.permission import Permission, deny, grant, never_approve
from infra.permissions.queues import only_functions_may_send
from lambdas.gate import names
from lambdas.gate.rollout.deployment_config import last_phase_seconds
from lambdas.gate.spec.spec import Spec
from lambdas.prober.settings import GOLDEN_FILE, ProberSettings


class Prober(Construct):
    """The prober is in the endpoint's stack, so that its role names only this endpoint. The requests are in its asset,
    because no parameter can hold them, and because code, requests and the digest in the spec must change together."""

    def __init__(self, scope: Construct, id: str, *, spec: Spec, golden: GoldenFile, functions: Asset) -> None:
        super().__init__(scope, id)
        self.endpoint, self.namespace = spec.endpoint, names.golden_namespace(spec.endpoint)
        name = names.prober(self.endpoint)
        inbox = sqs.Queue.from_queue_arn(self, "Inbox", arns.inbox(self))
        self.queue = task_queue(self, name)
        made = Function(
            self,
            "Prober",
            name=name,
            folder="prober",
            description=f"Plays golden requests to the SageMaker endpoint {self.endpoint}.",
            asset=bundle.extended(functions, {GOLDEN_FILE: golden.content}),
            settings=ProberSettings(
                endpoint=self.endpoint,
                queue_url=self.queue.queue_url,
                inbox_url=inbox.queue_url,
                digest=golden.golden.digest,
                namespace=self.namespace,
                wait_seconds=spec.rollout.wait_seconds,
                bake_seconds=last_phase_seconds(spec.rollout),
            ),
        )
        self.function, self.role = made.function, made.role
        carry_out_tasks(made, self.queue)
        grant(made.role, self._permissions())
        deny(made.role, never_approve())
        self._add_rule()

    def named(self, spec: Spec) -> Spec:
        """Return the spec that says who the prober is and where it puts metrics, so that nobody else's count."""
        assert spec.golden is not None
        golden = dataclasses.replace(spec.golden, role_id=self.role.role_id, namespace=self.namespace)
        return dataclasses.replace(spec, golden=golden)

    def _permissions(self) -> list[Permission]:
        # SageMaker writes names into ARNs in lower case.
        endpoint = sorted({arns.sagemaker(self, "endpoint", name) for name in (self.endpoint, self.endpoint.lower())})
        return [
            Permission("PlayToTheEndpoint", ["sagemaker:InvokeEndpoint"], endpoint),
            Permission("GoOnLater", ["sqs:SendMessage"], [self.queue.queue_arn]),
            Permission("TellTheDeployer", ["sqs:SendMessage"], [arns.inbox(self)]),
            Permission(
                "PublishFailures",
                ["cloudwatch:PutMetricData"],
                ["*"],
                "the action takes no resource; the namespace bounds it",
                {"StringEquals": {"cloudwatch:namespace": self.namespace}},
            ),
        ]

    def _add_rule(self) -> None:
        """Add the rule, with the L1 construct, because CDK's typed pattern has no `$or`."""
        name = names.prober_rule(self.endpoint)
        rule = events.CfnRule(
            self,
            "Rule",
            name=name,
            description=f"Makes the prober of the endpoint {self.endpoint} play.",
            event_pattern=prober_pattern(Stack.of(self).account, self.endpoint),
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="prober",
                    arn=self.queue.queue_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=arns.dead_letters(self)),
                    # An event that is later than the longest bake is of no use.
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=3600, maximum_retry_attempts=185
                    ),
                )
            ],
        )
        rule.node.add_dependency(self.function)
        self.queue.add_to_resource_policy(only_functions_may_send(self.queue, [names.prober(self.endpoint)]))
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                sid="ItsOwnRule",
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={
                    "ArnEquals": {"aws:SourceArn": arns.arn(self, "events", "rule", name)},
                    "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
                },
            )
        )
