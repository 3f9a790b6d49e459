"""The resource types that the sandbox knows, by name."""

from sandbox.aws.cloudformation import (
    access,
    buckets,
    functions,
    keys,
    messaging,
    model_package_groups,
    monitoring,
    parameters,
    repositories,
    rules,
    tables,
)
from sandbox.aws.cloudformation.resource import NoOp, ResourceType


class Metadata(NoOp):
    """The CDK's note of what it was made with."""

    type = "AWS::CDK::Metadata"


TYPES: dict[str, ResourceType] = {
    kind.type: kind()
    for kind in (
        Metadata,
        access.ManagedPolicy,
        access.Policy,
        access.Role,
        buckets.Bucket,
        buckets.BucketPolicy,
        functions.EventInvokeConfig,
        functions.EventSourceMapping,
        functions.Function,
        functions.Permission,
        keys.Alias,
        keys.Key,
        messaging.Queue,
        messaging.QueuePolicy,
        messaging.Subscription,
        messaging.Topic,
        messaging.TopicPolicy,
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
