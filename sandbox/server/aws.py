"""Simulated AWS without its server: one account and Region, every service on one clock."""

from pathlib import Path
from typing import Final

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data

from sandbox.clock import Clock
from sandbox.cloudformation.operations import CloudFormation
from sandbox.cloudtrail.event_history import EventHistory
from sandbox.cloudwatch.api import CloudWatchApi
from sandbox.cloudwatch.cloudwatch import CloudWatch
from sandbox.cloudwatch.embedded_metrics import EmbeddedMetrics
from sandbox.dynamodb.tables import Tables
from sandbox.ecr.images import Images
from sandbox.events.event_bus import EventBus
from sandbox.events.targets import Targets
from sandbox.functions.asynchronous import Asynchronous
from sandbox.functions.destination import Destination
from sandbox.functions.environments import Environments
from sandbox.functions.event_source_mappings import EventSourceMappings
from sandbox.functions.functions import Functions
from sandbox.iam import users
from sandbox.iam.identity import Identity
from sandbox.sagemaker.invocation import Invocation
from sandbox.sagemaker.sagemaker import SageMaker
from sandbox.server import answers
from sandbox.service_quotas.quotas import Quotas
from sandbox.sqs.queue_metrics import QueueMetrics
from sandbox.sqs.queues import Queues
from sandbox.ssm.parameters import Parameters
from world.account import Account

REGION: Final = "us-east-1"
_ROUNDS: Final = 10_000
"""The most rounds of `_settle`. If messages always cause further messages, time would never pass."""


class Aws:
    """One account and Region. moto keeps its state in the process, so a process holds one at a time.

    `principals` are the keys of the IAM users with which the account starts. `endpoint_url` is where functions call
    AWS. `folder` holds their code and logs. `clock_variable` is an environment variable of the functions that holds the
    address of the simulated time.
    """

    def __init__(self, endpoint_url: str, folder: Path, clock_variable: str | None) -> None:
        BackendDict.reset()
        reset_model_data()
        self.clock = Clock()
        own_variables = {clock_variable: f"{endpoint_url}/_sandbox/time"} if clock_variable else {}
        self._environments = Environments(self.clock, endpoint_url, folder, own_variables)
        self.functions = Functions(self.clock, self._environments)
        self.identity = Identity(self._tags)
        destination = Destination(self.clock, self.identity.permits)
        self._asynchronous = Asynchronous(self.clock, self.functions, destination)
        self._triggers = EventSourceMappings(self.clock, self.functions.invoke, destination)
        self.events = EventBus(self.clock, Targets(self._asynchronous.add))
        account = Account(DEFAULT_ACCOUNT_ID, REGION)
        self.cloudwatch = CloudWatch(self.clock, self.events, account)
        self.sagemaker = SageMaker(self.clock, self.events, self.cloudwatch.alarms, account)
        self.cloudwatch.on_alarm = self.sagemaker.hosting.check_alarms
        self.identity.on_denied = self.sagemaker.denied
        self.invocation = Invocation(self.sagemaker, self.cloudwatch.metrics)
        answers.install()
        self.functions.install(self._asynchronous.add)
        for extension in (
            self.clock,
            self.identity,
            self.events,
            self._asynchronous,
            self._triggers,
            Queues(self.clock, self.sagemaker.caller_of),
            QueueMetrics(self.clock, self.cloudwatch.metrics),
            Tables(),
            Parameters(self.events),
            Images(),
            Quotas(),
            CloudWatchApi(self.cloudwatch),
            EmbeddedMetrics(self.cloudwatch.metrics),
            EventHistory(self.sagemaker.trail),
            self.sagemaker,
            self.invocation,
            CloudFormation(),
        ):
            extension.install()
        self.clock.settle = self._settle
        self.principals = users.create(DEFAULT_ACCOUNT_ID)

    def close(self) -> None:
        """End everything that runs. The functions' processes end first, so that nothing waits for them."""
        self._environments.close()
        self._triggers.close()
        self._asynchronous.close()

    def _tags(self, arn: str) -> dict[str, str]:
        return self.sagemaker.tags.of(arn)

    def _settle(self) -> None:
        """Deliver what is due and wait for the functions, until nothing is left to deliver."""
        for _ in range(_ROUNDS):
            if not (self._triggers.poll() or self._asynchronous.poll()):
                return
        raise RuntimeError(f"Messages still cause messages after {_ROUNDS} rounds at the same simulated time.")
