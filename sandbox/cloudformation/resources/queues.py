"""SQS queues and their policies.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_SQS.html
"""

import json
from typing import ClassVar

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, supported, text
from sandbox.cloudformation.services import Services


class Queue(ResourceType):
    type = "AWS::SQS::Queue"
    name_property = "QueueName"
    replaced_by = ("FifoQueue",)
    longest_name = 80
    _ATTRIBUTES = (
        "ContentBasedDeduplication",
        "DelaySeconds",
        "FifoQueue",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "SqsManagedSseEnabled",
        "VisibilityTimeout",
    )
    _DEFAULTS: ClassVar[dict[str, str]] = {
        "DelaySeconds": "0",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "ReceiveMessageWaitTimeSeconds": "0",
        "RedrivePolicy": "",
        "VisibilityTimeout": "30",
    }

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        url = services.client("sqs").create_queue(
            QueueName=name, Attributes=self._values(properties), tags=_tags(properties)
        )["QueueUrl"]
        return self._physical(services, url)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        gone = {key: self._DEFAULTS[key] for key in self._values(before) if key in self._DEFAULTS}
        values = {key: value for key, value in self._values(properties).items() if key != "FifoQueue"}
        # moto drops a queue's policy when other attributes of the queue are set.
        kept = services.client("sqs").get_queue_attributes(QueueUrl=physical.id, AttributeNames=["Policy"])
        attributes = gone | values | kept.get("Attributes", {})
        services.client("sqs").set_queue_attributes(QueueUrl=physical.id, Attributes=attributes)
        if old := _tags(before):
            services.client("sqs").untag_queue(QueueUrl=physical.id, TagKeys=list(old))
        if new := _tags(properties):
            services.client("sqs").tag_queue(QueueUrl=physical.id, Tags=new)
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        if self.find(services, physical.id.rsplit("/", 1)[-1]):
            services.client("sqs").delete_queue(QueueUrl=physical.id)

    def find(self, services: Services, name: str) -> Physical | None:
        client = services.client("sqs")
        try:
            return self._physical(services, client.get_queue_url(QueueName=name)["QueueUrl"])
        except client.exceptions.QueueDoesNotExist:
            return None

    def _physical(self, services: Services, url: str) -> Physical:
        name = url.rsplit("/", 1)[-1]
        return Physical(url, {"Arn": services.arn("sqs", name), "QueueName": name, "QueueUrl": url})

    def _values(self, properties: Properties) -> dict[str, str]:
        given = supported(properties, *self._ATTRIBUTES, ignored=("QueueName", "Tags"))
        return {key: text(value) for key, value in given.items()}


class QueuePolicy(ResourceType):
    type = "AWS::SQS::QueuePolicy"
    replaced_by = ("Queues",)

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        policy = json.dumps(supported(properties, "Queues", "PolicyDocument")["PolicyDocument"])
        for url in properties["Queues"]:
            services.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return Physical(name, {"Id": name})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        return self.create(services, physical.id, properties)

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        client = services.client("sqs")
        for url in properties["Queues"]:
            if Queue().find(services, url.rsplit("/", 1)[-1]):
                client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


def _tags(properties: Properties) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
