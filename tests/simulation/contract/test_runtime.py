"""SageMaker Runtime: who answers. What is answered is each model's own."""

import pytest

from simulation.world.example import NAME
from simulation.world.registry import ACCOUNT
from tests.simulation.contract.cases import Case, created, deployable, done, params, serving
from tests.simulation.contract.worlds import Worlds

MISSING = ("ValidationError", f"Endpoint {NAME} of account {ACCOUNT} not found.")
REQUEST = {"EndpointName": NAME, "Body": b"1", "ContentType": "text/csv"}

CASES = (
    Case("missing", "sagemaker-runtime", "InvokeEndpoint", REQUEST, refused=MISSING),
    Case("creating", "sagemaker-runtime", "InvokeEndpoint", REQUEST, done(deployable, created), refused=MISSING),
)


@pytest.mark.parametrize("case", params(CASES))
def test_who_answers(worlds: Worlds, case: Case) -> None:
    case.run(worlds)


def test_an_endpoint_in_service_answers_with_a_body_that_is_read(worlds: Worlds) -> None:
    serving(worlds)
    for world in (worlds.sandboxed, worlds.simulated):
        answer = world.call("sagemaker-runtime", "invoke_endpoint", REQUEST)
        assert isinstance(answer["ContentType"], str)
        assert isinstance(answer["Body"].read(1), bytes)
