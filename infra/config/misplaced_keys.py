"""Keys that people look for in the wrong place: those of a serverless or an asynchronous endpoint, and of the CDK."""

import re

from infra.config.context_keys import ARCHITECTURE, BOUNDARY, DEPLOYING_ROLE, QUALIFIER, RUNTIME

_SERVERLESS = (
    "the key `serverless` of variant, instead of instance_type",
    "write `variant: {serverless: {memory_mb: 2048, max_concurrency: 20}}`",
)
_ASYNCHRONOUS = (
    "the key `asynchronous` of serving",
    "write `serving: {asynchronous: {input: s3://my-inference/in/, output: s3://my-inference/out/}}`",
)
_BOUNDARY = (
    "a context key of the CDK, which is for every role of every stack",
    f'remove it, and put `"{BOUNDARY}": {{"name": "NAME"}}` into "context" of cdk.json',
)


def _of_context(key: str) -> tuple[str, str]:
    return (
        "a context key of the CDK, which is for every stack",
        f'remove it, and put `"{key}"` into "context" of cdk.json',
    )


_ELSEWHERE = {
    "serverless": _SERVERLESS,
    "serverlessconfig": _SERVERLESS,
    "async": _ASYNCHRONOUS,
    "asyncinference": _ASYNCHRONOUS,
    "asyncinferenceconfig": _ASYNCHRONOUS,
    "asynchronous": _ASYNCHRONOUS,
    **dict.fromkeys(("permissionsboundary", "permissionboundary", "boundary"), _BOUNDARY),
    **dict.fromkeys(("runtime", "pythonversion", "lambdaruntime"), _of_context(RUNTIME)),
    **dict.fromkeys(("architecture", "architectures"), _of_context(ARCHITECTURE)),
    **dict.fromkeys(("qualifier", "bootstrapqualifier"), _of_context(QUALIFIER)),
    "deployingrole": _of_context(DEPLOYING_ROLE),
}


def elsewhere(key: str) -> tuple[str, str] | None:
    """Return what is allowed instead of the key, and how to fix it, however its words are joined, and whatever
    namespace it has."""
    return _ELSEWHERE.get(re.sub("[^a-z0-9]", "", key.rpartition(":")[2].lower()))
