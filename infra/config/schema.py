"""endpoints.schema.json: endpoints.yaml for editors. `python -m infra.config.schema` writes it."""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from infra.config.declared import Declared, Key
from infra.config.entry import File

SCHEMA = Path(__file__).parent.parent.parent / "endpoints.schema.json"


class _ForPeople(GenerateJsonSchema):
    """Leaves out what pydantic adds for programs: titles made of the keys, and null for a key that is not given. A
    section may be null, which takes away the section of the defaults."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        return super().nullable_schema(schema) if "$ref" in inner else inner

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = _given(super().default_schema(schema))
        if isinstance(default := described.get("default"), dict):
            described["default"] = _given(default)
        return described


def _given(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value is not None}


def schema() -> str:
    """Return a JSON Schema of the sections that synth validates with."""
    document: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    document |= File.model_json_schema(schema_generator=_ForPeople)
    for each in Declared(File).below():
        described = document["$defs"][each.section.__name__] if each.path else document
        described["properties"] = {key.name: _described(key, described["properties"][key.name]) for key in each.keys}
    return json.dumps(_required_without_defaults(document), indent=2) + "\n"


def _described(key: Key, properties: dict[str, Any]) -> dict[str, Any]:
    examples = {} if key.value.sections else {"examples": [key.example]}
    return {**properties, "description": f"{key.description} Allowed: {key.value.allowed}.", **examples}


def _required_without_defaults(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without required keys for an entry, unless the file has no defaults that could give them."""
    defined = document["$defs"]
    entry, variant = (defined[name].pop("required") for name in ("Entry", "Variant"))
    kinds = [{"required": keys} for keys in (variant, defined["ServerlessVariant"]["required"])]
    complete = {"required": entry, "properties": {"variant": {"anyOf": kinds}}}
    alone = {"properties": {"endpoints": {"additionalProperties": complete}}}
    return {**document, "anyOf": [{"required": ["defaults"]}, alone]}


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
