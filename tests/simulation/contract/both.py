"""The same requests to the simulation's operations and to the sandbox, with every extension of moto that it has."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

from sandbox.server.aws import REGION, Aws
from simulation.world.operations import operations
from simulation.world.world import World
from tests.simulation.contract import shapes
from tests.simulation.contract.calls import calls
from world.assumptions import Assumptions

MADE_UP = ("EventId", "MessageId", "imageDigest")
"""Identifiers that differ."""


class Both:
    """Two accounts at the same time, which begins with a whole minute."""

    def __init__(self, folder: Path) -> None:
        self.aws = Aws("http://localhost", folder, None)
        self.world = World(Assumptions())
        self.aws.clock.advance(-self.aws.clock.time() % 60)
        self.world.now = self.aws.clock.time()
        self._operations = operations(self.world)

    def later(self) -> None:
        self.world.now += 10
        self.aws.clock.advance(10)

    def ask(self, operation: str, request: dict[str, Any]) -> tuple[str, list[str]]:
        """Return the simulation's refusal, and what the sandbox does differently. The refusal is its code, or the codes
        of its reasons, or "" for an answer."""
        service, method = shapes.SERVICES[operation], xform_name(operation)
        simulated = self._operations[service][method][1]
        mine, refusal = _asked(lambda **request: simulated(request, self.world.now), request)
        theirs, other = _asked(getattr(client(service), method), request)
        if refusal or other:
            differences = [f"{refusal}, not {other}"] if refusal != other else []
        else:
            differences = [*shapes.answer_errors(operation, theirs), *_differences(operation, mine, theirs, "")]
        return " ".join(code for code, _ in refusal[1:] or refusal), differences


@cache
def client(service: str) -> Any:
    """Return a client. It is kept for other tests, because its creation takes longer than a test does."""
    return boto3.client(service, REGION)


def _asked(call: Callable[..., dict[str, Any]], request: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """Return the answer, on all pages together, and the code and message of the refusal and of each of its reasons."""
    try:
        answer = call(**request)
    except ClientError as error:
        refused = [error.response["Error"], *error.response.get("CancellationReasons", ())]
        return {}, [(each["Code"], each.get("Message")) for each in refused]
    answer.pop("ResponseMetadata", None)
    if "Body" in answer:
        answer["Body"] = answer["Body"].read()
    if "LastEvaluatedKey" in answer:
        more, _ = _asked(call, request | {"ExclusiveStartKey": answer.pop("LastEvaluatedKey")})
        answer |= {name: answer[name] + more[name] for name in ("Items", "Count", "ScannedCount")}
    return answer, []


def _differences(operation: str, mine: Any, theirs: Any, path: str) -> Iterator[str]:
    """Yield what differs. The simulation may leave out what the product never looks for."""
    if isinstance(mine, dict):
        for name in mine.keys() | theirs.keys():
            inner = f"{path}.{name}"
            if name in mine and name in theirs:
                yield from _differences(operation, mine[name], theirs[name], inner)
            elif name in mine or (operation, inner) in calls().read:
                yield f"{inner}: {mine.get(name, 'left out')}, not {theirs.get(name, 'left out')}"
    elif isinstance(mine, list) and len(mine) == len(theirs):
        for one, other in zip(mine, theirs, strict=True):
            yield from _differences(operation, one, other, f"{path}[]")
    elif type(mine) is not type(theirs) if path.rpartition(".")[2] in MADE_UP else mine != theirs:
        yield f"{path}: {mine!r}, not {theirs!r}"
