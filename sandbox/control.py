"""The sandbox's own routes, /_sandbox/…: the clock, what happened, the caller load, the people and the faults."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from sandbox.aws.callers import UserProfile
from sandbox.aws.pattern import InvalidPattern
from sandbox.faults import CallFault

if TYPE_CHECKING:
    from sandbox.server import Sandbox

Route = Callable[[Request], Any]


class BadRequest(Exception):
    """The request is not one of the control interface; the message says what is expected."""


class Control:
    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._routes: dict[tuple[str, str], Route] = {
            ("GET", "health"): self._health,
            ("GET", "time"): lambda request: sandbox.clock.time(),
            ("GET", "events"): lambda request: sandbox.events.log,
            ("GET", "undelivered"): lambda request: sandbox.events.targets.undelivered,
            ("GET", "principals"): lambda request: sandbox.principals,
            ("GET", "decisions"): lambda request: [one._asdict() for one in list(sandbox.identity.decisions)],
            ("GET", "endpoints"): lambda request: sandbox.hosting.observe_endpoints(),
            ("GET", "invocations"): self._invocations,
            ("GET", "invocation-calls"): self._calls,
            ("GET", "faults"): self._pending_faults,
            ("POST", "ready"): self._ready,
            ("POST", "advance"): self._advance,
            ("POST", "traffic"): self._traffic,
            ("POST", "assumptions"): self._assume,
            ("POST", "user-profiles"): self._set_profile,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        response: Iterable[bytes] = self._answer(Request(environ))(environ, start_response)
        return response

    def _answer(self, request: Request) -> Response:
        route = self._routes.get((request.method, request.path.removeprefix("/_sandbox/")))
        if route is None:
            return _json({"error": f"There is no {request.method} {request.path}."}, 404)
        try:
            result = route(request)
        except BadRequest as error:
            return _json({"error": str(error)}, 400)
        return result if isinstance(result, Response) else _json(result)

    def _health(self, request: Request) -> Response:
        ready = self._sandbox.ready
        return _json({"ready": ready}, 200 if ready else 503)

    def _ready(self, request: Request) -> dict[str, bool]:
        self._sandbox.ready = True
        return {"ready": True}

    def _advance(self, request: Request) -> dict[str, float]:
        seconds = _number(request.args.get("seconds"), "seconds")
        self._sandbox.raise_background_errors()
        self._sandbox.clock.advance(seconds)
        self._sandbox.raise_background_errors()
        return {"now": self._sandbox.clock.time()}

    def _traffic(self, request: Request) -> dict[str, float]:
        fields = _fields(request)
        rate = _number(fields.get("requests_per_second"), "requests_per_second")
        with self._sandbox.clock.world:
            self._sandbox.traffic.set(_text(fields.get("endpoint"), "endpoint"), rate)
        return {"requests_per_second": rate}

    def _invocations(self, request: Request) -> dict[str, Any]:
        """By endpoint: what each version answered, by HTTP status; and what no fleet answered."""
        served = {one["name"]: one["served"] for one in self._sandbox.hosting.observe_endpoints()}
        return {"served": served, "refused": self._sandbox.invocation.refused}

    def _calls(self, request: Request) -> list[dict[str, Any]]:
        """Each run of a function and the AWS calls it made, `service:Action` in order; ?function= for one of them."""
        name = request.args.get("function")
        runs = [one for one in list(self._sandbox.functions.runs) if name in (None, one.function)]
        return [dataclasses.asdict(one) for one in runs]

    def _pending_faults(self, request: Request) -> dict[str, Any]:
        pending = [dataclasses.asdict(fault) for fault in self._sandbox.faults.pending()]
        capacity = self._sandbox.hosting.capacity
        return {"function_calls": pending, "dropped_events": self._sandbox.events.dropped, "capacity": capacity}

    def _add_faults(self, request: Request) -> dict[str, bool]:
        """`drop_events`: {"pattern": event pattern, "count": 1}; `function_call`: a CallFault's fields;
        `capacity`: {"instance_type", "available": number or null}."""
        fields, sandbox = _fields(request), self._sandbox
        if unknown := fields.keys() - {"drop_events", "function_call", "capacity"}:
            raise BadRequest(f"There is no fault {', '.join(sorted(unknown))}.")
        if drop := fields.get("drop_events"):
            try:
                sandbox.events.drop_next(int(drop.get("count", 1)), json.dumps(drop["pattern"]))
            except (KeyError, InvalidPattern) as error:
                raise BadRequest(f"drop_events needs a pattern: {error}") from error
        if call := fields.get("function_call"):
            try:
                sandbox.faults.add(CallFault.parse(call))
            except (TypeError, ValueError) as error:
                raise BadRequest(f"function_call: {error}") from error
        if capacity := fields.get("capacity"):
            with sandbox.clock.world:
                sandbox.hosting.set_capacity(
                    _text(capacity.get("instance_type"), "instance_type"), capacity["available"]
                )
        return {"ok": True}

    def _assume(self, request: Request) -> dict[str, Any]:
        """Fields of Assumptions: what AWS does not document, answered otherwise from now on."""
        assumptions, fields = self._sandbox.hosting.assumptions, _fields(request)
        known = dataclasses.asdict(assumptions)
        if unknown := fields.keys() - known.keys():
            raise BadRequest(f"There is no assumption {', '.join(sorted(unknown))}; there are: {', '.join(known)}.")
        for name, answer in fields.items():
            setattr(assumptions, name, answer)
        return dataclasses.asdict(assumptions)

    def _set_profile(self, request: Request) -> dict[str, bool]:
        """{"access_key_id", "domain", "name"}: calls with this key come from that user of SageMaker Studio."""
        fields = _fields(request)
        key, domain, name = (_text(fields.get(field), field) for field in ("access_key_id", "domain", "name"))
        self._sandbox.registry.callers.profiles[key] = UserProfile(domain, name)
        return {"ok": True}

    def _clear_faults(self, request: Request) -> dict[str, bool]:
        self._sandbox.faults.clear()
        self._sandbox.events.drop_none()
        self._sandbox.hosting.capacity.clear()
        return {"ok": True}


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, default=str), status, content_type="application/json")


def _fields(request: Request) -> dict[str, Any]:
    try:
        fields = json.loads(request.get_data())
    except json.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise BadRequest("The body must be a JSON object.")
    return fields


def _number(value: Any, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise BadRequest(f"{name} must be a number, not {value!r}.") from error
    if not 0 <= number < float("inf"):
        raise BadRequest(f"{name} must be 0 or more, not {value!r}.")
    return number


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{name} must be a string, not {value!r}.")
    return value
