"""The entry for every HTTP request: the sandbox's own routes, invocations of endpoints, faults for functions, and moto
for all other requests."""

import logging
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from moto.core import DEFAULT_ACCOUNT_ID
from werkzeug.wrappers import Response

from sandbox.iam.access_denied import AccessDeniedError
from sandbox.server.aws import Aws
from sandbox.server.faults import Effect, Faults
from sandbox.server.refusal import refusal, throttled
from sandbox.server.signed_request import SignedRequest

log = logging.getLogger(__name__)

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Gateway:
    def __init__(self, aws: Aws, faults: Faults, control: Application, moto: Application) -> None:
        self._clock = aws.clock
        self._functions = aws.functions
        self._invocation = aws.invocation
        self._identity = aws.identity
        self._faults = faults
        self._control = control
        self._moto = moto

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not _is_own(environ):
            foreign = "The sandbox answers only to requests for localhost, from pages of localhost"
            refused: Iterable[bytes] = refusal(environ, 403, "Forbidden", foreign)(environ, start_response)
            return refused
        if environ["PATH_INFO"].startswith("/_sandbox/"):
            return self._control(environ, start_response)
        response: Iterable[bytes] = self._answer(environ)(environ, start_response)
        return response

    def _answer(self, environ: dict[str, Any]) -> Response:
        request = SignedRequest.read(environ)
        running = self._functions.caller(request.access_key) if request else None
        if not request or not running:
            return self._handle(request, environ)
        self._functions.called(running, request.action)
        time.sleep(self._faults.call_seconds)
        effect = self._faults.take(running.function, len(running.calls), request.action)
        if effect is Effect.THROTTLE:
            return throttled(environ, request.service)
        answer = self._handle(request, environ) if effect is None or effect.is_handled else Response()
        match effect:
            case Effect.KILL_BEFORE | Effect.KILL_AFTER:
                self._functions.kill(request.access_key)
            case Effect.LOSE_REQUEST | Effect.LOSE_ANSWER:
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return answer

    def _handle(self, request: SignedRequest | None, environ: dict[str, Any]) -> Response:
        if request and request.waits:
            return self._ask_moto(request, environ)
        with self._clock.lock:
            if request and (endpoint := request.endpoint):
                return self._invoke(request, endpoint, environ)
            return self._ask_moto(request, environ)

    def _ask_moto(self, request: SignedRequest | None, environ: dict[str, Any]) -> Response:
        try:
            return Response.from_app(self._moto, environ, buffered=True)
        except NotImplementedError as error:
            asked = request.action if request else environ["PATH_INFO"]
            log.error("%s is not modelled: %s", asked, error)
            # Clients retry after a 500, but not after a 501.
            return refusal(environ, 501, "NotImplemented", f"The sandbox does not model {asked}: {error}")

    def _invoke(self, request: SignedRequest, endpoint: str, environ: dict[str, Any]) -> Response:
        """Answer an invocation without moto's dispatcher, which is several times slower."""
        asked = {"EndpointName": endpoint}
        try:
            self._identity.authorize(request.service, request.operation, asked, request.access_key, request.region)
        except AccessDeniedError as error:
            return refusal(environ, 403, "AccessDeniedException", str(error))
        if request.operation == "InvokeEndpointAsync":
            answer = self._invocation.invoke_later(
                account=DEFAULT_ACCOUNT_ID,
                region=request.region,
                endpoint=endpoint,
                place=environ.get("HTTP_X_AMZN_SAGEMAKER_INPUTLOCATION", ""),
            )
        else:
            answer = self._invocation.invoke(
                account=DEFAULT_ACCOUNT_ID,
                region=request.region,
                endpoint=endpoint,
                body=environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
                target_variant=environ.get("HTTP_X_AMZN_SAGEMAKER_TARGET_VARIANT"),
                content_type=environ.get("CONTENT_TYPE", ""),
                inference_id=environ.get("HTTP_X_AMZN_SAGEMAKER_INFERENCE_ID", ""),
            )
        return Response(answer.body, answer.status, answer.headers)


def _is_own(environ: dict[str, Any]) -> bool:
    """True if the request is for this machine by name, and no page of another site sent it. Otherwise any page that a
    browser shows could reach the sandbox, by a name that it makes resolve to this machine."""
    asked = [f"http://{environ.get('HTTP_HOST', 'localhost')}", environ.get("HTTP_ORIGIN", "http://localhost")]
    return all(_is_local(urlsplit(url).hostname or "") for url in asked)


def _is_local(name: str) -> bool:
    return name in ("localhost", "127.0.0.1", "::1") or name.endswith(".localhost")
