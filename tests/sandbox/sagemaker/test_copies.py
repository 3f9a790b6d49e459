"""A shadow variant gets copies of requests. What variants were asked and answered is captured."""

import base64
import json
from typing import Any

import boto3
import pytest

from sandbox.clock import Clock
from sandbox.sagemaker.invocation import Answer
from tests.sandbox.sagemaker.studio import ACCOUNT, REGION
from tests.sandbox.sagemaker.test_shadow import SHADOW, shadowed, started

CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://models/captured",
    "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
}
VARIANTS = ("AllTraffic", "Shadow")


class Callers:
    """Version 2 is the shadow of version 1, and gets copies of the share `weight` of the requests to `fraud`."""

    def __init__(
        self,
        clock: Clock,
        *,
        weight: float = 1.0,
        capture: dict[str, Any] | None = None,
        assumptions: dict[str, bool] | None = None,
        **behaviour: str,
    ) -> None:
        self.clock = clock
        self.studio = started(clock, **assumptions or {})
        self.invocation, self.metrics = self.studio.invocation, self.studio.metrics
        self.studio.deployable("v3", metadata={f"sandbox.{name}": value for name, value in behaviour.items()})
        shadow = SHADOW | {"ModelName": "v3", "InitialVariantWeight": weight}
        shadowed(self.studio, "copied", shadow=shadow, **({"DataCaptureConfig": capture} if capture else {}))
        self.studio.update("copied")
        clock.advance(300)

    def call(self, times: int = 1, **request: Any) -> list[Answer]:
        asked = {"account": ACCOUNT, "region": REGION, "endpoint": "fraud", **request}
        return [self.invocation.invoke(**asked) for _ in range(times)]

    def counted(self, name: str) -> dict[tuple[str, int], float]:
        """Return the sums of a metric by variant and number of dimensions."""
        sums: dict[tuple[str, int], float] = {}
        for metric, dimensions, value in self.metrics:
            if metric == name:
                key = dimensions["VariantName"], len(dimensions)
                sums[key] = sums.get(key, 0) + value
        return sums

    def captured(self) -> dict[str, list[dict[str, Any]]]:
        """Return the lines of the captured objects, by the object's prefix."""
        s3 = boto3.client("s3", region_name=REGION)
        found: dict[str, list[dict[str, Any]]] = {}
        for each in s3.list_objects_v2(Bucket="models", Prefix="captured/").get("Contents", []):
            body = s3.get_object(Bucket="models", Key=each["Key"])["Body"].read().decode()
            found.setdefault(each["Key"].rpartition("/")[0], []).extend(map(json.loads, body.splitlines()))
        return found


@pytest.mark.parametrize(("weight", "copies"), [(1.0, 100), (0.5, 50), (0.03, 3), (2.0, 100)])
def test_the_share_of_copies_is_the_weight_of_the_shadow(clock: Clock, weight: float, copies: int) -> None:
    callers = Callers(clock, weight=weight)
    callers.call(100)
    of_each = {"AllTraffic": 100, "Shadow": copies}
    assert callers.counted("Invocations") == {(name, n): count for name, count in of_each.items() for n in (2, 3)}
    (seen,) = callers.invocation.observe()
    assert (seen["served"], seen["copied"]) == ({"Fraud/1": {200: 100}}, {"Fraud/3": {200: copies}})


def test_no_caller_is_answered_by_a_shadow(clock: Clock) -> None:
    callers = Callers(clock, error_rate="1", latency_ms="900")
    answers = callers.call(20, body=b"1,2,3")
    assert {(answer.status, json.loads(answer.body)["version"]) for answer in answers} == {(200, 1)}
    assert [answer.status for answer in callers.call(target_variant="Shadow")] == [400]
    errors = callers.counted("InvocationModelErrors")
    assert (errors["AllTraffic", 2], errors["Shadow", 2]) == (0, 20)


@pytest.mark.parametrize(("named", "expected"), [(True, {2, 3}), (False, {2})])
def test_metrics_of_a_shadow_may_lack_the_config(clock: Clock, expected: set[int], *, named: bool) -> None:
    callers = Callers(clock, assumptions={"shadow_metrics_name_config": named})
    callers.call()
    assert {n for variant, n in callers.counted("ModelLatency") if variant == "Shadow"} == expected


def test_both_variants_are_captured_by_endpoint_variant_and_hour(clock: Clock) -> None:
    callers = Callers(clock, capture=CAPTURE, wrong_rate="1")
    callers.call(body=b"1,2,3", content_type="text/csv", inference_id="order-7")
    assert callers.captured() == {}
    clock.advance(120)
    found = callers.captured()
    hour = "2027/01/15/08"
    assert list(found) == [f"captured/fraud/{name}/{hour}" for name in VARIANTS]
    (own,), (copy,) = found.values()
    assert own["captureData"]["endpointInput"] == {
        "observedContentType": "text/csv",
        "mode": "INPUT",
        "data": base64.b64encode(b"1,2,3").decode(),
        "encoding": "BASE64",
    }
    assert own["captureData"]["endpointInput"] == copy["captureData"]["endpointInput"]
    scores = [
        json.loads(base64.b64decode(each["captureData"]["endpointOutput"]["data"]))["score"] for each in (own, copy)
    ]
    assert abs(scores[0] - scores[1]) == pytest.approx(0.5)
    assert own["eventMetadata"].pop("eventId") != copy["eventMetadata"].pop("eventId")
    assert (own["eventMetadata"], own["eventVersion"]) == (
        {"inferenceId": "order-7", "inferenceTime": "2027-01-15T08:08:00Z"},
        "0",
    )


def test_a_client_passes_an_inference_id(clock: Clock) -> None:
    callers = Callers(clock, capture=CAPTURE)
    callers.invocation.install()
    client = boto3.client("sagemaker-runtime", region_name=REGION)
    client.invoke_endpoint(EndpointName="fraud", Body=b"1", ContentType="text/csv", InferenceId="order-8")
    clock.advance(120)
    lines = [line for each in callers.captured().values() for line in each]
    assert [line["eventMetadata"]["inferenceId"] for line in lines] == ["order-8"] * 2
    assert {line["captureData"]["endpointInput"]["observedContentType"] for line in lines} == {"text/csv"}


def test_content_types_that_are_named_are_captured_as_text(clock: Clock) -> None:
    header = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
    callers = Callers(clock, capture=CAPTURE | {"CaptureContentTypeHeader": header})
    callers.call(body=b"1,2,3", content_type="text/csv; charset=utf-8")
    clock.advance(120)
    data = [line["captureData"] for lines in callers.captured().values() for line in lines]
    sides = [(each["endpointInput"]["encoding"], each["endpointOutput"]["encoding"]) for each in data]
    assert sides == [("CSV", "JSON")] * 2
    assert data[0]["endpointInput"]["data"] == "1,2,3"


@pytest.mark.parametrize(
    ("capture", "lines", "sides"),
    [
        (CAPTURE | {"InitialSamplingPercentage": 20}, 2, {"endpointInput", "endpointOutput"}),
        (CAPTURE | {"CaptureOptions": [{"CaptureMode": "Input"}]}, 10, {"endpointInput"}),
        (CAPTURE | {"CaptureOptions": [{"CaptureMode": "Output"}]}, 10, {"endpointOutput"}),
        (CAPTURE | {"EnableCapture": False}, 0, set()),
        (CAPTURE | {"DestinationS3Uri": "s3://nowhere/captured"}, 0, set()),
    ],
)
def test_what_is_captured(clock: Clock, capture: dict[str, Any], lines: int, sides: set[str]) -> None:
    callers = Callers(clock, capture=capture)
    callers.call(10)
    clock.advance(120)
    found = callers.captured()
    assert [len(each) for each in found.values()] == [lines] * 2 * bool(lines)
    assert {side for each in found.values() for line in each for side in line["captureData"]} == sides


def test_a_failed_request_is_copied_and_not_captured(clock: Clock) -> None:
    callers = Callers(clock, capture=CAPTURE, error_rate="1")
    callers.studio.api.update_model_package(
        ModelPackageArn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/Fraud/1",
        CustomerMetadataProperties={"sandbox.error_rate": "1"},
    )
    callers.call(3)
    clock.advance(120)
    assert callers.counted("Invocations")["Shadow", 2] == 3
    assert callers.captured() == {}


def test_captures_may_be_hours_late(clock: Clock) -> None:
    callers = Callers(clock, capture=CAPTURE)
    callers.invocation.capture.delay = 7200
    callers.call()
    clock.advance(7200)
    assert callers.captured() == {}
    clock.advance(120)
    assert {prefix.rpartition("/")[2] for prefix in callers.captured()} == {"08"}


def test_both_captures_of_a_request_may_share_their_event_id(clock: Clock) -> None:
    callers = Callers(clock, capture=CAPTURE, assumptions={"captures_share_event_id": True})
    callers.call()
    clock.advance(120)
    (own,), (copy,) = callers.captured().values()
    assert own["eventMetadata"]["eventId"] == copy["eventMetadata"]["eventId"]
