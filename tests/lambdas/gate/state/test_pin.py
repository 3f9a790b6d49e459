import dataclasses

import pytest

from lambdas.gate.state.pin import Artifact, Image, Pin, difference, is_what_runs
from lambdas.gate.state.specification import FilledIn

MODEL = Artifact("s3://example-models/fraud/1.tar.gz", "etag-1", "version-1", 1000.0)
IMAGE = Image("123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:latest", "sha256:aa")
WHOLE = 4 * "0123456789abcdef"
SHORT = WHOLE[:16]
PIN = Pin(WHOLE, (MODEL,), (IMAGE,))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (PIN, None),
        (dataclasses.replace(PIN, specification=SHORT), None),
        (dataclasses.replace(PIN, specification=SHORT[:15] + "e"), "its InferenceSpecification was changed"),
        (dataclasses.replace(PIN, specification=WHOLE[:63] + "e"), "its InferenceSpecification was changed"),
        (dataclasses.replace(PIN, specification=WHOLE[:17]), "its InferenceSpecification was changed"),
        (dataclasses.replace(PIN, specification=""), "its InferenceSpecification was changed"),
        (dataclasses.replace(PIN, specification="ffff"), "its InferenceSpecification was changed"),
        (dataclasses.replace(PIN, artifacts=()), f"{MODEL.uri} is not its artifact any more"),
        (
            dataclasses.replace(PIN, artifacts=(dataclasses.replace(MODEL, etag="etag-2"),)),
            f"{MODEL.uri} was changed: ETag etag-2, version version-1; not ETag etag-1, version version-1",
        ),
        (
            dataclasses.replace(PIN, artifacts=(dataclasses.replace(MODEL, version_id="version-2"),)),
            f"{MODEL.uri} was changed: ETag etag-1, version version-2; not ETag etag-1, version version-1",
        ),
        (
            dataclasses.replace(PIN, artifacts=(dataclasses.replace(MODEL, modified_at=1001.0),)),
            f"{MODEL.uri} was written again",
        ),
        (
            dataclasses.replace(PIN, images=(Image(IMAGE.name, "sha256:bb"),)),
            f"{IMAGE.name} leads to sha256:bb, not sha256:aa",
        ),
        (
            dataclasses.replace(PIN, artifacts=(MODEL, dataclasses.replace(MODEL, uri=f"{MODEL.uri}.more"))),
            f"{MODEL.uri}.more was added to it",
        ),
        (
            dataclasses.replace(PIN, images=(IMAGE, Image("another", "sha256:aa"))),
            "another was added to it",
        ),
        (dataclasses.replace(PIN, images=()), f"{IMAGE.name} leads to no image, not sha256:aa"),
    ],
)
def test_what_differs_is_named(now: Pin, expected: str | None) -> None:
    assert difference(PIN, now) == expected


@pytest.mark.parametrize(
    ("specification", "now", "expected"),
    [(SHORT, WHOLE, WHOLE), (WHOLE, WHOLE, WHOLE), (SHORT, "e" * 64, SHORT), (WHOLE, "e" * 64, WHOLE)],
    ids=["at its first match", "whole already", "no match", "another"],
)
def test_the_whole_digest_takes_the_place_of_a_short_one(specification: str, now: str, expected: str) -> None:
    assert Pin(specification, (MODEL,)).lengthened(Pin(now)) == Pin(expected, (MODEL,))


@pytest.mark.parametrize("pinned", [True, False])
@pytest.mark.parametrize(
    ("served", "approved", "expected"),
    [(SHORT, WHOLE, True), (WHOLE, SHORT, True), (SHORT, SHORT, True), (SHORT, "e" * 64, False)],
)
def test_what_serves_is_compared_by_a_short_digest_if_one_of_them_is_short(
    served: str, approved: str, expected: bool, *, pinned: bool
) -> None:
    assert is_what_runs(Pin(served), Pin(approved), pinned=pinned) is expected


@pytest.mark.parametrize(("approved_at", "expected"), [(998.9, MODEL), (999.0, None), (1000.0, None)])
def test_an_artifact_written_after_the_approval_is_found(approved_at: float, expected: Artifact | None) -> None:
    assert PIN.changed_after(approved_at) == expected


FILLED = FilledIn("Containers[0].ImageDigest", "sha256:aa")
OTHER = FilledIn("Containers[0].ImageDigest", "sha256:bb")


@pytest.mark.parametrize(
    ("pinned", "now", "expected"),
    [
        (Pin(WHOLE, fixed="f"), Pin("e" * 64, fixed="f", filled_in=(FILLED,)), None),
        (Pin(WHOLE, fixed="f", filled_in=(FILLED,)), Pin(WHOLE, fixed="f", filled_in=(FILLED,)), None),
        (
            Pin(WHOLE, fixed="f", filled_in=(FILLED,)),
            Pin(WHOLE, fixed="f", filled_in=(OTHER,)),
            "Containers[0].ImageDigest of its InferenceSpecification was changed",
        ),
        (
            Pin(WHOLE, fixed="f", filled_in=(FILLED,)),
            Pin("e" * 64, fixed="f"),
            "Containers[0].ImageDigest of its InferenceSpecification was changed",
        ),
        (Pin(WHOLE, fixed="f"), Pin(WHOLE, fixed="g"), "its InferenceSpecification was changed"),
        (Pin(SHORT), Pin(WHOLE, fixed="f"), None),
        (Pin(SHORT), Pin("e" * 64, fixed="f"), "its InferenceSpecification was changed"),
    ],
    ids=["filled in later", "the same", "another", "taken away", "all else", "of an earlier release", "and changed"],
)
def test_what_aws_fills_in_later_is_compared_only_if_it_was_there(pinned: Pin, now: Pin, expected: str | None) -> None:
    assert difference(pinned, now) == expected


def test_a_tag_whose_digest_was_filled_in_since_leads_to_what_it_did() -> None:
    tag, digest = Image("fraud:1", "sha256:aa"), Image("fraud:1@sha256:aa", "sha256:aa")
    assert difference(Pin(WHOLE, images=(tag,)), Pin(WHOLE, images=(digest,))) is None
    other = Image("fraud:1@sha256:bb", "sha256:bb")
    assert difference(Pin(WHOLE, images=(tag,)), Pin(WHOLE, images=(other,))) == (
        "fraud:1 leads to no image, not sha256:aa"
    )


def test_a_short_pin_takes_over_what_is_known_now() -> None:
    now = Pin(WHOLE, fixed="f", filled_in=(FILLED,))
    assert Pin(SHORT, (MODEL,)).lengthened(now) == dataclasses.replace(now, artifacts=(MODEL,))
    assert now.lengthened(Pin("e" * 64, fixed="f")) == now
