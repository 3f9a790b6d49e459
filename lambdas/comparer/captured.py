"""One captured request: a line of an object that SageMaker's data capture wrote. Pure.

A line holds what a caller sent and what a model answered. It is personal, and may be anything. So nothing of it is
logged or reported but digests and SageMaker's own ids.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lambdas.gate import codec

MOST_BYTES = 20_000_000
"""The most bytes of a line: a request and an answer of 6 MB each, in Base64. A longer line is skipped."""
SHOWN = 16
"""How many digits of a digest are reported."""
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True)
class Captured:
    """`at`: when it was asked, in whole seconds since 1970. `request`: the hexadecimal SHA-256 of its body.
    `inference_id`: what the caller passed; None without one. `event_id`: SageMaker's own id; empty if it is none.
    `answer`: the answer's bytes. `answer_type`: its content type."""

    at: float
    request: str
    inference_id: str | None
    event_id: str
    answer: bytes
    answer_type: str


def read(line: bytes) -> Captured | None:
    """Return the captured request in a line; None if the line does not have its time, its request and its answer."""
    try:
        found = json.loads(line, object_pairs_hook=codec.each_key_once)
        data, metadata = found["captureData"], found["eventMetadata"]
        asked, answered = data["endpointInput"], data["endpointOutput"]
        inference_id, event_id = metadata.get("inferenceId"), metadata.get("eventId")
        return Captured(
            at=datetime.fromisoformat(metadata["inferenceTime"]).timestamp(),
            request=hashlib.sha256(_content(asked)).hexdigest(),
            inference_id=inference_id if isinstance(inference_id, str) and inference_id else None,
            event_id=event_id if isinstance(event_id, str) and _ID.fullmatch(event_id) else "",
            answer=_content(answered),
            answer_type=str(answered.get("observedContentType") or ""),
        )
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None


def _content(side: dict[str, Any]) -> bytes:
    data: str = side["data"]
    if side.get("encoding") == "BASE64":
        return base64.b64decode(data, validate=True)
    return data.encode(errors="surrogatepass")
