"""The ECR repositories that the roles may pull from: those that `gate.images` names."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from infra.config.sections.gate import Gate as GateKeys
from lambdas.gate.spec.spec import Gate

_IMAGE = re.compile(r"([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@\[\]]+)(?:[:@].*)?")
"""A pattern for images of one registry. A set of characters, as in `[ab]`, is no wildcard of IAM."""


class Repository(NamedTuple):
    """`name` may have the wildcards `*` and `?`."""

    region: str
    account: str
    name: str

    def arn(self, partition: str) -> str:
        """Return its ARN. `partition` may be a CDK token."""
        return f"arn:{partition}:ecr:{self.region}:{self.account}:repository/{self.name}"


ANY = Repository("*", "*", "*")
"""Of a gate that names no registry: AWS's own images are in accounts of AWS that differ by Region."""


def repositories(gate: GateKeys | Gate) -> list[Repository]:
    """Return the repositories of the images that the gate lets run. A gate that only advises lets all of them."""
    if gate.mode != "enforce" or not gate.images:
        return [ANY]
    found = [_IMAGE.fullmatch(image) for image in gate.images]
    named = {Repository(match[2], match[1], match[3]) for match in found if match}
    return sorted(named) if all(found) else [ANY]


def accounts(registries: Iterable[Repository]) -> str:
    """Return the accounts of the registries as Settings has them, each once."""
    return " ".join(sorted({registry.account for registry in registries}))


def registries(gates: Iterable[GateKeys | Gate]) -> Sequence[Repository]:
    """Return the registries of these repositories, each once. With the repositories a policy would grow with the
    endpoints."""
    found = {Repository(each.region, each.account, "*") for gate in gates for each in repositories(gate)}
    return [ANY] if ANY in found else sorted(found)
