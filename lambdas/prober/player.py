"""SageMaker Runtime's edge: golden requests are sent to the endpoint one by one, and their answers compared."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from lambdas.gate.aws.errors import NotFound, translated
from lambdas.gate.state.golden_result import MOST_LISTED, Wrong
from lambdas.gate.text import escaped
from lambdas.prober.comparison import MOST_BYTES, compare
from lambdas.prober.golden_request import GoldenRequest
from lambdas.prober.patience import within
from lambdas.prober.probe_task import Batch

BUDGET_SECONDS = 25.0
"""No request of a batch is sent later than this after the beginning of the batch."""
ANSWER_SECONDS = 20.0
"""The time limit of an answer, from the request to the last byte of its body."""
ANSWERED_SECONDS = 40.0
"""The time limit of all answers of a batch. The last comparison, the metric and the next message fit into the rest of
the function's timeout."""
CHUNK_BYTES = 65_536

IsLate = Callable[[], bool]
Patience = Callable[[float, Callable[[IsLate], Any]], Any]


class Player:
    """`elapsed`: returns the seconds of a monotonic clock. `patience`: runs a call with a time limit, see `within`."""

    def __init__(
        self,
        runtime: Any,
        endpoint: str,
        elapsed: Callable[[], float] = time.monotonic,
        patience: Patience = within,
    ) -> None:
        self._runtime = runtime
        self._endpoint = endpoint
        self._elapsed = elapsed
        self._patience = patience

    def play(self, requests: Iterable[GoldenRequest]) -> Batch:
        """Send the requests. Return how many answers were right, wrong or missing. Raises NotFound if there is no such
        endpoint, and nothing else.

        No error is an answer: neither an error of the model, a throttle, a denial, a timeout or a broken connection nor
        an unknown one. Errors of a fleet count in the metrics of the rollout's error alarms, to which these requests
        contribute. These alarms know which fleet failed, and which share of failures the spec allows. After errors on
        the way to the fleet, the rollout has no results, and its end is reported as inconclusive.
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
        """
        begun, sent, failed = self._elapsed(), 0, 0
        places: list[int] = []
        wrong: dict[str, Wrong] = {}
        unanswered: Counter[str] = Counter()
        for request in requests:
            passed = self._elapsed() - begun if sent else 0.0
            if passed > BUDGET_SECONDS:
                break
            sent += 1
            try:
                body, content_type = self._ask(request, min(ANSWER_SECONDS, ANSWERED_SECONDS - passed))
            except NotFound:
                raise
            except Exception as error:  # noqa: BLE001 The boundary of one request: the others are sent.
                unanswered[_text(error)] += 1
                continue
            found = compare(request, body, content_type)
            if found is None:
                places.append(sent - 1)
            else:
                failed += 1
                wrong.setdefault(found.request, found)
        first = tuple(wrong.values())[:MOST_LISTED], tuple(unanswered.most_common(MOST_LISTED))
        return Batch(sent, len(places), failed, *first, places=tuple(places))

    def _ask(self, request: GoldenRequest, seconds: float) -> tuple[bytes, str]:
        accept = {"Accept": request.accept} if request.accept else {}

        def answer(is_late: IsLate) -> tuple[bytes, str]:
            with translated():
                found = self._runtime.invoke_endpoint(
                    EndpointName=self._endpoint, Body=request.body, ContentType=request.content_type, **accept
                )
            return self._read(found["Body"], is_late), str(found.get("ContentType") or "")

        given: tuple[bytes, str] = self._patience(seconds, answer)
        return given

    def _read(self, stream: Any, is_late: IsLate) -> bytes:
        """Return the body, up to one byte more than MOST_BYTES."""
        chunks: list[bytes] = []
        length = 0
        while not is_late() and length <= MOST_BYTES:
            chunk = stream.read(min(CHUNK_BYTES, MOST_BYTES + 1 - length))
            if not chunk:
                break
            chunks.append(chunk)
            length += len(chunk)
        if length > MOST_BYTES or is_late():
            stream.close()  # A connection that is not read to its end cannot be used again.
        return b"".join(chunks)


def _text(error: Exception) -> str:
    return escaped(f"{type(error).__name__}: {error}")[:200]
