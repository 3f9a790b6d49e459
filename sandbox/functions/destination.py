"""Where Lambda puts what a function could not handle: a queue or a topic, with the function's own permissions."""

import logging
from collections.abc import Callable, Mapping

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sandbox.clock import Clock

Permits = Callable[[str, str, str], bool]
"""Whether a role may do an action on a resource: role ARN, action, resource ARN."""

log = logging.getLogger(__name__)


class Destination:
    def __init__(self, clock: Clock, permits: Permits) -> None:
        self._clock = clock
        self._permits = permits

    def send(self, role_arn: str, destination_arn: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
        """What the role may not send, or what nothing receives, is lost, as on AWS; here a line in the log says so."""
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
                queues.send_message(name, text, message_attributes=typed)
            else:
                topics.publish(text, arn=destination_arn)
