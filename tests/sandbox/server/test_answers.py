"""moto writes the same answers as without the memory of the keys."""

from typing import Any

import pytest
from moto.core.serialize import ResponseSerializer, XFormedAttributePicker
from moto.core.utils import get_service_model

from sandbox.server import answers


class Parameter:
    """Holds values under the names that moto uses for an object's attributes."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class Aliased(Parameter):
    class Meta:
        serialization_aliases = {"Name": "title"}  # noqa: RUF012


@pytest.mark.parametrize("transformers", [{}, {"Parameter.Name": repr}], ids=["plain", "transformed"])
@pytest.mark.parametrize(
    "holder",
    [
        {"Name": "by its key", "name": "later"},
        {"name": "in snake case"},
        {"Version": None, "ARN": "a"},
        {},
        Parameter(name="an attribute", arn="a"),
        Parameter(Name="by its key"),
        Parameter(last_modified_date=1),
        Aliased(title="by its alias", name="later"),
    ],
    ids=["its key", "snake case", "none", "empty", "attribute", "attribute by its key", "longer attribute", "alias"],
)
def test_a_value_is_found_where_moto_finds_it(holder: object, transformers: dict[str, Any]) -> None:
    operation = get_service_model("ssm").operation_model("GetParameter")
    shape = operation.output_shape.members["Parameter"]
    serializer = ResponseSerializer(operation, value_picker=XFormedAttributePicker(response_transformers=transformers))
    serializer.path.append("Parameter")
    for key, member in shape.members.items():
        member.parent = shape
        found = answers._get_value(serializer, holder, key, member)
        assert found == answers._MOTO_GET_VALUE(serializer, holder, key, member)
