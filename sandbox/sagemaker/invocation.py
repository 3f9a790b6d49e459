"""SageMaker Runtime: the endpoint's fleets answer invocations, which are counted and measured."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypedDict, Unpack
from uuid import uuid4

from moto.sagemakerruntime.responses import SageMakerRuntimeResponse

from sandbox.sagemaker.capture import Capture, Exchange
from sandbox.sagemaker.payload import read, write
from sandbox.sagemaker.sagemaker import SageMaker
from sandbox.sagemaker.serving import Routed, Serving, ServingVariant, observe
from world.hosting.endpoint import Endpoint

NAMESPACE = "AWS/SageMaker"
OVERHEAD_MICROSECONDS = 2000.0
_JSON = {"Content-Type": "application/json"}
_MODEL_SAYS = "The version fails this request because of its sandbox.error_rate."


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Payload(TypedDict, total=False):
    """What a request may bring. `target_variant`, `content_type` and `inference_id` are headers."""

    body: bytes
    target_variant: str | None
    content_type: str
    inference_id: str


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
        self.capture = Capture(sagemaker.surroundings)
        self._surroundings = sagemaker.surroundings
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
                content_type=response.headers.get("Content-Type", ""),
                inference_id=response.headers.get("X-Amzn-SageMaker-Inference-Id", ""),
            )
            return answer.status, {**answer.headers, "status": answer.status}, answer.body

        SageMakerRuntimeResponse.invoke_endpoint = invoke_endpoint

    def invoke(self, *, account: str, region: str, endpoint: str, **request: Unpack[Payload]) -> Answer:
        """Answer InvokeEndpoint as `answer` does; with 400 ValidationError if the endpoint is asynchronous.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
        """
        found = self._endpoint(endpoint)
        if found is not None and _asynchronous(found):
            self.refused[endpoint] += 1
            return _error(400, "ValidationError", {"Message": f"Endpoint {endpoint} takes only InvokeEndpointAsync."})
        return self.answer(account=account, region=region, endpoint=endpoint, **request)

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
        body = read(place)
        if body is None:
            return _error(400, "ValidationError", {"Message": f"No request was found at {place}."})
        answer = self.answer(account=account, region=region, endpoint=endpoint, body=body)
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

    def answer(self, *, account: str, region: str, endpoint: str, **request: Unpack[Payload]) -> Answer:
        """Answer a request of either kind: 200 with version, config and score, or 424 ModelError. If the endpoint does
        not serve, answer 400 ValidationError. A shadow variant may get a copy of the request after that. No caller gets
        its answer."""
        found = self._endpoint(endpoint)
        routed = None if found is None else self._serving.route(found, request.get("target_variant"))
        if found is None or routed is None:
            self.refused[endpoint] += 1
            return _error(400, "ValidationError", {"Message": f"Endpoint {endpoint} of account {account} not found."})
        serving, event = self._serving.of(found), str(uuid4())
        content = self._answered(found, routed, routed.variant, request, event)
        serving.served[routed.variant.label, 424 if content is None else 200] += 1
        if routed.shadow is not None:
            copied = event if self._surroundings.assumptions.captures_share_event_id else str(uuid4())
            answered = self._answered(found, routed, routed.shadow, request, copied)
            serving.copied[routed.shadow.label, 424 if answered is None else 200] += 1
        if content is None:
            return _model_error(account, region, endpoint)
        return Answer(200, {**_JSON, "x-Amzn-Invoked-Production-Variant": routed.variant.name}, content)

    def observe(self) -> list[dict[str, Any]]:
        """Return the state of every endpoint. May be called while the clock runs."""
        return [observe(endpoint, self._serving.of(endpoint)) for endpoint in list(self._hosting.endpoints.values())]

    def _endpoint(self, name: str) -> Endpoint | None:
        """Return the endpoint that is called. Its name is case-sensitive, other than in the other operations."""
        found = self._hosting.endpoints.get(name.lower())
        return found if found is not None and found.name == name else None

    def _answered(
        self, endpoint: Endpoint, routed: Routed, variant: ServingVariant, request: Payload, event: str
    ) -> bytes | None:
        """Let a variant answer, and return its answer; None if it fails. An answer may be captured."""
        failed, latency = variant.next_request()
        self._record(endpoint, variant, failed, latency, is_shadow=variant is routed.shadow)
        if failed:
            return None
        body, config = request.get("body", b""), routed.capture
        answer = variant.answer(body)
        is_on = config is not None and config.get("EnableCapture", False)
        if config and is_on and variant.captured.take(config["InitialSamplingPercentage"] / 100):
            kind, inference_id = request.get("content_type", ""), request.get("inference_id", "")
            exchange = Exchange(kind, inference_id, body, _JSON["Content-Type"], answer)
            self.capture.take(config, endpoint.name, variant.name, exchange, event)
        return answer

    def _record(
        self, endpoint: Endpoint, variant: ServingVariant, failed: bool, latency: float, *, is_shadow: bool
    ) -> None:
        """Record the metrics of one invocation. A serverless variant has no InvocationModelErrors, an asynchronous
        endpoint only three metrics.
        https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
        https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-monitoring.html
        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
        """
        record, error = self._metrics.record, float(failed)
        is_asynchronous = _asynchronous(endpoint) is not None
        assumptions, is_old = self._surroundings.assumptions, endpoint.share > 0 and variant.config == endpoint.config
        names_config = (not is_shadow or assumptions.shadow_metrics_name_config) and (
            not is_old or assumptions.old_fleet_metrics_name_config
        )
        for name, value in (
            *(() if is_asynchronous else (("Invocations", 1.0),)),
            ("Invocation4XXErrors", 0.0),
            ("Invocation5XXErrors", error),
            *((("InvocationModelErrors", error),) if not variant.is_serverless and not is_asynchronous else ()),
            ("ModelLatency", latency),
            *(() if is_asynchronous else (("OverheadLatency", OVERHEAD_MICROSECONDS),)),
        ):
            for dimensions in variant.dimensions if names_config else variant.dimensions[:1]:
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
