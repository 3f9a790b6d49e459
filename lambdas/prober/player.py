"""SageMaker Runtime's edge: golden requests sent to the endpoint, one after the other, and their answers compared."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from lambdas.gate.aws_error import Throttled, translated
from lambdas.gate.played import MOST_TOLD, Wrong
from lambdas.prober.comparison import compare
from lambdas.prober.errand import Batch
from lambdas.prober.golden_request import GoldenRequest

BUDGET_SECONDS = 25.0
"""No request is begun later in a batch: the last one and what follows it fit into the function's timeout."""
UNANSWERED = (
    "InternalDependencyException",
    "InternalFailure",
    "ModelError",
    "ModelNotReadyException",
    "ServiceUnavailable",
)
"""No answer that could be compared. What fails is a matter of the rollout's error alarms, which these requests feed
too: they know which fleet it was, and the share of failures that the entry allows.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"""


class Player:
    def __init__(self, runtime: Any, endpoint: str, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._runtime = runtime
        self._endpoint = endpoint
        self._elapsed = elapsed

    def play(self, requests: Iterable[GoldenRequest]) -> Batch:
        """Raises NotFound where there is no such endpoint, and botocore's errors for anything but an answer."""
        begun, sent, right, failed = self._elapsed(), 0, 0, 0
        wrong: dict[str, Wrong] = {}
        for request in requests:
            if sent and self._elapsed() - begun > BUDGET_SECONDS:
                break
            sent += 1
            try:
                found = self._ask(request)
            except (Throttled, ReadTimeoutError):
                continue
            except ClientError as error:
                if error.response["Error"].get("Code") not in UNANSWERED:
                    raise
                continue
            if found is None:
                right += 1
            else:
                failed += 1
                wrong.setdefault(found.request, found)
        return Batch(sent, right, failed, tuple(wrong.values())[:MOST_TOLD])

    def _ask(self, request: GoldenRequest) -> Wrong | None:
        accept = {"Accept": request.accept} if request.accept else {}
        with translated():
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._endpoint, Body=request.body, ContentType=request.content_type, **accept
            )
        return compare(request, answer["Body"].read(), answer.get("ContentType", ""))
