"""What Approval Gate assumes about AWS where AWS documents nothing, or leaves it to the account.

The names are those of the switches of the model, `world/assumptions.py`, and each sentence is the answer that the model
gives by default. A test compares both.
"""

ASSUMED = {
    "rolling_back_shows": "the endpoint is RollingBack while it rolls back",
    "rollback_gives_reason": "FailureReason is set after a rollback by an alarm",
    "rollback_moves_modified": "a rollback moves LastModifiedTime",
    "rollback_keeps_deployment": "LastDeploymentConfig is that of the update that was rolled back",
    "alarms_from_launch": "SageMaker reacts to alarms only once the new fleet takes traffic",
    "firing_alarm_refused": "UpdateEndpoint takes a rollback alarm that does not exist",
    "patching_moves_modified": "a patch by AWS moves LastModifiedTime",
    "functions_end_in_time": "Lambda ends the deployer at its timeout, before its lock expires",
    "calls_land_in_time": "a call whose function has ended is executed within 30 s or never",
    "live_config_refused": "UpdateEndpoint takes the config that is in service",
    "serverless_has_guardrails": "a DeploymentConfig does not guard the update of a serverless endpoint",
    "image_digest_filled_in": "the registry adds the ImageDigest to a container that is registered without one",
    "account_has_trail": "EventBridge delivers CloudTrail's records of calls",
    "updating_shows_old_config": "an endpoint that is Updating names its old config",
    "model_shows_containers": "DescribeModel names the model package, not the containers that a model took from it",
    "metric_math_refused": "SageMaker takes a rollout's alarms with metric math",
    "metric_math_watched": "SageMaker acts on a rollout's alarms with metric math",
    "shadow_guardrails_refused": "SageMaker takes guardrails when a shadow comes or goes",
    "shadow_has_guardrails": "guardrails guard an update that brings or takes a shadow",
    "shadow_relaunches": "the live version is launched anew when only its shadow changes",
    "rollback_keeps_shadow": "a rolled-back update leaves the shadow of the config before",
    "shadow_metrics_name_config": "a shadow's metrics have the dimension EndpointConfigName",
    "captures_share_event_id": "both captures of a request have an eventId of their own",
    "old_fleet_metrics_name_config": "the old fleet's metrics have the dimension EndpointConfigName during a rollout",
    "latency_has_ranks": "CloudWatch answers percentile ranks of ModelLatency",
}
