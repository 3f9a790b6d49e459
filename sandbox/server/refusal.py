"""Errors that no service returns, in the wire format of the caller's protocol."""

import json
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

_THROTTLED = {"cloudwatch": "Throttling", "sns": "Throttling"}
"""Codes by service, if the code is not ThrottlingException."""


def throttled(environ: dict[str, Any], service: str) -> Response:
    """Return a throttling error. For S3 see
    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList.
    """
    if service == "s3":
        body = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
        return Response(body, 503, content_type="application/xml")
    return refusal(environ, 400, _THROTTLED.get(service, "ThrottlingException"), "Rate exceeded")


def refusal(environ: dict[str, Any], status: int, code: str, message: str) -> Response:
    """Return an error. https://smithy.io/2.0/aws/protocols/ describes the formats."""
    kind = environ.get("CONTENT_TYPE", "")
    if kind.startswith("application/cbor"):
        body = b"\xa2" + b"".join(_cbor_text(text) for text in ("__type", code, "message", message))
        headers = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
        return Response(body, status, headers)
    if kind.startswith("application/x-www-form-urlencoded"):
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        text = f"<ErrorResponse>{error}</ErrorResponse>"
        return Response(text, status, content_type="text/xml")
    text = json.dumps({"__type": code, "message": message})
    return Response(text, status, {"x-amzn-ErrorType": code}, content_type="application/x-amz-json-1.1")


def _cbor_text(text: str) -> bytes:
    encoded = text.encode()
    head = bytes([0x60 + len(encoded)]) if len(encoded) < 24 else bytes([0x78, len(encoded)])
    return head + encoded
