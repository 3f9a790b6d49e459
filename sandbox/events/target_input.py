"""What a target receives: the whole event, a part of it, a constant, or a filled template.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

_PLACEHOLDER: Final = re.compile(r"<([^<>\s]+)>")
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+|\*)\]")
_MISSING: Final = object()


def target_input(target: Mapping[str, Any], event: Mapping[str, Any], *, rule_arn: str, rule_name: str) -> str:
    """Return the text that is sent to the target."""
    if (constant := target.get("Input")) is not None:
        return str(constant)
    if path := target.get("InputPath"):
        found = _look_up(path, event)
        return json.dumps(None if found is _MISSING else found)
    if transformer := target.get("InputTransformer"):
        values = {name: _look_up(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
        # The variable is empty if the event does not have its path.
        values = {name: "" if value is _MISSING else value for name, value in values.items()}
        reserved = {
            "aws.events.rule-arn": rule_arn,
            "aws.events.rule-name": rule_name,
            "aws.events.event.ingestion-time": event["time"],
            "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
            "aws.events.event.json": event,
        }
        return _fill(transformer["InputTemplate"], values | reserved)
    return json.dumps(event)


def _fill(template: str, values: Mapping[str, Any]) -> str:
    is_json = template.lstrip()[:1] in ("{", "[", '"')
    filled, position, in_string = [], 0, False
    for placeholder in _PLACEHOLDER.finditer(template):
        before = template[position : placeholder.start()]
        in_string ^= _quotes(before) % 2 == 1
        filled.append(before)
        if placeholder[1] not in values:
            filled.append(placeholder[0])
        elif in_string or not is_json:
            filled.append(_inside_text(values[placeholder[1]], is_json))
        else:
            filled.append(json.dumps(values[placeholder[1]]))
        position = placeholder.end()
    return "".join([*filled, template[position:]])


def _inside_text(value: Any, is_json: bool) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1] if is_json else text


def _quotes(text: str) -> int:
    return len(re.findall(r'(?<!\\)(?:\\\\)*"', text))


def _look_up(path: str, event: Mapping[str, Any]) -> Any:
    """Return the value at a JSON path. EventBridge supports dots, indices and `*`."""
    steps = list(_STEP.finditer(path))
    if "$" + "".join(step[0] for step in steps) != path:
        raise NotImplementedError(f"The sandbox does not read the JSON path {path}.")
    found: Any = event
    for number, step in enumerate(steps):
        if step[2] == "*" and isinstance(found, list):
            rest = "$" + "".join(later[0] for later in steps[number + 1 :])
            return [value for one in found if (value := _look_up(rest, one)) is not _MISSING]
        if isinstance(found, Mapping) and step[1] in found:
            found = found[step[1]]
        elif isinstance(found, list) and step[2] and int(step[2]) < len(found):
            found = found[int(step[2])]
        else:
            return _MISSING
    return found
