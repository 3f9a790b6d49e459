"""CloudWatch's smithy-rpc-v2-cbor protocol, which several SDKs prefer and moto does not read.

Each request is translated into JSON for moto, and each answer back.
https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

import functools
import io
import json
import re
from datetime import datetime
from typing import Any

import botocore.session
from botocore.parsers import JSONParser, RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer
from moto.cloudwatch import urls
from moto.cloudwatch.responses import CloudWatchResponse

_PATH = re.compile(r"/service/(?P<service>\w+)/operation/(?P<operation>\w+)$")


def serve() -> None:
    """Answer also at the protocol's address, `/service/NAME/operation/NAME`."""
    urls.url_paths.setdefault("{0}/service/<service>/operation/<operation>$", _answer)


def _answer(request: Any, full_url: str, headers: Any) -> Any:
    found = _PATH.search(request.path)
    assert found is not None
    environ = {
        **request.environ,
        "PATH_INFO": "/",
        "RAW_URI": "/",
        "CONTENT_TYPE": "application/x-amz-json-1.0",
        "HTTP_X_AMZ_TARGET": f"{found['service']}.{found['operation']}",
    }
    body = json.dumps(decode(request.get_data()), default=_json).encode()
    environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    translated = type(request)(environ)
    status, answered, text = CloudWatchResponse.dispatch(translated, translated.raw_url, translated.headers)
    payload = encode_error(text) if status >= 400 else encode(found["operation"], text)
    kept = {k: v for k, v in answered.items() if k.lower() not in ("content-type", "content-length", "status")}
    return status, {**kept, "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"}, payload


def decode(body: bytes) -> Any:
    """Return the content of a request. Times are datetimes."""
    return RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body))) if body else {}


def encode(operation: str, text: str | bytes) -> bytes:
    """Return an answer in CBOR, given in JSON."""
    shape = _model().operation_model(operation).output_shape
    if shape is None:
        return b"\xa0"
    raw = {"body": text.encode() if isinstance(text, str) else text, "headers": {}, "status_code": 200}
    parsed = JSONParser().parse(raw, shape)
    parsed.pop("ResponseMetadata", None)
    return _encoded(parsed, shape)


def encode_error(text: str | bytes) -> bytes:
    """Return an error in CBOR, with `__type` and `message`."""
    error = json.loads(text)
    message = error.get("message") or error.get("Message") or ""
    body = bytearray(b"\xa2")
    for word in ("__type", error["__type"], "message", message):
        encoded = word.encode()
        body += _text_head(len(encoded)) + encoded
    return bytes(body)


def _text_head(length: int) -> bytes:
    """Return the head of a CBOR text string (major type 3)."""
    if length < 24:
        return bytes([0x60 | length])
    return b"\x79" + length.to_bytes(2, "big")


def _encoded(value: Any, shape: Any) -> bytes:
    serialized = bytearray()
    RpcV2CBORSerializer()._serialize_data_item(serialized, value, shape)
    return bytes(serialized)


@functools.cache
def _model() -> Any:
    return botocore.session.get_session().get_service_model("cloudwatch")


def _json(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"A request holds {value!r}.")
