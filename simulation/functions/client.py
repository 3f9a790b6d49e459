"""A client like botocore's. Each of its methods is a call at the edge."""

from functools import partial
from typing import Any

from simulation.functions.edge import Edge
from simulation.world.operations import Operation


class Client:
    """The client of a service. With `retries` it repeats a call whose answer was lost, as botocore does."""

    def __init__(self, edge: Edge, operations: dict[str, tuple[str, Operation]], *, retries: bool) -> None:
        self._edge = edge
        self._operations = operations
        self._retries = retries

    def __getattr__(self, method: str) -> Any:
        # A method is made at its first use: runs are copied often, and most copies are short.
        if method not in self._operations:
            raise AttributeError(method)
        call = partial(self._edge.call, *self._operations[method], self._retries)
        setattr(self, method, call)
        return call
