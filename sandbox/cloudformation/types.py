"""The resource types that the sandbox knows, by name."""

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
    """The CDK's note of what it was made with."""

    type = "AWS::CDK::Metadata"


TYPES: dict[str, ResourceType] = {
    kind.type: kind()
    for kind in (
        Metadata,
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
