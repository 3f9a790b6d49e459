"""The model of the acceptance run: a script for SageMaker's scikit-learn container, and which image that is.

The image's address is AWS's own: https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
How the container finds the script is on docs/script-mode.md.
"""

import gzip
import hashlib
import io
import json
import tarfile
from enum import StrEnum
from typing import Any

from ops.errors import Refused

REPOSITORY, TAG = "sagemaker-scikit-learn", "1.2-1-cpu-py3"
REGISTRIES = {
    "af-south-1": "510948584623",
    "ap-east-1": "651117190479",
    "ap-northeast-1": "354813040037",
    "ap-northeast-2": "366743142698",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "720646828776",
    "ap-south-2": "628508329040",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ap-southeast-3": "951798379941",
    "ap-southeast-4": "106583098589",
    "ca-central-1": "341280168497",
    "cn-north-1": "450853457545",
    "cn-northwest-1": "451049120500",
    "eu-central-1": "492215442770",
    "eu-central-2": "680994064768",
    "eu-north-1": "662702820516",
    "eu-south-1": "978288397137",
    "eu-south-2": "104374241257",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "me-central-1": "272398656194",
    "me-south-1": "801668240914",
    "sa-east-1": "737474898029",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-gov-east-1": "237065988967",
    "us-gov-west-1": "414596584902",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
}
"""The account of AWS that has the image, by Region."""
ANSWERS = "ACCEPTANCE_ANSWERS"
"""The environment variable of the container that says how a version answers."""


class Answers(StrEnum):
    """How a version answers."""

    RIGHT = "right"
    WRONG = "wrong"
    """With 200, and a score that is off by a half."""
    ERRORS = "errors"
    """One request of five with an error. That is above the alarm with metric math, and below the one without."""


PLAYED = {
    Answers.RIGHT: {},
    Answers.WRONG: {"sandbox.wrong_rate": "1"},
    Answers.ERRORS: {"sandbox.error_rate": "0.2"},
}
"""The metadata of a version. AWS stores them and does nothing with them. The sandbox runs no container, and reads in
them how a version answers."""
REQUESTS = ("0.1,120.50,3,1", "0.4,17.99,12,1", "0.95,9999.00,20,0")
CONTENT_TYPE = "text/csv"
SCRIPT = f'''"""Answers with a number made from the request, in an acceptance run of Approval Gate."""

import hashlib
import itertools
import json
import os

asked = itertools.count(1)


def model_fn(model_dir):
    return os.environ.get("{ANSWERS}", "{Answers.RIGHT}")


def input_fn(request_body, request_content_type):
    return request_body if isinstance(request_body, bytes) else request_body.encode()


def predict_fn(body, answers):
    if answers == "{Answers.ERRORS}" and next(asked) % 5 == 0:
        raise RuntimeError("This version was made to fail.")
    score = round(int.from_bytes(hashlib.sha256(body).digest()[:4], "big") / 2**32, 4)
    return score + 0.5 if answers == "{Answers.WRONG}" else score


def output_fn(score, accept):
    return json.dumps({{"score": score}})
'''


def image(region: str) -> str:
    """Return the address of SageMaker's scikit-learn image in a Region. Raises Refused if it is not known."""
    if region not in REGISTRIES:
        said = (
            f"It is not known which account of AWS has the scikit-learn image in {region}. Name an image: --image URI."
        )
        raise Refused(said)
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{REGISTRIES[region]}.dkr.ecr.{region}.{domain}/{REPOSITORY}:{TAG}"


def archive() -> bytes:
    """Return the model.tar.gz with the script. The same script gives the same bytes."""
    made, content = io.BytesIO(), SCRIPT.encode()
    with gzip.GzipFile(fileobj=made, mode="w", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("code/inference.py")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def specification(image: str, artifact: str, answers: Answers) -> dict[str, Any]:
    """Return the InferenceSpecification of a version. `artifact`: the S3 URI of its model.tar.gz."""
    environment = {
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        ANSWERS: answers.value,
    }
    return {
        "Containers": [{"Image": image, "ModelDataUrl": artifact, "Environment": environment}],
        "SupportedContentTypes": [CONTENT_TYPE],
        "SupportedResponseMIMETypes": ["application/json"],
    }


def score(body: str) -> float:
    """Return the right answer to a request."""
    return round(int.from_bytes(hashlib.sha256(body.encode()).digest()[:4], "big") / 2**32, 4)


def golden_requests() -> str:
    """Return the golden requests, a line each."""
    lines = (
        {
            "name": f"request {number}",
            "body": body,
            "at": "score",
            "expect": score(body),
            "tolerance": {"absolute": 0.01},
        }
        for number, body in enumerate(REQUESTS, 1)
    )
    return "".join(f"{json.dumps(line)}\n" for line in lines)
