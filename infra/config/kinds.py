"""Kinds of endpoints that people may look for here and that cannot be rolled out as promised; see docs/adr/0014."""

_SERVERLESS = (
    "real-time endpoints: SageMaker has no deployment guardrails for serverless ones, so no alarm could bring the old "
    "version back"
)
_ASYNCHRONOUS = (
    "real-time endpoints: an asynchronous one publishes neither Invocations nor InvocationModelErrors, nor the "
    "latency's percentiles, so a version that fails its requests would pass its alarms"
)
REFUSED = {
    "serverless": _SERVERLESS,
    "serverless_config": _SERVERLESS,
    "async": _ASYNCHRONOUS,
    "async_inference": _ASYNCHRONOUS,
    "asynchronous": _ASYNCHRONOUS,
}
"""Keys that would ask for one, and what is said of it."""
MEND = "remove it, and give variant.instance_type; deploy that endpoint by other means"
