"""The app of the repository's own endpoints.yaml, synthesized once for all tests."""

from pathlib import Path

import pytest

from infra.asset import bundle
from infra.asset.bundle import Asset
from infra.config.load import load
from tests.botocore_files import read_anew
from tests.infra.synthesized import Template, synthesize

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Asset:
    """The functions' asset."""
    with read_anew():
        return bundle.build(tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="session")
def templates(functions: Asset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Stack name → template, of the endpoints.yaml that ships."""
    return synthesize(load(ROOT / "endpoints.yaml").endpoints, functions, tmp_path_factory.mktemp("cdk.out"))


@pytest.fixture(scope="session")
def gate(templates: dict[str, Template]) -> Template:
    return templates["ApprovalGate"]


@pytest.fixture(scope="session")
def fraud(templates: dict[str, Template]) -> Template:
    return templates["ApprovalGate-fraud-detection"]
