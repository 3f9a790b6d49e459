"""Send what a function could not process to a queue or topic, with the permissions of the function's role."""

import logging
from collections.abc import Callable, Mapping

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sandbox.clock import Clock
from world.message import LAMBDA

Permits = Callable[[str, str, str], bool]
"""Takes role ARN, action and resource ARN. Returns whether the role may do the action on the resource."""

log = logging.getLogger(__name__)


class Destination:
    def __init__(self, clock: Clock, permits: Permits) -> None:
        self._clock = clock
        self._permits = permits

    def send(self, role_arn: str, destination_arn: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
        """Send a text. Without permission, or without a queue or topic of that ARN, it is lost as on AWS, and
        logged."""
        service, region, account, name = destination_arn.split(":")[2:6]
        action = "sqs:SendMessage" if service == "sqs" else "sns:Publish"
        typed = {key: {"DataType": "String", "StringValue": value} for key, value in (attributes or {}).items()}
        with self._clock.lock:
            queues, topics = sqs_backends[account][region], sns_backends[account][region]
            if name not in queues.queues and destination_arn not in topics.topics:
                log.error("%s does not exist; lost: %s", destination_arn, text)
            elif not self._permits(role_arn, action, destination_arn):
                log.error("%s may not %s on %s; lost: %s", role_arn, action, destination_arn, text)
            elif service == "sqs":
                queues.send_message(name, text, message_attributes=typed).sender_id = LAMBDA
            else:
                topics.publish(text, arn=destination_arn)
