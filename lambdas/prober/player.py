"""SageMaker Runtime's edge: golden requests sent to the endpoint, one after the other, and their answers compared."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from lambdas.gate.aws.errors import NotFound, translated
from lambdas.gate.state.golden_result import MOST_TOLD, Wrong, fit
from lambdas.prober.comparison import MOST_BYTES, compare
from lambdas.prober.golden_request import GoldenRequest
from lambdas.prober.patience import within
from lambdas.prober.probe_task import Batch

BUDGET_SECONDS = 25.0
"""No request is begun later in a batch."""
ANSWER_SECONDS = 20.0
"""For a whole answer, from the request to the last byte of its body."""
ANSWERED_SECONDS = 40.0
"""Nor is an answer waited for any longer than this after the beginning of its batch: the last comparison, the metric
and the next message fit into what is left of the function's timeout."""
CHUNK_BYTES = 65_536

IsLate = Callable[[], bool]
Patience = Callable[[float, Callable[[IsLate], Any]], Any]


class Player:
    """`patience` gives what a call gives, or raises TimeoutError after so many seconds: see `within`."""

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
        """What became of each request: a right answer, a wrong one, or none. Raises NotFound where there is no such
        endpoint, and nothing else.

        An error is no answer, whatever it says: an error of the model, a throttle, a denial, a timeout, a connection
        that broke, and one that nobody has seen before. What fails in a fleet is a matter of the rollout's error
        alarms, which these requests feed too: they know which fleet it was, and the share of failures that the entry
        allows. What fails on the way to it leaves the rollout unheard of, which is told when it ends.
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
                unanswered[_told(error)] += 1
                continue
            found = compare(request, body, content_type)
            if found is None:
                places.append(sent - 1)
            else:
                failed += 1
                wrong.setdefault(found.request, found)
        told = tuple(wrong.values())[:MOST_TOLD], tuple(unanswered.most_common(MOST_TOLD))
        return Batch(sent, len(places), failed, *told, places=tuple(places))

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
        """The body, up to one byte more than an answer may have."""
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


def _told(error: Exception) -> str:
    text = fit(f"{type(error).__name__}: {error}")
    return text[:200]
