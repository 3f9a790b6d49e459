"""A case of the contract: what was done before, a call, and whether it is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from lambdas.gate import names
from simulation.world.example import NAME, SPEC, arn
from simulation.world.registry import ARN
from tests.simulation.contract.worlds import Answer, Refusal, Worlds

Setup = Callable[[Worlds], None]
TAGS = [{"Key": names.TAG_KEY, "Value": names.TAG_VALUE}]
ENDPOINT = f"{ARN}:endpoint/{NAME}"


@dataclass(frozen=True)
class Case:
    """`refused` is AWS's code and text."""

    name: str
    service: str
    operation: str
    request: dict[str, Any]
    setup: Setup = lambda worlds: None
    refused: tuple[str, str] | None = None
    reasons: tuple[tuple[str, str | None], ...] = ()

    def run(self, worlds: Worlds) -> Answer | Refusal:
        self.setup(worlds)
        answer = worlds.ask(self.service, self.operation, self.request)
        refused = Refusal(self.operation, *self.refused, self.reasons) if self.refused else None
        assert (answer if isinstance(answer, Refusal) else None) == refused
        return answer


def params(cases: tuple[Case, ...]) -> list[Any]:
    return [pytest.param(case, id=f"{case.operation}: {case.name}") for case in cases]


def invalid(message: str) -> tuple[str, str]:
    return "ValidationException", message


def done(*setups: Setup) -> Setup:
    """One after the other."""

    def do(worlds: Worlds) -> None:
        for setup in setups:
            setup(worlds)

    return do


def registered(worlds: Worlds) -> None:
    """Versions 1 to 3."""
    for number in (1, 2, 3):
        worlds.register(number)


def approved(*numbers: int) -> Setup:
    def approve(worlds: Worlds) -> None:
        for number in numbers:
            worlds.do("review", number, "Approved")
            worlds.advance(10)

    return approve


def model_request(number: int) -> dict[str, Any]:
    return {
        "ModelName": f"gate-m{number}",
        "Containers": [{"ModelPackageName": arn(number)}],
        "ExecutionRoleArn": SPEC.execution_role_arn,
        "Tags": TAGS,
    }


def config_request(number: int, name: str = "", **variant: Any) -> dict[str, Any]:
    return {
        "EndpointConfigName": name or f"gate-c{number}",
        "ProductionVariants": [
            {
                "VariantName": SPEC.variant.name,
                "ModelName": f"gate-m{number}",
                "InstanceType": SPEC.variant.instance_type,
                "InitialInstanceCount": SPEC.variant.instance_count,
                "InitialVariantWeight": 1.0,
                **variant,
            }
        ],
        "Tags": TAGS,
    }


def made(*numbers: int) -> Setup:
    """A model and a config, `gate-m1` and `gate-c1`, of each version."""

    def make(worlds: Worlds) -> None:
        for number in numbers:
            worlds.answer("sagemaker", "CreateModel", **model_request(number))
            worlds.answer("sagemaker", "CreateEndpointConfig", **config_request(number))
        worlds.advance(10)

    return make


def created(worlds: Worlds) -> None:
    worlds.answer("sagemaker", "CreateEndpoint", EndpointName=NAME, EndpointConfigName="gate-c1", Tags=TAGS)
    worlds.heard()


def deployable(worlds: Worlds) -> None:
    """Versions 1 and 2 have a config."""
    for number in (1, 2):
        worlds.register(number)
    done(approved(1, 2), made(1, 2))(worlds)
    worlds.heard()


def serving(worlds: Worlds) -> None:
    """Version 1 is live; version 2 has a config."""
    done(deployable, created)(worlds)
    worlds.advance_until("InService")
    worlds.heard()
