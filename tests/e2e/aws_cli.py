#!/usr/bin/env python3
"""A stand-in for the AWS CLI, which needs a botocore of its own version: the arguments that docs/tutorial.md has.

Arguments are checked by botocore's models, as the AWS CLI checks them.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

import boto3
import jmespath
from botocore import xform_name


def main() -> None:
    parser = argparse.ArgumentParser("aws")
    parser.add_argument("service")
    parser.add_argument("operation")
    parser.add_argument("--profile")
    parser.add_argument("--query")
    parser.add_argument("--output", choices=["json", "text"], default="json")
    known, _ = parser.parse_known_args()
    client = boto3.Session(profile_name=known.profile).client(known.service)
    model = client.meta.service_model
    name = next(name for name in model.operation_names if xform_name(name, "-") == known.operation)
    operation = model.operation_model(name)
    for member in operation.input_shape.members:
        parser.add_argument(f"--{xform_name(member, '-')}", dest=member)
    if operation.has_streaming_output:
        parser.add_argument("outfile", type=Path)
    arguments = vars(parser.parse_args())
    members = operation.input_shape.members.items()
    given = {member: _value(shape, text) for member, shape in members if (text := arguments[member]) is not None}
    answer = getattr(client, xform_name(name))(**given)
    del answer["ResponseMetadata"]
    if operation.has_streaming_output:
        arguments["outfile"].write_bytes(answer.pop(operation.output_shape.serialization["payload"]).read())
    found = jmespath.search(known.query, answer) if known.query else answer
    print(found if known.output == "text" else json.dumps(found, indent=4, default=str))


def _value(shape: Any, text: str) -> Any:
    if found := re.fullmatch("fileb?://(.*)", text):
        text = Path(found[1]).read_text()
    if shape.type_name == "map" and not text.startswith("{"):
        return dict(pair.split("=", 1) for pair in text.split(","))
    return json.loads(text) if shape.type_name in ("structure", "list", "map", "integer", "boolean") else text


if __name__ == "__main__":
    main()
