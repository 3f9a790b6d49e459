"""CloudFormation of the sandbox, and what it needs of the other services."""

import pytest

from sandbox.clock import Clock
from sandbox.cloudformation.operations import CloudFormation
from sandbox.cloudwatch.api import CloudWatchApi
from sandbox.cloudwatch.cloudwatch import CloudWatch
from sandbox.events.event_bus import EventBus
from sandbox.sagemaker.sagemaker import SageMaker
from tests.sandbox.cloudformation.cdk import Cdk
from world.account import Account

ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.fixture
def cdk(clock: Clock) -> Cdk:
    events = EventBus(clock)
    account = Account(ACCOUNT, REGION)
    cloudwatch = CloudWatch(clock, events, account)
    CloudWatchApi(cloudwatch).install()
    SageMaker(clock, events, cloudwatch.alarms, account).install()
    CloudFormation().install()
    return Cdk()
