"""Who calls which operation, as the calls of a function are listed and as faults name them."""

from typing import Any

import pytest

from sandbox.server.refusal import throttled
from sandbox.server.signed_request import SignedRequest


def signed(service: str, method: str, path: str, query: str = "") -> dict[str, Any]:
    credential = f"AWS4-HMAC-SHA256 Credential=AKIA/20270115/us-east-1/{service}/aws4_request, SignedHeaders=host"
    return {"HTTP_AUTHORIZATION": credential, "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}


@pytest.mark.parametrize(
    ("method", "path", "query", "action"),
    [
        ("HEAD", "/models/fraud/1.tar.gz", "", "s3:HeadObject"),
        ("GET", "/models/fraud/1.tar.gz", "versionId=7", "s3:GetObject"),
        ("GET", "/models/fraud/1.tar.gz", "x-id=GetObject", "s3:GetObject"),
        ("PUT", "/copy/1.json", "", "s3:PutObject"),
        ("DELETE", "/copy/1.json", "", "s3:DeleteObject"),
        ("GET", "/models/fraud/1.tar.gz", "tagging", "s3:GET /models/fraud/1.tar.gz"),
        ("GET", "/models", "list-type=2", "s3:GET /models"),
        ("HEAD", "/models", "", "s3:HEAD /models"),
    ],
)
def test_what_is_asked_of_a_whole_object_is_called_as_the_api_calls_it(
    method: str, path: str, query: str, action: str
) -> None:
    request = SignedRequest.read(signed("s3", method, path, query))
    assert request
    assert request.action == action


@pytest.mark.parametrize(
    ("service", "status", "code"), [("s3", 503, "<Code>SlowDown</Code>"), ("sagemaker", 400, "ThrottlingException")]
)
def test_each_service_throttles_in_its_own_way(service: str, status: int, code: str) -> None:
    answer = throttled({}, service)
    assert (answer.status_code, code in answer.get_data(as_text=True)) == (status, True)
