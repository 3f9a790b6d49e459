"""Kinds of endpoints that people may look for here and that cannot be rolled out as promised; see docs/adr/0014."""

_ASYNCHRONOUS = (
    "real-time endpoints: an asynchronous one publishes neither Invocations nor InvocationModelErrors, nor the "
    "latency's percentiles, so a version that fails its requests would pass its alarms"
)
REFUSED = {
    "async": _ASYNCHRONOUS,
    "async_inference": _ASYNCHRONOUS,
    "asynchronous": _ASYNCHRONOUS,
}
"""Keys that would ask for one, and what is said of it."""
_SERVERLESS = (
    "the key `serverless` of variant, in place of instance_type",
    "write `variant: {serverless: {memory_mb: 2048, max_concurrency: 20}}`",
)
ELSEWHERE = {"serverless": _SERVERLESS, "serverless_config": _SERVERLESS}
"""Keys that people may look for in other places; what is allowed, and how to mend it."""
MEND = "remove it, and give variant.instance_type; deploy that endpoint by other means"
