"""Who calls which operation, read from a request before moto reads it."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import parse_qs

_CREDENTIAL: Final = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_INVOKE_ENDPOINT: Final = re.compile(r"/endpoints/([^/]+)/(async-)?invocations")
_INVOKE_FUNCTION: Final = re.compile(r"/2015-03-31/functions/[^/]+/invocations")
_CBOR_OPERATION: Final = re.compile(r"/service/[^/]+/operation/([^/]+)")
_S3_OBJECT: Final = {"HEAD": "HeadObject", "GET": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_IAM_NAMES: Final = {"monitoring": "cloudwatch"}
"""The prefix of IAM actions, if a service has another name in signatures."""


@dataclass(frozen=True)
class SignedRequest:
    """A signed AWS request. `action` is written as in IAM, or `service:METHOD path` for a REST service."""

    access_key: str
    region: str
    service: str
    operation: str
    path: str

    @property
    def action(self) -> str:
        return f"{self.service}:{self.operation}"

    @property
    def endpoint(self) -> str | None:
        """Return the endpoint of InvokeEndpoint or InvokeEndpointAsync."""
        found = _INVOKE_ENDPOINT.fullmatch(self.path) if self.service == "sagemaker" else None
        return found[1] if found else None

    @property
    def waits(self) -> bool:
        """Return whether the answer must wait for other requests: for a function to run or a message to arrive."""
        return self.operation in ("Invoke", "ReceiveMessage")

    @classmethod
    def read(cls, environ: dict[str, Any]) -> Self | None:
        """Return the request; None if it has no signature in the Authorization header."""
        signature = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if not signature:
            return None
        access_key, region, service = signature.groups()
        service, path = _IAM_NAMES.get(service, service), environ["PATH_INFO"]
        operation = _s3_operation(environ, path) if service == "s3" else _operation(environ, path)
        return cls(access_key, region, service, operation, path)


def _operation(environ: dict[str, Any], path: str) -> str:
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rsplit(".", 1)[-1]
    if cbor := _CBOR_OPERATION.fullmatch(path):
        return cbor[1]
    if invoked := _INVOKE_ENDPOINT.fullmatch(path):
        return "InvokeEndpointAsync" if invoked[2] else "InvokeEndpoint"
    if _INVOKE_FUNCTION.fullmatch(path):
        return "Invoke"
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return _form(environ).get("Action", ["?"])[0]
    return f"{environ['REQUEST_METHOD']} {path}"


def _s3_operation(environ: dict[str, Any], path: str) -> str:
    """Return the operation on a whole object. Other operations of S3 depend on the query, which is not read here."""
    _, _, key = path.strip("/").partition("/")
    parts = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True).keys() - {"versionId", "x-id"}
    method = environ["REQUEST_METHOD"]
    return _S3_OBJECT.get(method, f"{method} {path}") if key and not parts else f"{method} {path}"


def _form(environ: dict[str, Any]) -> Mapping[str, list[str]]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return parse_qs(body.decode())
