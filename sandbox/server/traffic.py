"""The callers of endpoints: requests per second of simulated time. None is dropped."""

from collections import Counter
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.sagemaker.behaviour import Quota
from sandbox.sagemaker.invocation import Invocation


@dataclass
class _Load:
    requests_per_second: float
    rest: Quota


class Traffic:
    """`answers` counts the answers to each endpoint's callers, by HTTP status."""

    def __init__(self, clock: Clock, invocation: Invocation, *, account: str, region: str) -> None:
        self.answers: dict[str, Counter[int]] = {}
        self._clock = clock
        self._invocation = invocation
        self._account = account
        self._region = region
        self._loads: dict[str, _Load] = {}

    def set(self, endpoint: str, requests_per_second: float) -> None:
        """Set the load from the next second on; 0 ends it. Raises ValueError for less."""
        if requests_per_second < 0:
            raise ValueError(f"requests_per_second cannot be {requests_per_second}.")
        self._loads.pop(endpoint, None)
        if requests_per_second:
            load = self._loads[endpoint] = _Load(requests_per_second, Quota())
            self._next(endpoint, load, self._clock.time() + 1)

    def _next(self, endpoint: str, load: _Load, due: float) -> None:
        self._clock.at(due, lambda: self._call(endpoint, load, due))

    def _call(self, endpoint: str, load: _Load, due: float) -> None:
        if self._loads.get(endpoint) is not load:
            return
        # A fraction of a request is kept until the fractions add up to one.
        whole = int(load.requests_per_second)
        requests = whole + load.rest.take(load.requests_per_second - whole)
        answers = self.answers.setdefault(endpoint, Counter())
        for _ in range(requests):
            answer = self._invocation.answer(account=self._account, region=self._region, endpoint=endpoint)
            answers[answer.status] += 1
        self._next(endpoint, load, due + 1)
