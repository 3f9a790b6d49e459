"""Captured requests, as lines of SageMaker's objects."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

NOW = 1_800_000_000.0
"""2027-01-15T08:00:00Z"""


def line(
    request: str, answer: str, at: float = NOW, *, kind: str = "application/json", plain: bool = False, **metadata: Any
) -> bytes:
    """A captured request and its answer."""

    def side(mode: str, text: str) -> dict[str, str]:
        data = text if plain else base64.b64encode(text.encode()).decode()
        return {
            "observedContentType": kind,
            "mode": mode,
            "data": data,
            "encoding": "JSON" if plain else "BASE64",
        }

    when = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    content = {
        "captureData": {"endpointInput": side("INPUT", request), "endpointOutput": side("OUTPUT", answer)},
        "eventMetadata": {"eventId": "0f8b-1", "inferenceTime": when} | metadata,
        "eventVersion": "0",
    }
    return json.dumps(content).encode()
