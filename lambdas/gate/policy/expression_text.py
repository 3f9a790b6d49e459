"""Paths of values in the evidence, as JMESPath writes them: `metrics.Bias.Report.segments[2].auc`."""

import json
import re
from typing import Any, TypeAlias

Node: TypeAlias = Any
"""A node of the parser's tree: `type`, `children`, and often `value`."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""Names that need no quotes in JMESPath."""
_CALL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\(")


def field_text(name: str) -> str:
    """Return a field's name as JMESPath writes it."""
    return name if _PLAIN.fullmatch(name) else json.dumps(name)


def covers(tested: str, path: str) -> bool:
    """True if the path is the tested path or below it."""
    return "…" not in tested and (path == tested or path.startswith((f"{tested}.", f"{tested}[")))


def joined(path: str, step: str) -> str:
    """Return the path that a step leads to from `path`."""
    if not path or path == "@":
        return step
    if step == "@":
        return path
    if step.startswith("["):
        return path + step
    return f"{path} | {step}" if _CALL.match(step) else f"{path}.{step}"


def text(node: Node) -> str:
    """Return the node as JMESPath writes it. A part that is no path is written as `…`."""
    children = node["children"]
    match node["type"]:
        case "field":
            return field_text(node["value"])
        case "current" | "identity":
            return "@"
        case "literal":
            return f"`{json.dumps(node['value'])}`"
        case "index":
            return f"[{node['value']}]"
        case "subexpression" | "pipe" | "index_expression":
            path = "@"
            for child in children:
                path = joined(path, text(child))
            return path
        case "slice":
            return f"[{':'.join('' if part is None else str(part) for part in children[:2])}]"
        case "flatten":
            return joined(text(children[0]), "[]")
        case "projection":
            source = text(children[0])
            listed = source if source.endswith("]") else f"{source}[*]"
            return joined(listed, text(children[1]))
        case "filter_projection":
            return joined(joined(text(children[0]), "[?]"), text(children[1]))
        case "value_projection":
            return joined(joined(text(children[0]), "*"), text(children[1]))
        case "expref":
            return f"&{text(children[0])}"
        case "not_expression":
            return f"!{text(children[0])}"
        case "function_expression":
            return f"{node['value']}({', '.join(map(text, children))})"
    return "…"
