"""What AWS and the product allow in endpoints.yaml, each number in one place.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html
"""

from lambdas.gate import alarms, head, rollout

WAIT_SECONDS = (0, 3600)
"""WaitIntervalInSeconds and TerminationWaitInSeconds."""
MAXIMUM_SECONDS = (600, 28800)
"""MaximumExecutionTimeoutInSeconds."""
MOST_PERCENT = 50
"""Of the fleet in one step, whatever the strategy."""
ROLLBACK_PERCENT = (5, 100)
"""A rolling rollback brings back the whole old fleet at once unless told otherwise."""

ROLLBACK_ALARMS = 10
"""Of AutoRollbackConfiguration."""
OWN_ALARMS = 4
"""Made by the product for each rollout: 5xx, model-errors, p99-latency, abort."""
USER_ALARMS = ROLLBACK_ALARMS - OWN_ALARMS
USER_ALARMS_BESIDE_GOLDEN = USER_ALARMS - 1
"""Golden requests have an alarm of their own."""

LAUNCH_SECONDS = rollout.LAUNCH_SECONDS
"""A time limit with less room than this for launching a fleet fails every rollout."""
ROOM_SECONDS = 2 * LAUNCH_SECONDS
"""Room for launching a fleet in the computed maximum_seconds."""

ALARM_SECONDS = alarms.EVALUATION_PERIODS * alarms.PERIOD_SECONDS
PUBLISHING_SECONDS = alarms.PUBLISHING_SECONDS

KEEP_GOOD = head.MAXIMUM_GOOD
"""More good versions than these the ledger's head does not remember."""
VARIABLES = 100
"""Of a container's Environment. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
"""
SUBNETS, SECURITY_GROUPS = 16, 5
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VpcConfig.html"""
STARTUP_SECONDS = (60, 3600)
"""ContainerStartupHealthCheckTimeoutInSeconds and ModelDataDownloadTimeoutInSeconds.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html"""

INVOCATIONS = (1, 1000)
"""MaxConcurrentInvocationsPerInstance of an asynchronous endpoint.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceClientConfig.html"""

CONCURRENCY = (1, 200)
"""MaxConcurrency and ProvisionedConcurrency of a serverless variant.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html"""

COOLDOWN_SECONDS = (0, 86_400)
SCHEDULED = 10
"""Scheduled actions: each is a call at every change, and the entry has to fit its parameter."""

HOURS = 744
"""31 days, of a soak and of a freeze's window."""
BUCKETS = 100
"""That the deployer reads: its role's policies grow with them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
VOLUME_KEYS = 20
"""KMS keys that the deployer may use: its role's policies grow with them."""
STAGES = 10
"""That people may be kept from setting, by one managed policy."""

INVOCATION_BYTES = 6_291_456
"""Of InvokeEndpoint's Body.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"""
GOLDEN_REQUESTS = 200
"""With 25 in a batch every 30 s, each of them is played once in the shortest wait at full traffic."""
GOLDEN_FILE_BYTES = 32_000_000
"""It is in the prober's asset, of which Lambda takes 50 MB zipped, and in the function's 512 MB of memory.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
GOLDEN_TEXT = 200
"""Characters of a golden request's name and headers."""

PARAMETER_BYTES = 8192
"""Of an SSM parameter in the advanced tier, which Intelligent-Tiering chooses above 4096.
https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"""
PATTERN_CHARACTERS = 2048
"""Of an EventBridge rule's event pattern.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""
