"""The entry of endpoints.yaml that keeps what an endpoint has, which Approval Gate did not make."""

from collections.abc import Iterator
from typing import Any

from lambdas.gate.rollout import adoption
from lambdas.gate.rollout.adoption import Adopted
from lambdas.gate.state.observed import Package

_GROUP = "MODEL-PACKAGE-GROUP"
_ARTIFACTS = "s3://my-bucket/prefix/"
_QUEUE = "add the S3 prefix of the requests as input, and take the # away, or the entry's endpoint is a real-time one"


def lines(endpoint: str, adopted: Adopted, package: Package | None) -> Iterator[str]:
    """Yield the lines of the file. `package`: the version that the endpoint serves, if its model is made of one."""
    found = adoption.settings(adopted)
    kept = adoption.entry(found)
    yield "endpoints:"
    yield f"  {endpoint}:"
    note = "" if package else "  # the group whose approved versions the endpoint shall serve"
    yield f"    model_package_group: {package.group if package else _GROUP}{note}"
    uris = [uri for each in package.containers for uri in each.model_uris] if package else []
    artifacts = adoption.prefix(uris[0].rpartition("/")[0]) if uris else None
    note = "  # or a shorter prefix, below which every version's artifacts are"
    yield f"    model_artifacts: {artifacts or _ARTIFACTS}{note}"
    if "serverless" in kept.get("variant", {}):
        yield "    rollout: {strategy: all-at-once}"
    for name, section in kept.items():
        yield from _section(name, section)
    for each in adoption.unkept(found):
        yield f"    # not kept: {each}"


def _section(name: str, section: dict[str, Any]) -> Iterator[str]:
    if name in adoption.QUOTED:
        yield f"    {name}: {adoption.written(section, quoted=True)}"
        return
    queue = section.get("asynchronous")
    others = {key: value for key, value in section.items() if key != "asynchronous"}
    if others:
        yield f"    {name}:"
    for key, value in others.items():
        yield f"      {key}: {adoption.written(value, quoted=key in adoption.QUOTED)}"
    if queue:
        yield f"    # {_QUEUE}:"
        yield f"    #   asynchronous: {adoption.written(queue)}"
