"""The simulation's side of the contract: its world and its fake clients, without faults and without the product."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from simulation.world.storage import host

from simulation.functions.edge import Edge
from simulation.scenarios.acts.evidence import have_trail
from simulation.world.example import NAME, SPEC, arn
from simulation.world.ground_truth import Act
from simulation.world.operations import Operation, operations
from simulation.world.resources import IMAGE, TEAM_TAG, Quality
from simulation.world.world import World
from world.assumptions import Assumptions
from world.registry.package import image_digest

LIMIT = 3600.0
CONTENT_TYPES = {"SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}


class Listening(World):
    """Keeps the events that come to the inbox, as their rule hands them over."""

    def __init__(self, assumptions: Assumptions) -> None:
        self.heard: list[tuple[float, dict[str, Any]]] = []
        super().__init__(assumptions)

    def send(self, body: str, delay: float) -> None:
        content = json.loads(body)
        if "event" in content:
            self.heard.append((self.now + delay, content["event"]))


class Simulated:
    def __init__(self, assumptions: Assumptions) -> None:
        self.world = Listening(assumptions)
        self.start = self.world.now
        edge = Edge(self.world, second=lambda: None, elsewhere=lambda seconds: None, check_call=lambda *call: [])
        self.clients = {
            service: SimpleNamespace(
                **{method: _call(edge, name, operation) for method, (name, operation) in methods.items()}
            )
            for service, methods in operations(self.world).items()
        }

    def now(self) -> float:
        return self.world.now

    def call(self, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.clients[service], method)(**request)
        return answer

    def advance(self, seconds: float) -> None:
        end = self.world.now + seconds
        while self.world.heap and self.world.heap[0][0] <= end:
            self._step()
        self.world.now = end

    def advance_until(self, status: str | None) -> None:
        """None: until the endpoint is gone."""
        end = self.world.now + LIMIT
        while self._status() != status:
            assert self.world.heap, f"the endpoint stays {self._status()}"
            assert self.world.heap[0][0] <= end, f"the endpoint is {self._status()} for {LIMIT} s"
            self._step()

    def heard(self) -> list[dict[str, Any]]:
        heard, self.world.heard = self.world.heard, []
        return [event for _, event in sorted(heard, key=lambda entry: entry[0])]

    def _status(self) -> str | None:
        endpoint = self.world.hosting.endpoints.get(NAME)
        return endpoint.status if endpoint else None

    def _step(self) -> None:
        match self.world.due():
            case ("stream", *_):
                pass
            case ("calm", alarm):
                self.world.clear(alarm)
            case (phase, endpoint, turn):
                getattr(self.world.hosting, phase)(endpoint, turn)
            case work:
                raise AssertionError(f"What is {work}?")

    # -- what people and AWS do

    def register(self, number: int, quality: Quality) -> None:
        """The registry looks up an image's digest."""
        data = f"{SPEC.model_artifacts}{'none' if quality is Quality.SICK else 'model'}.tar.gz"
        container = {"Image": IMAGE, "ImageDigest": image_digest(IMAGE), "ModelDataUrl": data}
        self.world.register(number, InferenceSpecification={"Containers": [container], **CONTENT_TYPES})
        self.world.qualities[arn(number)] = quality

    def have_trail(self) -> None:
        have_trail(self.world)

    def promote(self, number: int, stage: str, status: str) -> None:
        self.world.promote(number, (stage, status))

    def specify(self, number: int, **container: Any) -> None:
        self.world.specify(number, **container)

    def write_object(self, uri: str, content: str) -> None:
        self.world.storage.write(uri, content, self.world.now)

    def tag_image(self, repository: str, tag: str) -> None:
        self.world.storage.tag(f"{host()}/{repository}:{tag}", image_digest(tag), self.world.now)

    def review(self, number: int, status: str, comment: str | None = None) -> None:
        self.world.review(number, status, comment=comment)

    def edit(self, number: int) -> None:
        self.world.edit(number)

    def delete_version(self, number: int) -> None:
        self.world.delete(number)
        self.world.acts += (Act(self.world.now, "revoke", arn(number)),)

    def write_spec(self) -> None:
        self.world.write_spec(SPEC)

    def set_alarm(self, name: str, state: str) -> None:
        if state == "ALARM":
            self.world.fire(name)
        else:
            self.world.clear(name)

    def update_manually(self, config: str) -> None:
        assert self.world.hosting.update_manually(NAME, config)

    def patch(self) -> None:
        assert self.world.hosting.patch(NAME)

    def force(self, status: str) -> None:
        self.world.hosting.force(NAME, status=status)

    def delete_endpoint(self) -> None:
        self.world.hosting.delete(NAME)

    def tag(self, key: str, value: str) -> None:
        """It got that by itself."""
        assert {"Key": key, "Value": value} == TEAM_TAG

    def autoscale(self) -> None:
        self.world.scaling.register_manually()


def _call(edge: Edge, name: str, operation: Operation) -> Callable[..., dict[str, Any]]:
    """It takes no time, as in the sandbox."""
    return lambda **request: edge.execute(name, operation, request)
