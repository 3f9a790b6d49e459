"""botocore's service models, with only the operations that the functions call, and without their documentation. Its
list of endpoints, with only the services that they call.

The runtime's botocore may be older than the fields used, and a small file loads faster at a cold start.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.loaders import Loader


def data_files(operations: Mapping[str, Iterable[str]]) -> dict[str, bytes]:
    """Return what botocore's loader is to find before its own files, by path."""
    cut = endpoints(Loader().load_data("endpoints"), _prefixes(operations))
    return {**service_models(operations), "endpoints.json": json.dumps(cut, separators=(",", ":")).encode()}


def endpoints(full: Mapping[str, Any], prefixes: Iterable[str]) -> dict[str, Any]:
    """Return botocore's list of endpoints with all partitions and Regions, and only the services of these prefixes."""
    wanted = set(prefixes)
    return {
        **full,
        "partitions": [
            {**each, "services": {name: made for name, made in each["services"].items() if name in wanted}}
            for each in full["partitions"]
        ],
    }


def _prefixes(services: Iterable[str]) -> set[str]:
    loader = Loader()
    return {loader.load_service_model(service, "service-2")["metadata"]["endpointPrefix"] for service in services}


def service_models(operations: Mapping[str, Iterable[str]]) -> dict[str, bytes]:
    """Return each model as JSON by its path, such as `sagemaker/2017-07-24/service-2.json`."""
    loader = Loader()
    files = {}
    for service, names in operations.items():
        version = loader.determine_latest_version(service, "service-2")
        model = loader.load_service_model(service, "service-2", version)
        files[f"{service}/{version}/service-2.json"] = json.dumps(trim(model, names), separators=(",", ":")).encode()
    return files


def trim(model: Mapping[str, Any], operations: Iterable[str]) -> dict[str, Any]:
    """Return `model` with only `operations` and the shapes that they use."""
    kept = {name: model["operations"][name] for name in operations}
    shapes = _reached(model["shapes"], kept.values())
    trimmed: dict[str, Any] = _undocumented({**model, "operations": kept, "shapes": shapes})
    # botocore reads the documentation of these parameters of S3, and fails at the first call if it is missing.
    needed = {name: model[name] for name in ("clientContextParams",) if name in model}
    return trimmed | needed


def _reached(shapes: Mapping[str, Any], operations: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    reached: set[str] = set()
    waiting = [
        reference["shape"]
        for operation in operations
        for reference in (operation.get("input"), operation.get("output"), *operation.get("errors", ()))
        if reference
    ]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _references(shapes[name])
    return {name: shape for name, shape in shapes.items() if name in reached}


def _references(shape: Mapping[str, Any]) -> list[str]:
    parts = [shape[part] for part in ("member", "key", "value") if part in shape]
    return [reference["shape"] for reference in (*parts, *shape.get("members", {}).values())]


def _undocumented(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {
            key: _undocumented(value)
            for key, value in node.items()
            if not (key == "documentation" and isinstance(value, str))  # A shape's member of this name is a mapping.
        }
    return [_undocumented(item) for item in node] if isinstance(node, list) else node
