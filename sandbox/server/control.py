"""The sandbox's own routes, /_sandbox/…: the clock, what happened, the callers' load, the principals and the faults."""

import dataclasses
import json
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.server.aws import Aws
from sandbox.server.background import Background
from sandbox.server.faults import Faults
from sandbox.server.request_bodies import (
    Advance,
    After,
    AssumptionsBody,
    FaultsBody,
    InvalidBody,
    Load,
    Profile,
    parsed,
    read,
)
from sandbox.server.traffic import Traffic
from world.call import UserProfile

Route = Callable[[Request], Any]


class Control:
    """`is_ready` becomes True when everything is deployed."""

    def __init__(self, aws: Aws, faults: Faults, traffic: Traffic, background: Background) -> None:
        self.is_ready = False
        self._aws = aws
        self._faults = faults
        self._traffic = traffic
        self._background = background
        self._routes: dict[tuple[str, str], Route] = {
            ("GET", "health"): self._health,
            ("GET", "time"): lambda request: aws.clock.time(),
            ("GET", "events"): self._events,
            ("GET", "undelivered"): lambda request: aws.events.targets.undelivered,
            ("GET", "principals"): lambda request: aws.principals,
            ("GET", "decisions"): lambda request: [one._asdict() for one in list(aws.identity.decisions)],
            ("GET", "endpoints"): lambda request: aws.invocation.observe(),
            ("GET", "invocations"): self._invocations,
            ("GET", "invocation-calls"): self._calls,
            ("GET", "faults"): self._pending_faults,
            ("POST", "ready"): self._set_ready,
            ("POST", "advance"): self._advance,
            ("POST", "traffic"): self._set_load,
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
            known = ", ".join(f"{method} {name}" for method, name in self._routes)
            return _json({"error": f"There is no {request.method} {request.path}; below /_sandbox/ are: {known}."}, 404)
        try:
            result = route(request)
        except InvalidBody as error:
            return _json({"error": str(error)}, 400)
        return result if isinstance(result, Response) else _json(result)

    def _health(self, request: Request) -> Response:
        return _json({"ready": self.is_ready}, 200 if self.is_ready else 503)

    def _set_ready(self, request: Request) -> dict[str, bool]:
        self.is_ready = True
        return {"ready": True}

    def _advance(self, request: Request) -> dict[str, float]:
        wanted = parsed(Advance, request.args.to_dict())
        self._background.raise_errors()
        self._aws.clock.advance(wanted.seconds)
        self._background.raise_errors()
        return {"now": self._aws.clock.time()}

    def _set_load(self, request: Request) -> dict[str, float]:
        load = read(Load, request.get_data())
        with self._aws.clock.lock:
            self._traffic.set(load.endpoint, load.requests_per_second)
        return {"requests_per_second": load.requests_per_second}

    def _invocations(self, request: Request) -> dict[str, Any]:
        """Return the answers of each version by HTTP status, and the requests that no fleet answered, by endpoint."""
        served = {one["name"]: one["served"] for one in self._aws.invocation.observe()}
        return {"served": served, "refused": self._aws.invocation.refused}

    def _events(self, request: Request) -> list[dict[str, Any]]:
        """Return the events on the bus. ?after= leaves out that many of the first ones."""
        return self._aws.events.log[parsed(After, request.args.to_dict()).after :]

    def _calls(self, request: Request) -> list[dict[str, Any]]:
        """Return each run of a function with its AWS calls as `service:Action`, in order. ?function= selects one
        function."""
        name = request.args.get("function")
        runs = [one for one in list(self._aws.functions.runs) if name in (None, one.function)]
        return [dataclasses.asdict(one) for one in runs]

    def _pending_faults(self, request: Request) -> dict[str, Any]:
        pending = [dataclasses.asdict(fault) for fault in self._faults.pending()]
        capacity = self._aws.sagemaker.surroundings.capacity
        return {
            "function_calls": pending,
            "dropped_events": self._aws.events.dropped,
            "capacity": capacity,
            "late_captures": self._aws.invocation.capture.delay,
            "slow_calls": self._faults.call_seconds,
        }

    def _add_faults(self, request: Request) -> dict[str, bool]:
        wanted, aws = read(FaultsBody, request.get_data()), self._aws
        if drop := wanted.drop_events:
            aws.events.drop_next(drop.count, json.dumps(drop.pattern))
        if wanted.function_call:
            self._faults.add(wanted.function_call)
        if capacity := wanted.capacity:
            with aws.clock.lock:
                aws.sagemaker.set_capacity(capacity.instance_type, capacity.available)
        if late := wanted.late_captures:
            aws.invocation.capture.delay = late.seconds
        if slow := wanted.slow_calls:
            self._faults.call_seconds = slow.seconds
        return {"ok": True}

    def _assume(self, request: Request) -> dict[str, Any]:
        """Change the answers to what AWS does not document."""
        surroundings = self._aws.sagemaker.surroundings
        now = dataclasses.asdict(surroundings.assumptions)
        surroundings.assumptions = read(AssumptionsBody, request.get_data(), now=now)
        return dataclasses.asdict(surroundings.assumptions)

    def _set_profile(self, request: Request) -> dict[str, bool]:
        wanted = read(Profile, request.get_data())
        self._aws.sagemaker.callers.profiles[wanted.access_key_id] = UserProfile(wanted.domain, wanted.name)
        return {"ok": True}

    def _clear_faults(self, request: Request) -> dict[str, bool]:
        self._faults.clear()
        self._aws.events.drop_none()
        self._aws.sagemaker.surroundings.capacity.clear()
        self._aws.invocation.capture.delay = 0.0
        return {"ok": True}


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, default=str), status, content_type="application/json")
