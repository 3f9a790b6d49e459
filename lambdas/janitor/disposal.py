"""Disposal: the product's only calls that delete anything in SageMaker. CloudWatch alarms are deleted too."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lambdas.gate.aws.errors import NotFound, translated
from lambdas.janitor.garbage import Deletion
from lambdas.janitor.inventory import Kind

ALARMS_OF_A_CALL = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html"""
Step = tuple[Deletion, ...]
"""The resources that one call deletes."""


def steps(deletions: tuple[Deletion, ...]) -> Iterator[Step]:
    """Yield the deletions of each call. Alarms come first, many in one call, because CloudWatch takes three such calls
    a second. The others follow in the given order."""
    alarms = [each for each in deletions if each.kind is Kind.ALARM]
    for first in range(0, len(alarms), ALARMS_OF_A_CALL):
        yield tuple(alarms[first : first + ALARMS_OF_A_CALL])
    yield from ((each,) for each in deletions if each.kind is not Kind.ALARM)


class Disposal:
    """`once`: a SageMaker client without retries, because no call may be executed after the janitor's claim has
    ended."""

    def __init__(self, once: Any, cloudwatch: Any) -> None:
        self._once = once
        self._cloudwatch = cloudwatch

    def delete(self, step: Step) -> None:
        """Delete the resources. One that does not exist counts as deleted. Raises AwsError and botocore's errors."""
        with suppress(NotFound), translated():
            match step[0].kind:
                case Kind.ALARM:
                    self._cloudwatch.delete_alarms(AlarmNames=[each.name for each in step])
                case Kind.ENDPOINT:
                    self._once.delete_endpoint(EndpointName=step[0].name)
                case Kind.CONFIG:
                    self._once.delete_endpoint_config(EndpointConfigName=step[0].name)
                case Kind.MODEL:
                    self._once.delete_model(ModelName=step[0].name)
