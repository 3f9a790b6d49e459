"""The base of every mapping in endpoints.yaml: unknown keys are refused, values are not converted."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @classmethod
    def keys(cls) -> dict[str, FieldInfo]:
        """The fields by their names in the file."""
        return {field.alias or name: field for name, field in cls.model_fields.items()}


def at_most_one_of(first: str, second: str) -> ConfigDict:
    """For the JSON Schema: two keys that exclude each other. `rules` says it for synth."""
    return ConfigDict(json_schema_extra={"not": {"required": [first, second]}})


def whole(low: int, high: int, what: str, example: int) -> Any:
    """A whole number's bounds, with the sentence that says them."""
    return Field(ge=low, le=high, description=f"a whole number from {low} to {high}: {what}", examples=[example])
