"""Data capture: what the variants of an endpoint were asked and answered, as objects in S3."""

import base64
import json
from typing import Any, NamedTuple
from urllib.parse import urlparse
from uuid import uuid4

from sandbox.s3 import objects
from sandbox.sagemaker.payload import write
from sandbox.surroundings import SandboxSurroundings
from world.timestamps import timestamp

SECONDS = 120
"""How long after its first request an object is written. AWS does not document it."""
_HOUR = "%Y/%m/%d/%H"
_HEADER = {"CsvContentTypes": "CSV", "JsonContentTypes": "JSON"}


class Exchange(NamedTuple):
    """One request that a variant answered. `answer_type` is the answer's content type."""

    content_type: str
    inference_id: str
    body: bytes
    answer_type: str
    answer: bytes


class Capture:
    """`delay` is a fault: so many seconds later than usual, objects are written."""

    def __init__(self, surroundings: SandboxSurroundings) -> None:
        self.delay = 0.0
        self._surroundings = surroundings
        self._batches: dict[str, list[dict[str, Any]]] = {}
        surroundings.parts["capture"] = self

    def take(self, config: dict[str, Any], endpoint: str, variant: str, exchange: Exchange, event_id: str) -> None:
        """Capture one request, as the endpoint's DataCaptureConfig says. It lies below the hour of the request.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
        """
        now = self._surroundings.time()
        at = timestamp(now)
        prefix = f"{config['DestinationS3Uri'].rstrip('/')}/{endpoint}/{variant}/{at.strftime(_HOUR)}"
        if prefix not in self._batches:
            self._surroundings.at(now + SECONDS + self.delay, "capture", prefix)
        metadata = {"eventId": event_id, "inferenceTime": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if exchange.inference_id:
            metadata["inferenceId"] = exchange.inference_id
        line = {"captureData": _data(config, exchange), "eventMetadata": metadata, "eventVersion": "0"}
        self._batches.setdefault(prefix, []).append(line)

    def perform(self, prefix: str) -> None:
        """Write the object whose time has come. If its bucket does not exist, it is lost."""
        lines = self._batches.pop(prefix)
        if objects.backend(urlparse(prefix).netloc) is None:
            return
        name = timestamp(self._surroundings.time()).strftime("%M-%S-000")
        content = "".join(f"{json.dumps(line)}\n" for line in lines)
        write(f"{prefix}/{name}-{uuid4()}.jsonl", content.encode())


def _data(config: dict[str, Any], exchange: Exchange) -> dict[str, Any]:
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    data: dict[str, Any] = {}
    if modes & {"Input", "InputAndOutput"}:
        data["endpointInput"] = _side(config, "INPUT", exchange.content_type, exchange.body)
    if modes & {"Output", "InputAndOutput"}:
        data["endpointOutput"] = _side(config, "OUTPUT", exchange.answer_type, exchange.answer)
    return data


def _side(config: dict[str, Any], mode: str, content_type: str, content: bytes) -> dict[str, str]:
    """Return one side of a request. It is text if CaptureContentTypeHeader names its content type."""
    header: dict[str, list[str]] = config.get("CaptureContentTypeHeader", {})
    kind = content_type.partition(";")[0].strip()
    encoding = next((_HEADER[name] for name, kinds in header.items() if kind in kinds), "BASE64")
    data = base64.b64encode(content).decode() if encoding == "BASE64" else content.decode(errors="replace")
    side = {"mode": mode, "data": data, "encoding": encoding}
    return {"observedContentType": content_type, **side} if content_type else side
