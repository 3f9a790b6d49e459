"""Deliver an event to a rule's targets: queues, topics and functions whose policies allow EventBridge."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.sns.exceptions import TopicNotFound
from moto.sns.models import sns_backends
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends

from sandbox.events.target_input import target_input
from sandbox.iam import resource_policy

InvokeLater = Callable[[str, str], None]
"""Queues an asynchronous invocation of a function. Takes the function's ARN and the payload."""


class Undeliverable(Exception):
    """EventBridge does not retry. The event goes to the target's dead-letter queue; without one it is lost."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Targets:
    def __init__(self, invoke_later: InvokeLater | None = None) -> None:
        self.undelivered: list[dict[str, str]] = []
        """What EventBridge could not deliver, in order, with the reason."""
        self._invoke_later = invoke_later

    def deliver(self, rule: Any, event: Mapping[str, Any]) -> None:
        for target in list(rule.targets):
            try:
                self._send(rule, target, target_input(target, event, rule_arn=rule.arn, rule_name=rule.name))
            except Undeliverable as failure:
                self._dead_letter(rule, target, event, failure)

    def _send(self, rule: Any, target: Mapping[str, Any], text: str) -> None:
        arn = target["Arn"]
        match arn.split(":")[2]:
            case "sqs":
                group = target.get("SqsParameters", {}).get("MessageGroupId")
                _send_message(rule, arn, text, group_id=group)
            case "sns":
                _publish(rule, arn, text)
            case "lambda" if self._invoke_later:
                _check_function(rule, arn)
                self._invoke_later(arn, text)
            case service:
                raise Undeliverable("UNSUPPORTED", f"The sandbox does not deliver to {service}.")

    def _dead_letter(
        self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any], failure: Undeliverable
    ) -> None:
        """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"""
        attributes = {
            "RULE_ARN": rule.arn,
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": failure.code,
            "ERROR_MESSAGE": str(failure),
        }
        self.undelivered.append(attributes | {"id": event["id"]})
        if dead_letters := target.get("DeadLetterConfig", {}).get("Arn"):
            try:
                _send_message(rule, dead_letters, json.dumps(event), attributes=attributes)
            except Undeliverable as second:
                self.undelivered.append({"RULE_ARN": rule.arn, "TARGET_ARN": dead_letters, "ERROR_CODE": second.code})


def _send_message(
    rule: Any, arn: str, text: str, *, group_id: str | None = None, attributes: Mapping[str, str] | None = None
) -> None:
    region, account, name = arn.split(":")[3:]
    backend = sqs_backends[account][region]
    try:
        queue = backend.get_queue(name)
    except QueueDoesNotExist as error:
        raise Undeliverable("QUEUE_DOES_NOT_EXIST", f"There is no queue {arn}.") from error
    _require(queue._policy_json["Statement"], "sqs:SendMessage", arn, rule)
    typed = {key: {"DataType": "String", "StringValue": value} for key, value in (attributes or {}).items()}
    backend.send_message(name, text, message_attributes=typed, group_id=group_id)


def _publish(rule: Any, arn: str, text: str) -> None:
    region, account = arn.split(":")[3:5]
    backend = sns_backends[account][region]
    try:
        topic = backend.get_topic(arn)
    except TopicNotFound as error:
        raise Undeliverable("RESOURCE_NOT_FOUND", f"There is no topic {arn}.") from error
    _require(topic._policy_json["Statement"], "sns:Publish", arn, rule)
    backend.publish(text, arn=arn)


def _check_function(rule: Any, arn: str) -> None:
    region, account = arn.split(":")[3:5]
    try:
        function = lambda_backends[account][region].get_function(arn)
    except UnknownFunctionException as error:
        raise Undeliverable("RESOURCE_NOT_FOUND", f"There is no function {arn}.") from error
    _require(function.policy.statements, "lambda:InvokeFunction", arn, rule)


def _require(statements: list[Mapping[str, Any]], action: str, resource: str, rule: Any) -> None:
    context = {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id, "aws:SecureTransport": "true"}
    if not resource_policy.allows(
        statements, service="events.amazonaws.com", action=action, resource=resource, context=context
    ):
        raise Undeliverable("NO_PERMISSIONS", f"The policy of {resource} does not let {rule.arn} {action}.")
