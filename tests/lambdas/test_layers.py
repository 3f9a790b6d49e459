"""The import rules of lambdas/gate: its packages are floors, and no import goes up. See docs/architecture.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lambdas

ROOT = Path(lambdas.__path__[0])
GATE = "lambdas.gate"
FLOORS = {
    "": set[str](),
    "spec": {""},
    "state": {"", "spec"},
    "policy": {"", "spec", "state"},
    "judge": {"", "spec", "state"},
    "rollout": {"", "spec", "state"},
    "decide": {"", "spec", "state", "policy", "judge", "rollout"},
    "transitions": {"", "spec", "state", "policy", "judge", "rollout", "decide"},
    "aws": {"", "spec", "state", "rollout"},
    "reconcile": {"", "spec", "state", "policy", "judge", "rollout", "decide", "transitions", "aws"},
}
"""Package of lambdas/gate ("" is its root) → the packages that its modules may import besides their own."""
PURE = {"spec", "state", "policy", "judge", "rollout", "decide", "transitions"}
EFFECTS = {"boto3", "botocore", "os", "random", "socket", "subprocess", "threading", "time", "urllib"}
"""Modules that no pure package may import: AWS, the environment, the clock, chance and the network."""
EFFECTS_BY_ROOT = {"clock": {"os", "time", "urllib"}}
"""The root's modules that may: the clock is read in one place."""
MODULES = sorted(path.relative_to(ROOT.parent).as_posix() for path in (ROOT / "gate").rglob("*.py"))


def _imports(source: str) -> Iterator[str]:
    """The dotted names that a module imports, whole: `from a import b` is both a and a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _floor(dotted: str) -> str:
    """The package of lambdas/gate that a dotted name belongs to."""
    first = dotted.removeprefix(f"{GATE}.").split(".")[0]
    return first if first in FLOORS else ""


def _forbidden(module: str, source: str) -> list[str]:
    """What a module, named by its path, imports although its package may not."""
    dotted = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    own, found = _floor(f"{dotted}."), []
    for name in _imports(source):
        if name.startswith(f"{GATE}."):
            if _floor(name) not in FLOORS[own] | {own}:
                found.append(name)
        elif name.startswith("lambdas."):
            found.append(name)
        elif own in PURE or (own == "" and dotted != GATE):
            top = name.split(".")[0]
            if top in EFFECTS - EFFECTS_BY_ROOT.get(dotted.rpartition(".")[2], set()):
                found.append(name)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_its_package_may(module: str) -> None:
    assert _forbidden(module, (ROOT.parent / module).read_text()) == []


def test_every_package_has_a_floor() -> None:
    packages = {path.name for path in (ROOT / "gate").iterdir() if (path / "__init__.py").exists()}
    assert packages | {""} == FLOORS.keys()


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        (
            "lambdas/gate/aws/inbox.py",
            "from lambdas.gate.decide.witness import settle",
            ["lambdas.gate.decide.witness.settle"],
        ),
        (
            "lambdas/gate/decide/decision.py",
            "from lambdas.gate.transitions import opening",
            ["lambdas.gate.transitions.opening"],
        ),
        ("lambdas/gate/decide/decision.py", "import time", ["time"]),
        ("lambdas/gate/state/head.py", "from os import environ", ["os.environ"]),
        (
            "lambdas/gate/policy/freeze.py",
            "from botocore.exceptions import ClientError",
            ["botocore.exceptions.ClientError"],
        ),
        ("lambdas/gate/names.py", "from lambdas.gate.state import head", ["lambdas.gate.state.head"]),
        ("lambdas/gate/reconcile/reconciler.py", "from lambdas.deployer import batch", ["lambdas.deployer.batch"]),
        ("lambdas/gate/clock.py", "import os\nimport time", []),
        ("lambdas/gate/transitions/closing.py", "from lambdas.gate.decide import judgement", []),
    ],
)
def test_the_test_finds_what_is_forbidden(module: str, source: str, found: list[str]) -> None:
    assert _forbidden(module, source) == found
