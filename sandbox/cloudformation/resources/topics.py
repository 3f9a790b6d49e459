"""SNS topics, their policies and subscriptions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_SNS.html
"""

import json

from sandbox.cloudformation.resource import Physical, Properties, ResourceType, supported, text
from sandbox.cloudformation.services import Services


class Topic(ResourceType):
    type = "AWS::SNS::Topic"
    name_property = "TopicName"
    replaced_by = ("FifoTopic",)
    longest_name = 256
    _ATTRIBUTES = (
        "ContentBasedDeduplication",
        "DisplayName",
        "FifoTopic",
        "KmsMasterKeyId",
        "SignatureVersion",
        "TracingConfig",
    )

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        client = services.client("sns")
        tags = properties.get("Tags", [])
        arn = client.create_topic(Name=name, Attributes=self._values(properties), Tags=tags)["TopicArn"]
        for subscription in properties.get("Subscription", []):
            client.subscribe(TopicArn=arn, **supported(subscription, "Protocol", "Endpoint"))
        return self._physical(arn)

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        values = dict.fromkeys(self._values(before), "") | self._values(properties)
        for key, value in values.items():
            if key != "FifoTopic":
                services.client("sns").set_topic_attributes(
                    TopicArn=physical.id, AttributeName=key, AttributeValue=value
                )
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        services.client("sns").delete_topic(TopicArn=physical.id)

    def find(self, services: Services, name: str) -> Physical | None:
        client, arn = services.client("sns"), services.arn("sns", name)
        try:
            client.get_topic_attributes(TopicArn=arn)
        except client.exceptions.NotFoundException:
            return None
        return self._physical(arn)

    def _physical(self, arn: str) -> Physical:
        return Physical(arn, {"TopicArn": arn, "TopicName": arn.rsplit(":", 1)[-1]})

    def _values(self, properties: Properties) -> dict[str, str]:
        given = supported(properties, *self._ATTRIBUTES, ignored=("TopicName", "Tags", "Subscription"))
        return {key: text(value) for key, value in given.items()}


class TopicPolicy(ResourceType):
    type = "AWS::SNS::TopicPolicy"
    replaced_by = ("Topics",)

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        policy = json.dumps(supported(properties, "Topics", "PolicyDocument")["PolicyDocument"])
        for arn in properties["Topics"]:
            client = services.client("sns")
            client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
        return Physical(name, {"Id": name})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        return self.create(services, physical.id, properties)

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        # CloudFormation leaves the topic's policy unchanged.
        return None


class Subscription(ResourceType):
    type = "AWS::SNS::Subscription"
    replaced_by = ("TopicArn", "Protocol", "Endpoint")
    _ATTRIBUTES = ("DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy")

    def create(self, services: Services, name: str, properties: Properties) -> Physical:
        arn = services.client("sns").subscribe(
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties["Endpoint"],
            Attributes=self._values(properties),
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        return Physical(arn, {"Arn": arn})

    def update(self, services: Services, physical: Physical, properties: Properties, before: Properties) -> Physical:
        for key, value in self._values(properties).items():
            services.client("sns").set_subscription_attributes(
                SubscriptionArn=physical.id, AttributeName=key, AttributeValue=value
            )
        return physical

    def delete(self, services: Services, physical: Physical, properties: Properties) -> None:
        services.client("sns").unsubscribe(SubscriptionArn=physical.id)

    def _values(self, properties: Properties) -> dict[str, str]:
        given = supported(properties, *self._ATTRIBUTES, ignored=("TopicArn", "Protocol", "Endpoint", "Region"))
        return {key: text(value) for key, value in given.items()}
