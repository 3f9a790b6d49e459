"""The resource types that the sandbox models, by name."""

from sandbox.cloudformation.resource import NoOp, ResourceType
from sandbox.cloudformation.resources import (
    buckets,
    functions,
    keys,
    model_package_groups,
    monitoring,
    parameters,
    queues,
    repositories,
    roles,
    rules,
    tables,
    topics,
)


class Metadata(NoOp):
    """Holds the versions of the CDK. Nothing is created for it."""

    type = "AWS::CDK::Metadata"


class CustomAction(NoOp):
    """A button in a chat. The sandbox has no chat."""

    type = "AWS::Chatbot::CustomAction"


TYPES: dict[str, ResourceType] = {
    kind.type: kind()
    for kind in (
        Metadata,
        CustomAction,
        roles.ManagedPolicy,
        roles.Policy,
        roles.Role,
        buckets.Bucket,
        buckets.BucketPolicy,
        functions.EventInvokeConfig,
        functions.EventSourceMapping,
        functions.Function,
        functions.Permission,
        keys.Alias,
        keys.Key,
        queues.Queue,
        queues.QueuePolicy,
        topics.Subscription,
        topics.Topic,
        topics.TopicPolicy,
        model_package_groups.ModelPackageGroup,
        monitoring.Alarm,
        monitoring.Dashboard,
        monitoring.LogGroup,
        parameters.Parameter,
        repositories.Repository,
        rules.Rule,
        tables.GlobalTable,
        tables.Table,
    )
}
