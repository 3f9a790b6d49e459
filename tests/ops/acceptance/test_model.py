"""The model of an acceptance run, run here as its container would."""

import io
import json
import tarfile
from typing import Any

import pytest

from ops.acceptance import model
from ops.acceptance.model import Answers
from ops.errors import Refused
from sandbox.sagemaker.serving import _score

BODY = model.REQUESTS[0]


def script() -> dict[str, Any]:
    """The functions of the script in the archive."""
    with tarfile.open(fileobj=io.BytesIO(model.archive())) as archive:
        (name,) = archive.getnames()
        content = archive.extractfile(name)
        assert (name, content is not None) == ("code/inference.py", True)
        functions: dict[str, Any] = {}
        exec(compile(content.read() if content else b"", name, "exec"), functions)
    return functions


def answered(answers: Answers, body: str | bytes, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv(model.ANSWERS, answers)
    return answer(script(), body)


def answer(made: dict[str, Any], body: str | bytes) -> Any:
    given = made["input_fn"](body, model.CONTENT_TYPE)
    return json.loads(made["output_fn"](made["predict_fn"](given, made["model_fn"]("/opt/ml/model")), "*/*"))


@pytest.mark.parametrize("body", [BODY, BODY.encode()])
def test_a_right_version_answers_as_the_golden_requests_expect(
    body: str | bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = json.loads(model.golden_requests().splitlines()[0])
    assert answered(Answers.RIGHT, body, monkeypatch) == {"score": golden["expect"]} == {"score": model.score(BODY)}


def test_a_wrong_version_is_off_by_a_half(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answered(Answers.WRONG, BODY, monkeypatch) == {"score": model.score(BODY) + 0.5}


def test_a_failing_version_fails_one_request_of_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(model.ANSWERS, Answers.ERRORS)
    made = script()
    for _ in range(2):
        assert [answer(made, BODY) for _ in range(4)] == 4 * [{"score": model.score(BODY)}]
        with pytest.raises(RuntimeError, match="made to fail"):
            answer(made, BODY)


def test_the_sandbox_gives_the_same_answers() -> None:
    assert [model.score(body) for body in model.REQUESTS] == [_score(body.encode()) for body in model.REQUESTS]


def test_the_same_script_is_the_same_artifact() -> None:
    assert model.archive() == model.archive()


def test_the_image_is_that_of_the_region_and_another_region_is_refused() -> None:
    assert (
        model.image("eu-west-1") == "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
    )
    assert model.image("cn-north-1").startswith("450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn/")
    with pytest.raises(Refused, match="Name an image: --image URI"):
        model.image("xx-nowhere-1")
