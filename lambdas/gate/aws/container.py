"""A container of a package: everything that it loads, from ModelPackageContainerDefinition.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageContainerDefinition.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from lambdas.gate.state.observed import Container

HUB_VARIABLES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "HF_MODEL_ID": (("HF_MODEL_REVISION",), ("HF_REVISION", "OPTION_REVISION")),
    "OPTION_MODEL_ID": (("OPTION_REVISION", "HF_REVISION"),),
    "OPTION_SPECULATIVE_DRAFT_MODEL": (),
    "SM_SGLANG_MODEL_PATH": (("SM_SGLANG_REVISION",),),
    "SM_SGLANG_SPECULATIVE_DRAFT_MODEL_PATH": (),
    "SM_SGLANG_TOKENIZER_PATH": (),
    "SM_VLLM_MODEL": (("SM_VLLM_REVISION",),),
    "SM_VLLM_TOKENIZER": (("SM_VLLM_TOKENIZER_REVISION",),),
}
"""The variables that name a model to download, and those that name its revision, of the Hugging Face, Large Model
Inference, vLLM and SGLang containers. A tuple has the variables of one kind of container; one of them is enough.
Nothing says which kind an image is, so each tuple needs one. Without a tuple, nothing fixes the revision. The name is
that of a model of the Hugging Face Hub, a prefix in S3, or a folder in the container.
https://github.com/aws/sagemaker-huggingface-inference-toolkit
https://docs.djl.ai/master/docs/serving/serving/docs/lmi/deployment_guide/configurations.html"""
_BESIDES: Mapping[str, tuple[str, ...]] = {"HF_MODEL_ID": ("REVISION",)}
"""Further variables that some containers read as the model's revision. They are not enough."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
_COMMIT = re.compile(r"[0-9a-f]{40}")
"""A revision with a fixed content. A branch or a tag may be moved."""
_SCHEME = r"s3[an]?://"
_URI = re.compile(rf"{_SCHEME}(.+?)(?=[\"'\s<>]|[,;|]\s*{_SCHEME}|$)", re.IGNORECASE)
"""A URI in a variable's value, which may also be JSON or a list."""
_ALONE = re.compile(rf"\s*{_SCHEME}", re.IGNORECASE)
"""How a value begins that is a URI itself, or a list of URIs."""
_NEXT = re.compile(rf"[\s,;|]*{_SCHEME}|\Z", re.IGNORECASE)
"""How such a value goes on after a URI."""


def container(definition: dict[str, Any]) -> Container:
    """Return the container of a definition in a package."""
    source = definition.get("ModelDataSource", {}).get("S3DataSource", {})
    is_prefix = source.get("S3DataType") == "S3Prefix"
    uri, url = source.get("S3Uri"), definition.get("ModelDataUrl")
    added = [more["S3DataSource"] for more in definition.get("AdditionalModelDataSources", [])]
    if "AdditionalS3DataSource" in definition:
        added.append(definition["AdditionalS3DataSource"])
    manifests = [each["ManifestS3Uri"] for each in (source, *added) if "ManifestS3Uri" in each]
    besides = [*manifests, uri if url and not is_prefix else None]
    environment = definition.get("Environment", {})
    return Container(
        image=definition.get("Image"),
        image_digest=definition.get("ImageDigest"),
        model_data=url or (None if is_prefix else uri),
        prefix=uri if is_prefix else None,
        more=(*(more for more in besides if more and more != url), *map(_uri, added)),
        named=named_uris(environment),
        unfixed=(*(f"the objects that {uri} names" for uri in manifests), *unfixed_content(environment)),
    )


def _uri(source: dict[str, Any]) -> str:
    """Return the source's S3 URI. A prefix gets a slash at its end, so that it is not taken for one object."""
    uri: str = source["S3Uri"]
    return uri if source.get("S3DataType") != "S3Prefix" else _as_prefix(uri)


def _as_prefix(uri: str) -> str:
    return uri if uri.endswith("/") else f"{uri}/"


def named_uris(environment: dict[str, str]) -> tuple[str, ...]:
    """Return the S3 URIs in the values of the environment, each once. A variable for a model to download names a
    prefix."""
    return tuple(dict.fromkeys(_named(environment)))


def buckets(model_artifacts: str, reports: Iterable[str], environment: Mapping[str, str]) -> set[str]:
    """Return the S3 buckets of artifacts, reports, and what an entry's own environment names. A variable may have any
    text, so what is no bucket's name is left out: it would be a pattern in a policy."""
    uris = (model_artifacts, *reports, *named_uris(dict(environment)))
    found = {uri.removeprefix("s3://").partition("/")[0] for uri in uris}
    return {bucket for bucket in found if _BUCKET.fullmatch(bucket)}


def unfixed_content(environment: dict[str, str]) -> tuple[str, ...]:
    """Return what the environment names without fixed content, in words: models of a hub without a commit, and
    ambiguous S3 URIs."""
    return (*_unfixed(environment), *_ambiguous(environment))


def _named(environment: dict[str, str]) -> Iterator[str]:
    for name, found in _uris(environment):
        uri = f"s3://{found[1]}"
        yield _as_prefix(uri) if name in HUB_VARIABLES else uri


def _uris(environment: dict[str, str]) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield each URI in the values, with its variable's name. `string` of the match is the whole value."""
    return ((name, found) for name, value in sorted(environment.items()) for found in _URI.finditer(value))


def _unfixed(environment: dict[str, str]) -> Iterator[str]:
    for name, kinds in HUB_VARIABLES.items():
        value = environment.get(name, "").strip()
        if not value or value.startswith(("/", ".")) or _URI.match(value):
            continue
        revisions = (*chain.from_iterable(kinds), *_BESIDES.get(name, ()))
        given = {revision: environment[revision].strip() for revision in revisions if revision in environment}
        is_named = bool(kinds) and all(any(revision in given for revision in kind) for kind in kinds)
        if not is_named or not all(map(_COMMIT.fullmatch, given.values())):
            where = " and ".join(" or ".join(kind) for kind in kinds)
            yield f"the model {value} of {name}" + (f" without a commit in {where}" if where else "")


def _ambiguous(environment: dict[str, str]) -> Iterator[str]:
    """Yield the URIs that containers read in different ways. Those of SageMaker take them apart as URLs, so that what
    follows `?` or `#` and slashes at a key's beginning are no part of a key."""
    for name, found in _uris(environment):
        value, (_, _, key) = found.string, found[1].partition("/")
        is_cut = _ALONE.match(value) is not None and _NEXT.match(value, found.end()) is None
        if is_cut or key.startswith("/") or "?" in found[1] or "#" in found[1]:
            yield f"the ambiguous S3 URI {found[0]} of {name}"
