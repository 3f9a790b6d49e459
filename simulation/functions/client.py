"""A client like botocore's, each of whose methods is a call at the edge."""

from functools import partial
from typing import Any

from simulation.functions.edge import Edge
from simulation.world.operations import Operation


class Client:
    """A service's client. `retries`: botocore repeats a call whose answer was lost."""

    def __init__(self, edge: Edge, operations: dict[str, tuple[str, Operation]], *, retries: bool) -> None:
        self._edge = edge
        self._operations = operations
        self._retries = retries

    def __getattr__(self, method: str) -> Any:
        # A method is made when it is first used: copies of a run are many, and most of them are short.
        if method not in self._operations:
            raise AttributeError(method)
        call = partial(self._edge.call, *self._operations[method], self._retries)
        setattr(self, method, call)
        return call
