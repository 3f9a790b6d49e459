from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.gate.aws.errors import Denied
from lambdas.gate.aws.spec_parameters import FloorParameter, SpecParameters, StoredSpec
from lambdas.gate.spec.floor import Floor, FloorRead
from lambdas.gate.spec.spec import Condition, Gate, SpecError, SpecSeen
from lambdas.gate.state.spec_version import SpecVersion
from tests.lambdas.builders import SPEC
from tests.lambdas.stubbed import stubbed

AT = datetime(2027, 1, 15, 8, 0, 0, 123000, tzinfo=UTC)
ASKED = {"Name": "/approval-gate/endpoints/fraud-detection"}


def _parameter(value: str) -> dict[str, Any]:
    return {
        "Parameter": {"Name": ASKED["Name"], "Type": "String", "Value": value, "Version": 3, "LastModifiedDate": AT}
    }


def test_a_spec_is_read_with_its_place_in_the_parameter_s_history() -> None:
    with stubbed("ssm") as stub:
        stub.add_response("get_parameter", _parameter(SPEC.to_json()), ASKED)
        assert SpecParameters(stub.client).read("fraud-detection") == StoredSpec(SPEC, SpecSeen(3, AT.timestamp()))


def test_no_parameter_is_no_spec() -> None:
    with stubbed("ssm") as stub:
        stub.add_client_error("get_parameter", "ParameterNotFound", "")
        assert SpecParameters(stub.client).read("fraud-detection") is None


def test_a_parameter_that_may_not_be_read_is_not_a_missing_one() -> None:
    with stubbed("ssm") as stub:
        stub.add_client_error("get_parameter", "AccessDeniedException", "not authorized")
        with pytest.raises(Denied):
            SpecParameters(stub.client).read("fraud-detection")


def test_a_parameter_that_is_no_spec_is_said_to_be_none() -> None:
    with stubbed("ssm") as stub:
        stub.add_response("get_parameter", _parameter("{}"), ASKED)
        with pytest.raises(SpecError):
            SpecParameters(stub.client).read("fraud-detection")


def _page(*versions: int, token: str | None = None) -> dict[str, Any]:
    found = [_parameter(f"value {n}")["Parameter"] | {"Version": n, "LastModifiedUser": f"arn:{n}"} for n in versions]
    return {"Parameters": found} | ({"NextToken": token} if token else {})


def test_the_history_is_read_to_its_last_page() -> None:
    asked = ASKED | {"MaxResults": 50}
    with stubbed("ssm") as stub:
        stub.add_response("get_parameter_history", _page(2, 1, token="more"), asked)
        stub.add_response("get_parameter_history", _page(3), asked | {"NextToken": "more"})
        found = SpecParameters(stub.client).history("fraud-detection")
    assert found == tuple(SpecVersion(n, AT.timestamp(), f"value {n}", f"arn:{n}") for n in (1, 2, 3))


FLOOR = Floor(Gate(four_eyes=True, require=(Condition("risk", "customer_metadata.risk == 'passed'"),)), True)
FLOOR_ASKED = {"Name": "/approval-gate/floor"}


def test_the_floor_is_read_with_its_version() -> None:
    with stubbed("ssm") as stub:
        stub.add_response("get_parameter", _parameter(FLOOR.to_json()), FLOOR_ASKED)
        assert FloorParameter(stub.client, is_deployed=True).read() == FloorRead(FLOOR, 3)


def test_nothing_is_read_if_no_floor_is_deployed() -> None:
    with stubbed("ssm") as stub:
        assert FloorParameter(stub.client, is_deployed=False).read() is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("ParameterNotFound", "the parameter /approval-gate/floor does not exist"),
        ("AccessDeniedException", "the parameter /approval-gate/floor does not exist, or Approval Gate may not read"),
        ("ThrottlingException", "the parameter /approval-gate/floor could not be read"),
        ("InternalServerError", "the parameter /approval-gate/floor could not be read"),
    ],
)
def test_a_floor_that_cannot_be_read_is_not_a_missing_one(error: str, expected: str) -> None:
    with stubbed("ssm") as stub:
        stub.add_client_error("get_parameter", error, "why")
        found = FloorParameter(stub.client, is_deployed=True).read()
    assert found is not None
    assert found.floor is None
    assert found.unread.startswith(expected)


def test_a_parameter_that_is_no_floor_is_said_to_be_none() -> None:
    with stubbed("ssm") as stub:
        stub.add_response("get_parameter", _parameter("{}"), FLOOR_ASKED)
        found = FloorParameter(stub.client, is_deployed=True).read()
    assert found is not None
    assert found.floor is None
    assert "does not fit this version of Approval Gate" in found.unread
