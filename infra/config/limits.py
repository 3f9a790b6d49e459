"""The limits of AWS and of the product for endpoints.yaml, each number in one place.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html
"""

from lambdas.gate.rollout import alarms, deployment_config
from lambdas.gate.state import head

WAIT_SECONDS = (0, 3600)
"""WaitIntervalInSeconds and TerminationWaitInSeconds."""
MAXIMUM_SECONDS = (600, 28800)
"""MaximumExecutionTimeoutInSeconds."""
MOST_PERCENT = 50
"""Largest step of every strategy, in percent of the fleet."""
ROLLBACK_PERCENT = (5, 100)
"""Size of a batch of a rolling rollback. The default is the whole old fleet at once."""

ROLLBACK_ALARMS = 10
"""Alarms in AutoRollbackConfiguration."""
OWN_ALARMS = 4
"""Alarms that the product makes for each rollout: model-errors-most, model-errors, p99-latency, abort."""
USER_ALARMS = ROLLBACK_ALARMS - OWN_ALARMS
USER_ALARMS_BESIDE_GOLDEN = USER_ALARMS - 1
"""Golden requests have their own alarm."""

LAUNCH_SECONDS = deployment_config.LAUNCH_SECONDS
"""Time to launch a fleet. A rollout with a time limit that leaves less fails."""
ROOM_SECONDS = 2 * LAUNCH_SECONDS
"""Time to launch a fleet, in the computed maximum_seconds."""

ALARM_SECONDS = alarms.EVALUATION_PERIODS * alarms.PERIOD_SECONDS
PUBLISHING_SECONDS = alarms.PUBLISHING_SECONDS
TOO_SHORT_SECONDS = ALARM_SECONDS + PUBLISHING_SECONDS
"""No alarm can fire in a wait of this length."""

KEEP_GOOD = head.MAXIMUM_GOOD
"""Former good versions that the ledger's head remembers."""
VARIABLES = 100
TAGS = 20
"""In the file and in an entry, of the 50 that AWS takes."""
"""Variables in a container's Environment.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html"""
SUBNETS, SECURITY_GROUPS = 16, 5
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VpcConfig.html"""
STARTUP_SECONDS = (60, 3600)
"""ContainerStartupHealthCheckTimeoutInSeconds and ModelDataDownloadTimeoutInSeconds.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html"""

INVOCATIONS = (1, 1000)
"""MaxConcurrentInvocationsPerInstance of an asynchronous endpoint.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceClientConfig.html"""

SHADOW_HOURS = (1, 168)
"""A row keeps what both versions answered in each ten minutes. A week of them fits."""

CONCURRENCY = (1, 200)
"""MaxConcurrency and ProvisionedConcurrency of a serverless variant.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html"""

COOLDOWN_SECONDS = (0, 86_400)
SCHEDULED = 10
"""Scheduled actions. Each needs a call at every change, and the entry must fit into its parameter."""

HOURS = 744
"""31 days, for a soak and for the window of a freeze."""
BUCKETS = 100
"""Buckets that the deployer reads. The policies of its role grow with them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
VOLUME_KEYS = 20
"""KMS keys that the deployer may use. The policies of its role grow with them."""
STAGES = 10
"""Stages that one managed policy can keep people from setting."""

INVOCATION_BYTES = 6_291_456
"""Size of InvokeEndpoint's Body.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"""
GOLDEN_REQUESTS = 200
"""With a batch of 25 every 30 s, each request is played once in the shortest wait at full traffic."""
GOLDEN_FILE_BYTES = 32_000_000
"""The file is in the prober's asset, which may have 50 MB zipped, and in the function's memory of 512 MB.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
GOLDEN_TEXT = 200
"""Characters of a golden request's name and headers."""

PARAMETER_BYTES = 8192
"""Size of an SSM parameter in the advanced tier, which Intelligent-Tiering chooses above 4096.
https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"""
PATTERN_CHARACTERS = 2048
"""Size of an EventBridge rule's event pattern.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""
