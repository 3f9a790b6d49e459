"""endpoints.schema.json: endpoints.yaml for editors. `python -m infra.config.schema` writes it anew."""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from infra.config.entry import File

SCHEMA = Path(__file__).parent.parent.parent / "endpoints.schema.json"


class _ForPeople(GenerateJsonSchema):
    """Without what pydantic adds for programs: titles made of the keys, and null for a key that is not given."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = _given(super().default_schema(schema))
        if isinstance(default := described.get("default"), dict):
            described["default"] = _given(default)
        return described


def _given(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value is not None}


def schema() -> str:
    """A JSON Schema, made of the models that synth validates with."""
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(document | File.model_json_schema(schema_generator=_ForPeople), indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
