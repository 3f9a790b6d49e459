"""Keys for a serverless or an asynchronous endpoint that people look for in the wrong place."""

_SERVERLESS = (
    "the key `serverless` of variant, instead of instance_type",
    "write `variant: {serverless: {memory_mb: 2048, max_concurrency: 20}}`",
)
_ASYNCHRONOUS = (
    "the key `asynchronous` of serving",
    "write `serving: {asynchronous: {input: s3://my-inference/in/, output: s3://my-inference/out/}}`",
)
ELSEWHERE = {
    "serverless": _SERVERLESS,
    "serverless_config": _SERVERLESS,
    "async": _ASYNCHRONOUS,
    "async_inference": _ASYNCHRONOUS,
    "async_inference_config": _ASYNCHRONOUS,
    "asynchronous": _ASYNCHRONOUS,
}
"""The key, and what is allowed and how to fix it."""
