"""Start with the standard library alone: what TLS needs, and one signed request for each service that the deployer
calls. https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html"""

import hashlib
import hmac
import http.client
import json
import os
import ssl
import time
from pathlib import Path

SERVICES = ("sagemaker", "dynamodb", "sqs", "ssm", "monitoring", "application-autoscaling")


def signed(service: str, region: str, body: bytes, now: time.struct_time) -> dict[str, str]:
    """Return the headers of a request in JSON."""
    host, stamp = f"{service}.{region}.amazonaws.com", time.strftime("%Y%m%dT%H%M%SZ", now)
    headers = {"content-type": "application/x-amz-json-1.1", "host": host, "x-amz-date": stamp}
    names, scope = ";".join(headers), f"{stamp[:8]}/{region}/{service}/aws4_request"
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in (stamp[:8], region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    credential = f"Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    return {**headers, "authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"}


CONTEXT = ssl.create_default_context()
for service in SERVICES:
    signed(service, "us-east-1", json.dumps({}).encode(), time.gmtime())
    http.client.HTTPSConnection(f"{service}.us-east-1.amazonaws.com", context=CONTEXT)

exec((Path(__file__).parent / "usage.py").read_text())
