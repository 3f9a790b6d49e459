"""Event source mappings: Lambda's pollers, in simulated time.

moto's own mappings invoke the function in the sender's thread, with one record per call. They ignore batchItemFailures,
never deliver a delayed message, and deliver stream records of cancelled transactions.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from moto.awslambda.models import LambdaBackend, lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from sandbox.clock import Clock
from sandbox.functions.destination import Destination
from sandbox.functions.execution_environment import Outcome
from sandbox.functions.queue_poller import QueuePoller
from sandbox.functions.stream_poller import StreamPoller

Poller = QueuePoller | StreamPoller

_MOTO_CREATE: Final = LambdaBackend.create_event_source_mapping


class EventSourceMappings:
    def __init__(self, clock: Clock, invoke: Callable[[str, str], Outcome], destination: Destination) -> None:
        self._clock = clock
        self._invoke = invoke
        self._destination = destination
        self._pollers: dict[str, Poller] = {}
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="poller")

    def install(self) -> None:
        triggers = self

        def create_event_source_mapping(backend: Any, spec: dict[str, Any]) -> Any:
            mapping = _MOTO_CREATE(backend, spec)
            _silence_moto(mapping)
            triggers._pollers[mapping.uuid] = triggers._poller(mapping)
            return mapping

        LambdaBackend.create_event_source_mapping = create_event_source_mapping

    def poll(self) -> bool:
        """Run the batches that are ready, as many as each mapping allows, and wait for them. Return whether there were
        any."""
        with self._clock.lock:
            runs = [run for mapping in _mappings() if mapping.enabled for run in self._pollers[mapping.uuid].take()]
        for running in [self._pool.submit(run) for run in runs]:
            running.result()
        return bool(runs)

    def close(self) -> None:
        self._pool.shutdown()

    def _poller(self, mapping: Any) -> Poller:
        if mapping.event_source_arn.split(":")[2] == "sqs":
            return QueuePoller(self._clock, self._invoke, mapping)
        return StreamPoller(self._clock, self._invoke, self._destination, mapping)


def _mappings() -> Iterator[Any]:
    """Yield moto's mappings. They are read each time, so that the mappings of a deleted stack end at once."""
    for regions in list(lambda_backends.values()):
        for backend in list(regions.values()):
            yield from list(backend._event_source_mappings.values())


def _silence_moto(mapping: Any) -> None:
    for queue in sqs_backends[mapping.account_id][mapping.region].queues.values():
        queue.lambda_event_source_mappings.clear()
    for table in dynamodb_backends[mapping.account_id][mapping.region].tables.values():
        table.lambda_event_source_mappings.clear()
