"""Keys of other kinds of endpoints that people may look for in other places; what is allowed, and how to mend it."""

_SERVERLESS = (
    "the key `serverless` of variant, in place of instance_type",
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
