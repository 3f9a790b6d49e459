"""SageMaker Runtime: the endpoint's fleets answer invocations, which are counted and measured."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from sandbox.sagemaker.payload import read, write
from sandbox.sagemaker.sagemaker import SageMaker
from sandbox.sagemaker.serving import Serving, ServingVariant, observe
from world.hosting.endpoint import Endpoint

NAMESPACE = "AWS/SageMaker"
OVERHEAD_MICROSECONDS = 2000.0
_JSON = {"Content-Type": "application/json"}
_MODEL_SAYS = "The version fails this request because of its sandbox.error_rate."


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Metrics(Protocol):
    def record(
        self,
        *,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        resolution: int,
    ) -> None: ...


class Invocation:
    """Answers real clients and the simulated callers. `refused` counts requests that no fleet answered, by endpoint."""

    def __init__(self, sagemaker: SageMaker, metrics: Metrics) -> None:
        self.refused: Counter[str] = Counter()
        self._hosting = sagemaker.hosting
        self._serving = Serving(sagemaker.registry)
        self._metrics = metrics

    def install(self) -> None:
        """Answer also the requests that reach moto's own dispatcher."""
        invocation = self

        def invoke_endpoint(response: Any) -> Any:
            answer = invocation.invoke(
                account=response.current_account,
                region=response.region,
                endpoint=response.path.split("/")[2],
                body=response.body if isinstance(response.body, bytes) else (response.body or "").encode(),
                target_variant=response.headers.get("X-Amzn-SageMaker-Target-Variant"),
            )
            return answer.status, {**answer.headers, "status": answer.status}, answer.body

        SageMakerRuntimeResponse.invoke_endpoint = invoke_endpoint

    def invoke(
        self, *, account: str, region: str, endpoint: str, body: bytes = b"", target_variant: str | None = None
    ) -> Answer:
        """Answer InvokeEndpoint as `answer` does; with 400 ValidationError if the endpoint is asynchronous.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
        """
        found = self._endpoint(endpoint)
        if found is not None and _asynchronous(found):
            self.refused[endpoint] += 1
            return _error(400, "ValidationError", {"Message": f"Endpoint {endpoint} takes only InvokeEndpointAsync."})
        return self.answer(account=account, region=region, endpoint=endpoint, body=body, target_variant=target_variant)

    def invoke_later(self, *, account: str, region: str, endpoint: str, place: str) -> Answer:
        """Answer InvokeEndpointAsync with 202 and the locations of the answer or the error.

        Both are written at once, because no queue is modelled. The answer is 400 ValidationError if the endpoint is
        real-time or does not serve.
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
        """
        found = self._endpoint(endpoint)
        asynchronous = _asynchronous(found) if found else None
        if asynchronous is None:
            self.refused[endpoint] += 1
            return _error(400, "ValidationError", {"Message": f"Endpoint {endpoint} is not asynchronous."})
        request = read(place)
        if request is None:
            return _error(400, "ValidationError", {"Message": f"No request was found at {place}."})
        answer = self.answer(account=account, region=region, endpoint=endpoint, body=request)
        if answer.status == 400:
            return answer
        inference, output = str(uuid4()), asynchronous["OutputConfig"]
        path = output["S3OutputPath"] if answer.status == 200 else output.get("S3FailurePath")
        places = {"OutputLocation": f"{output['S3OutputPath']}{inference}.out"}
        if "S3FailurePath" in output:
            places["FailureLocation"] = f"{output['S3FailurePath']}{inference}-error.out"
        if path:
            write(places["OutputLocation" if answer.status == 200 else "FailureLocation"], answer.body)
        headers = {f"X-Amzn-SageMaker-{name}": where for name, where in places.items()}
        return Answer(202, _JSON | headers, json.dumps({"InferenceId": inference}).encode())

    def answer(
        self, *, account: str, region: str, endpoint: str, body: bytes = b"", target_variant: str | None = None
    ) -> Answer:
        """Answer a request of either kind: 200 with version, config and score, or 424 ModelError. If the endpoint does
        not serve, answer 400 ValidationError."""
        found = self._endpoint(endpoint)
        variant = None if found is None else self._serving.route(found, target_variant)
        if found is None or variant is None:
            self.refused[endpoint] += 1
            return _error(400, "ValidationError", {"Message": f"Endpoint {endpoint} of account {account} not found."})
        failed, latency = variant.next_request()
        self._record(found, variant, failed, latency)
        served = self._serving.of(found).served
        if failed:
            served[variant.label, 424] += 1
            return _model_error(account, region, endpoint)
        served[variant.label, 200] += 1
        return Answer(200, {**_JSON, "x-Amzn-Invoked-Production-Variant": variant.name}, variant.answer(body))

    def observe(self) -> list[dict[str, Any]]:
        """Return the state of every endpoint. May be called while the clock runs."""
        return [observe(endpoint, self._serving.of(endpoint)) for endpoint in list(self._hosting.endpoints.values())]

    def _endpoint(self, name: str) -> Endpoint | None:
        """Return the endpoint that is called. Its name is case-sensitive, other than in the other operations."""
        found = self._hosting.endpoints.get(name.lower())
        return found if found is not None and found.name == name else None

    def _record(self, endpoint: Endpoint, variant: ServingVariant, failed: bool, latency: float) -> None:
        """Record the metrics of one invocation. A serverless variant has no InvocationModelErrors, an asynchronous
        endpoint only three metrics.
        https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
        https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html
        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
        """
        record, error = self._metrics.record, float(failed)
        is_asynchronous = _asynchronous(endpoint) is not None
        for name, value in (
            *(() if is_asynchronous else (("Invocations", 1.0),)),
            ("Invocation4XXErrors", 0.0),
            ("Invocation5XXErrors", error),
            *((("InvocationModelErrors", error),) if not variant.is_serverless and not is_asynchronous else ()),
            ("ModelLatency", latency),
            *(() if is_asynchronous else (("OverheadLatency", OVERHEAD_MICROSECONDS),)),
        ):
            for dimensions in variant.dimensions:
                record(
                    namespace=NAMESPACE,
                    name=name,
                    dimensions=dimensions,
                    value=value,
                    resolution=variant.resolution,
                )


def _asynchronous(endpoint: Endpoint) -> dict[str, Any] | None:
    """Return the AsyncInferenceConfig."""
    config: dict[str, Any] | None = endpoint.fleet.config.fields.get("AsyncInferenceConfig")
    return config


def _model_error(account: str, region: str, endpoint: str) -> Answer:
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    message = (
        f'Received server error (500) from primary with message "{_MODEL_SAYS}". '
        f"See the log group {group} in account {account} for more information."
    )
    return _error(
        424,
        "ModelError",
        {
            "Message": message,
            "OriginalStatusCode": 500,
            "OriginalMessage": _MODEL_SAYS,
            "LogStreamArn": f"arn:aws:logs:{region}:{account}:log-group:{group}",
        },
    )


def _error(status: int, kind: str, body: dict[str, Any]) -> Answer:
    return Answer(status, {**_JSON, "x-amzn-ErrorType": kind}, json.dumps(body).encode())
