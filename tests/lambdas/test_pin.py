import dataclasses

import pytest

from lambdas.gate.pin import Artifact, Image, Pin, difference

MODEL = Artifact("s3://example-models/fraud/1.tar.gz", "etag-1", "version-1", 1000.0)
IMAGE = Image("123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:latest", "sha256:aa")
PIN = Pin("0123456789abcdef", (MODEL,), (IMAGE,))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (PIN, None),
        (dataclasses.replace(PIN, specification="ffff"), "its InferenceSpecification was changed"),
        (dataclasses.replace(PIN, artifacts=()), f"{MODEL.uri} is not its artifact any more"),
        (
            dataclasses.replace(PIN, artifacts=(dataclasses.replace(MODEL, etag="etag-2"),)),
            f"{MODEL.uri} was changed: ETag etag-2, version version-1; not etag-1, version-1",
        ),
        (
            dataclasses.replace(PIN, artifacts=(dataclasses.replace(MODEL, version_id="version-2"),)),
            f"{MODEL.uri} was changed: ETag etag-1, version version-2; not etag-1, version-1",
        ),
        (
            dataclasses.replace(PIN, artifacts=(dataclasses.replace(MODEL, modified_at=1001.0),)),
            f"{MODEL.uri} was written again",
        ),
        (
            dataclasses.replace(PIN, images=(Image(IMAGE.name, "sha256:bb"),)),
            f"{IMAGE.name} leads to sha256:bb, not sha256:aa",
        ),
        (dataclasses.replace(PIN, images=()), f"{IMAGE.name} leads to None, not sha256:aa"),
    ],
)
def test_what_differs_is_named(now: Pin, expected: str | None) -> None:
    assert difference(PIN, now) == expected


@pytest.mark.parametrize(("approved_at", "expected"), [(998.9, MODEL), (999.0, None), (1000.0, None)])
def test_an_artifact_written_after_the_approval_is_found(approved_at: float, expected: Artifact | None) -> None:
    assert PIN.changed_after(approved_at) == expected
