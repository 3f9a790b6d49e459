"""A line of captured data, which anybody may have written."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.comparer.captured import Captured, read
from tests.lambdas.comparer.lines import NOW, line


@pytest.mark.parametrize("plain", [True, False])
def test_a_line_is_read(plain: bool) -> None:
    assert read(line("1,2", '{"score": 0.5}', plain=plain, inferenceId="order-7")) == Captured(
        NOW, hashlib.sha256(b"1,2").hexdigest(), "order-7", "0f8b-1", b'{"score": 0.5}', "application/json"
    )


@pytest.mark.parametrize(
    ("metadata", "ids"),
    [
        ({}, (None, "0f8b-1")),
        ({"eventId": "jane@example.com"}, (None, "")),
        ({"eventId": 7, "inferenceId": 7}, (None, "")),
    ],
)
def test_only_sagemakers_own_ids_are_kept(metadata: dict[str, Any], ids: tuple[str | None, str]) -> None:
    found = read(line("1,2", "0.5", **metadata))
    assert found is not None
    assert (found.inference_id, found.event_id) == ids


WHOLE = json.loads(line("1,2", "0.5"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"captureData": ' * 50_000,
        json.dumps(WHOLE | {"captureData": {}}).encode(),
        json.dumps(WHOLE | {"captureData": {"endpointInput": WHOLE["captureData"]["endpointInput"]}}).encode(),
        json.dumps(WHOLE | {"eventMetadata": {"eventId": "x"}}).encode(),
        json.dumps(WHOLE | {"eventMetadata": {"inferenceTime": "soon"}}).encode(),
        json.dumps(WHOLE | {"eventMetadata": {"inferenceTime": "0001-01-01T00:00:00"}}).encode()[:-1],
        line("1,2", "0.5").replace(b'"data": "', b'"data": "!'),
    ],
)
def test_any_other_line_is_skipped(content: bytes) -> None:
    assert read(content) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(("captureData", "eventMetadata", "data", "encoding")), inner, max_size=4)
        ),
        max_leaves=8,
    )
)
def test_no_content_breaks_the_reading(content: object) -> None:
    read(json.dumps(content).encode())
