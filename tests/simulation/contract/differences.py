"""What may differ between the answers of the two worlds, and why. All else must be the same."""

from lambdas.gate.aws.clients import OPERATIONS

SIMULATED = OPERATIONS
"""What the product calls."""

LEFT_OUT: dict[str, tuple[str, ...]] = {
    "DescribeModelPackage": ("CertifyForMarketplace",),
    "DescribeModel": ("CreationTime", "EnableNetworkIsolation"),
    "DescribeEndpoint": (
        "LastDeploymentConfig.BlueGreenUpdatePolicy",
        "PendingDeploymentSummary.ProductionVariants",
        "PendingDeploymentSummary.StartTime",
        *(
            f"ProductionVariants[].{name}"
            for name in (
                "CurrentInstanceCount",
                "CurrentWeight",
                "DeployedImages",
                "DesiredInstanceCount",
                "DesiredServerlessConfig",
                "DesiredWeight",
                "VariantStatus",
            )
        ),
    ),
    "DescribeAlarms": tuple(
        f"MetricAlarms[].{name}"
        for name in (
            "ActionsEnabled",
            "AlarmActions",
            "AlarmArn",
            "AlarmDescription",
            "ComparisonOperator",
            "DatapointsToAlarm",
            "Dimensions",
            "EvaluationPeriods",
            "ExtendedStatistic",
            "InsufficientDataActions",
            "MetricName",
            "Namespace",
            "OKActions",
            "Period",
            "StateReasonData",
            "Statistic",
            "Threshold",
            "TreatMissingData",
        )
    ),
    "DescribeScalableTargets": (
        "ScalableTargets[].CreationTime",
        "ScalableTargets[].RoleARN",
        "ScalableTargets[].ScalableTargetARN",
        "ScalableTargets[].SuspendedState",
    ),
    "DescribeScalingPolicies": tuple(
        f"ScalingPolicies[].{name}"
        for name in (
            "Alarms",
            "CreationTime",
            "PolicyARN",
            "PolicyType",
            "ResourceId",
            "ScalableDimension",
            "ServiceNamespace",
            "TargetTrackingScalingPolicyConfiguration",
        )
    ),
    "DescribeScheduledActions": tuple(
        f"ScheduledActions[].{name}"
        for name in (
            "CreationTime",
            "EndTime",
            "ResourceId",
            "ScalableDimension",
            "ScalableTargetAction",
            "Schedule",
            "ScheduledActionARN",
            "ServiceNamespace",
            "StartTime",
            "Timezone",
        )
    ),
    "PutScalingPolicy": ("Alarms", "PolicyARN"),
    "RegisterScalableTarget": ("ScalableTargetARN",),
    "BatchGetImage": ("images[].imageManifest", "images[].imageManifestMediaType"),
    "GetObject": ("AcceptRanges", "ChecksumCRC32", "ChecksumSHA256", "ContentType", "Metadata"),
    "HeadObject": ("AcceptRanges", "ContentType", "Metadata"),
    "PutObject": ("ChecksumSHA256", "ChecksumType"),
    "GetParameter": ("Parameter.ARN", "Parameter.DataType", "Parameter.Type"),
    "SendMessage": ("MD5OfMessageBody",),
    # moto gives these unasked.
    "TransactWriteItems": ("ConsumedCapacity", "ItemCollectionMetrics"),
}
"""By operation: fields of AWS's answer that the simulation has not, because the product reads none of them; that it
does not is a test of its own."""

OPAQUE: dict[str, tuple[str, ...]] = {
    "BatchGetImage": ("images[].imageId.imageDigest",),
    "DescribeModelPackage": ("CreatedBy.IamIdentity.PrincipalId", "LastModifiedBy.IamIdentity.PrincipalId"),
    "PutEvents": ("Entries[].EventId",),
    "Publish": ("MessageId",),
    "SendMessage": ("MessageId",),
}
"""Identifiers that AWS makes up: there, of the right type, and no more can be said."""

EVENTS_NOT_SENT = ("SageMaker Endpoint Deployment State Change",)
"""Hints that the simulation's deployer goes without. All events are hints, so that makes it harder and not easier."""
