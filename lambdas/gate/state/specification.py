"""Digests of an InferenceSpecification, on which the pins rest. Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lambdas.gate import codec
from lambdas.gate.text import encodable

FILLED_IN = frozenset(
    {
        "Containers.ImageDigest",
        "Containers.ModelDataETag",
        "Containers.ModelDataSource.S3DataSource.ETag",
        "Containers.ModelDataSource.S3DataSource.ManifestEtag",
        "Containers.AdditionalModelDataSources.S3DataSource.ETag",
        "Containers.AdditionalModelDataSources.S3DataSource.ManifestEtag",
        "Containers.AdditionalS3DataSource.ETag",
    }
)
"""Fields that AWS may fill in after the registration, because they follow from other fields. Whether and when AWS does
so is not documented.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageContainerDefinition.html"""


@dataclass(frozen=True)
class FilledIn:
    """A field of FILLED_IN that has a value. `path`: the field's path with the numbers of list items. `value`: a digest
    or an ETag."""

    path: str
    value: str


def changed(fixed: str, then: tuple[FilledIn, ...], fixed_now: str, now: tuple[FilledIn, ...]) -> str | None:
    """Return what differs, in words; None if nothing does. Fields that were filled in later are not compared."""
    if fixed != fixed_now:
        return "its InferenceSpecification was changed"
    present = {each.path: each.value for each in now}
    different = (each.path for each in then if present.get(each.path) != each.value)
    return next((f"{path} of its InferenceSpecification was changed" for path in different), None)


def digest(specification: Any) -> str:
    """Return the hexadecimal SHA-256 of canonical JSON, all 64 digits."""
    # JSON may contain half of a surrogate pair, which UTF-8 cannot. Two such texts must not have the same digest.
    return hashlib.sha256(codec.encode(specification).encode("utf-8", "surrogatepass")).hexdigest()


def without_filled_in(specification: dict[str, Any]) -> tuple[str, tuple[FilledIn, ...]]:
    """Return the digest without the fields that AWS may fill in, and those of these fields that have a value."""
    found: list[FilledIn] = []
    return digest(_stripped(specification, "", "", found)), tuple(sorted(found, key=lambda each: each.path))


def _stripped(value: Any, field: str, path: str, found: list[FilledIn]) -> Any:
    """Return `value` without the fields that AWS may fill in, and add these to `found`. `path`: where `value` stands.
    `field`: the path without the numbers of list items."""
    if isinstance(value, list):
        return [_stripped(item, field, f"{path}[{number}]", found) for number, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    return dict(_stripped_fields(value, field, path, found))


def _stripped_fields(value: dict[str, Any], field: str, path: str, found: list[FilledIn]) -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        inner, place = f"{field}.{name}".lstrip("."), f"{path}.{name}".lstrip(".")
        if inner in FILLED_IN:
            found.append(FilledIn(place, encodable(str(item))))
        elif inner == "Containers.Environment":
            yield name, item  # A variable may have any name, also the name of such a field.
        else:
            yield name, _stripped(item, inner, place, found)
