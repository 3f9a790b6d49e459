"""endpoints.schema.json: endpoints.yaml for editors. `python -m infra.config.schema` writes it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from infra.config.declared import Declared, Key
from infra.config.entry import File
from infra.config.rules import asynchronous, serverless
from infra.config.rules.gate import zones
from lambdas.gate.timing import PUBLISH_SECONDS

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
    document["$defs"]["TimeZone"] = {"enum": list(zones())}
    document["$defs"]["Entry"]["allOf"] = [_serverless(), _asynchronous()]
    return json.dumps(_without_defaults(document), indent=2) + "\n"


def _described(key: Key, properties: dict[str, Any]) -> dict[str, Any]:
    examples = {} if key.value.sections else {"examples": [key.example]}
    if key.name == "time_zone":
        properties = {**properties, "$ref": "#/$defs/TimeZone"}
    return {**properties, "description": f"{key.description} Allowed: {key.value.allowed}.", **examples}


def _serverless() -> dict[str, Any]:
    """Return what an entry with a serverless variant may say, as `rules` has it."""
    return {
        "if": _has("variant", "serverless"),
        "then": {
            "properties": {
                **_none(serverless.REASONS.sections),
                "metrics": {"properties": _same("publish_seconds", PUBLISH_SECONDS)},
                "evidence": {"properties": {"min_requests": {"const": 0}, "otherwise": False}},
                "rollback_on": {"properties": {"average_latency_ms": {"const": None}}},
                "rollout": {
                    "required": ["strategy"],
                    "properties": {**_same("strategy", "all-at-once"), **_same("bake_seconds", 0)}
                    | _none(["maximum_seconds"]),
                },
                "serving": {
                    "properties": {
                        **_none({**serverless.SAFETY, **serverless.START}),
                        "network_isolation": {"const": False},
                        "asynchronous": {"const": None},
                    }
                },
            }
        },
    }


def _asynchronous() -> dict[str, Any]:
    """Return what an asynchronous endpoint's entry may say."""
    return {
        "if": {"required": ["serving"], "properties": {"serving": _has("asynchronous")}},
        "then": {
            "properties": {
                **_none(asynchronous.REASONS.sections),
                "metrics": {"properties": _same("publish_seconds", PUBLISH_SECONDS)},
                "rollback_on": {"properties": {"p99_latency_ms": False}},
                "serving": {"properties": {"data_capture": {"const": None}}},
            }
        },
    }


def _has(*path: str) -> dict[str, Any]:
    first, *rest = path
    inner = _has(*rest) if rest else {"type": "object"}
    return {"type": "object", "required": [first], "properties": {first: inner}}


def _none(keys: Iterable[str]) -> dict[str, Any]:
    return {key: {"const": None} for key in keys}


def _same(key: str, value: object) -> dict[str, Any]:
    return {key: {"const": value}}


def _without_defaults(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schema in which an entry has all required keys, and instances for the steps of its rollout, unless the
    file has defaults that could give them."""
    defined = document["$defs"]
    entry, variant = (defined[name].pop("required") for name in ("Entry", "Variant"))
    kinds = [{"required": keys} for keys in (variant, defined["ServerlessVariant"]["required"])]
    one_instance = {"required": ["instance_count"], "properties": {"instance_count": {"maximum": 1}}}
    complete = {
        "required": entry,
        "properties": {"variant": {"anyOf": kinds}},
        "if": {"required": ["variant"], "properties": {"variant": one_instance}},
        "then": {
            "required": ["rollout"],
            "properties": {"rollout": {"required": ["strategy"], "properties": _same("strategy", "all-at-once")}},
        },
    }
    alone = {"properties": {"endpoints": {"additionalProperties": complete}}}
    return {**document, "anyOf": [{"required": ["defaults"]}, alone]}


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
