"""The functions' asset: pure Python, complete, and the same wherever and whenever it is built."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files as files_of_package
from pathlib import Path

import pytest

from infra.asset import bundle, bytecode
from infra.asset.bundle import Asset
from infra.config.load import load
from lambdas.gate.aws.clients import OPERATIONS
from lambdas.start import FUNCTIONS
from tests.botocore_files import read_anew
from tests.infra.conftest import ROOT
from tests.infra.synthesized import Template, synthesize

PROVIDED = ("botocore", "dateutil", "jmespath", "six", "urllib3")
"""What Lambda's Python runtime brings for botocore."""


OWN = f"python{sys.version_info.major}.{sys.version_info.minor}"
"""The runtime of the Python that runs the tests."""


@pytest.fixture(scope="module", autouse=True)
def _read_anew() -> Iterator[None]:
    with read_anew():
        yield


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Asset:
    """The asset with bytecode."""
    return bundle.build(tmp_path_factory.mktemp("compiled"), OWN)


def files(directory: Path) -> dict[str, bytes]:
    return {
        file.relative_to(directory).as_posix(): file.read_bytes() for file in directory.rglob("*") if file.is_file()
    }


def test_the_asset_holds_nothing_but_python_service_models_and_time_zones(functions: Asset) -> None:
    contents = files(functions.directory)
    names = {name for name in contents if not contents[name].startswith(b"TZif")}
    assert {Path(name).suffix for name in names} == {".py", ".json"}
    assert {name.split("/")[0] for name in names} <= {
        "lambdas",
        "aws_lambda_powertools",
        "cronsim",
        "jmespath",
        "typing_extensions.py",
        "tzdata",
    }
    assert {"lambdas/deployer/handler.py", "lambdas/publisher/handler.py"} <= names
    models = {name for name in names if name.endswith(".json")}
    assert {name.split("/")[2] for name in models} == {*OPERATIONS, "endpoints.json"}


def test_every_zone_that_the_file_may_name_is_in_the_asset_for_a_runtime_without_any(functions: Asset) -> None:
    zones = files_of_package("tzdata").joinpath("zones").read_text().split()
    script = (
        f"import json, sys; sys.path[:0] = [{str(functions.directory)!r}]\n"
        "import zoneinfo; zoneinfo.reset_tzpath([])\n"
        "print(json.dumps([zoneinfo.ZoneInfo(zone).key for zone in json.loads(sys.argv[1])]))"
    )
    # -I -S: without the installed packages.
    run = subprocess.run(
        [sys.executable, "-B", "-I", "-S", "-c", script, json.dumps(zones)], capture_output=True, text=True, check=False
    )
    assert (run.returncode, json.loads(run.stdout or "[]")) == (0, zones), run.stderr


def test_what_no_function_imports_stays_out(functions: Asset) -> None:
    names = set(files(functions.directory))
    assert not [name for name in names if name.startswith(("aws_lambda_powertools/event_handler", "infra/", "tests/"))]


def test_the_asset_is_small(functions: Asset, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "functions"), "zip", functions.directory))
    assert archive.stat().st_size < 850_000


@pytest.mark.parametrize("handler", bundle.HANDLERS)
def test_a_handler_imports_with_only_the_asset_and_the_runtimes_packages(
    functions: Asset, tmp_path: Path, handler: str
) -> None:
    for name in PROVIDED:
        place = Path(sys.modules[name].__file__ or "") if name in sys.modules else Path(__import__(name).__file__ or "")
        source = place.parent if place.name == "__init__.py" else place
        (tmp_path / source.name).symlink_to(source)
    script = (
        f"import sys; sys.path[:0] = [{str(functions.directory)!r}, {str(tmp_path)!r}]\n"
        f"import {handler}\n"
        "files = [getattr(module, '__file__', None) or '' for module in list(sys.modules.values())]\n"
        "print([file for file in files if 'site-packages' in file])"
    )
    # -I -S: neither the environment, nor the working directory, nor the installed packages. -B: no bytecode.
    run = subprocess.run(
        [sys.executable, "-B", "-I", "-S", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "[]\n"), run.stderr


def test_the_clients_use_the_assets_models(functions: Asset) -> None:
    script = (
        f"import json, sys; sys.path.insert(0, {str(functions.directory)!r})\n"
        "from lambdas.gate.aws.clients import Clients, OPERATIONS\n"
        "models = {service: Clients().get(service).meta.service_model for service in OPERATIONS}\n"
        "print(json.dumps({service: list(model.operation_names) for service, model in models.items()}))"
    )
    region = os.environ | {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    run = subprocess.run(
        [sys.executable, "-B", "-c", script], cwd="/", env=region, capture_output=True, text=True, check=False
    )
    assert json.loads(run.stdout) == {service: list(operations) for service, operations in OPERATIONS.items()}


def test_the_same_content_has_the_same_digest_and_place(functions: Asset, tmp_path: Path) -> None:
    again = bundle.build(tmp_path)
    assert again.digest == functions.digest
    assert again.directory == tmp_path / f"functions-{again.digest[:16]}"
    assert files(again.directory) == files(functions.directory)
    assert bundle.build(tmp_path) == again
    assert [file.name for file in tmp_path.iterdir()] == [again.directory.name]


def test_other_content_has_another_digest(monkeypatch: pytest.MonkeyPatch, functions: Asset, tmp_path: Path) -> None:
    monkeypatch.setattr(bundle, "HANDLERS", bundle.HANDLERS[:1])
    assert bundle.build(tmp_path).digest != functions.digest


def test_the_template_depends_on_the_content_and_not_on_its_place(gate: Template, tmp_path: Path) -> None:
    shipped = load(ROOT / "endpoints.yaml").endpoints
    elsewhere = bundle.build(tmp_path / "build")
    assert synthesize(shipped, elsewhere, tmp_path / "same")["ApprovalGate"] == gate
    other = Asset(elsewhere.directory, digest="0" * 64)
    assert synthesize(shipped, other, tmp_path / "other")["ApprovalGate"] != gate


def test_bytecode_that_someone_left_is_not_deployed(tmp_path: Path) -> None:
    made = bundle.build(tmp_path / "build")
    (made.directory / "lambdas" / "__pycache__").mkdir()
    (made.directory / "lambdas" / "__pycache__" / "names.cpython-311.pyc").write_bytes(b"")
    synthesize((), made, tmp_path / "cdk.out")
    (staged,) = (tmp_path / "cdk.out").glob("asset.*")
    assert files(staged) == bundle.contents()


def test_of_bytecode_only_the_assets_own_is_deployed(compiled: Asset, tmp_path: Path) -> None:
    made = bundle.extended(compiled, {"golden.jsonl": b""})
    stray = made.directory / "lambdas" / "__pycache__" / "start.cpython-399.pyc"
    stray.write_bytes(b"")
    synthesize((), made, tmp_path / "cdk.out")
    (staged,) = (tmp_path / "cdk.out").glob("asset.*")
    assert files(staged) == files(compiled.directory) | {"golden.jsonl": b""}
    assert bundle.extended(made, {}).digest == made.digest


def test_the_same_content_has_the_same_bytecode_in_every_process(compiled: Asset) -> None:
    """So what runs is what the source says, although the runtime does not compare the two."""
    script = (
        "import sys; from pathlib import Path; from infra.asset import bundle\n"
        "import decimal, http.client, lambdas.deployer.handler\n"
        "print(bundle.build(Path(sys.argv[1]), sys.argv[2]).directory)"
    )
    place = str(compiled.directory.parent / "again")
    run = subprocess.run(
        [sys.executable, "-B", "-c", script, place, OWN], capture_output=True, text=True, check=True, cwd=ROOT
    )
    before, again = files(compiled.directory), files(Path(run.stdout.strip()))
    assert sorted(name for name in {*before, *again} if before.get(name) != again.get(name)) == []


def test_every_file_has_the_bytecode_of_its_source_and_nothing_else_has(compiled: Asset) -> None:
    contents = files(compiled.directory)
    sources = {name: text for name, text in contents.items() if name.endswith(".py")}
    bytecodes = {name: text for name, text in contents.items() if name.endswith(".pyc")}
    assert bytecodes == {
        str(Path(importlib.util.cache_from_source(name, optimization=""))): bytecode.unchecked(name, text)
        for name, text in sources.items()
    }
    assert contents == bundle.contents() | bytecodes


def test_python_takes_the_bytecode_without_looking_at_the_source(compiled: Asset, tmp_path: Path) -> None:
    place = tmp_path / "copy"
    shutil.copytree(compiled.directory, place)
    (place / "lambdas" / "start.py").write_text("raise SystemExit(1)")
    script = f"import sys; sys.path.insert(0, {str(place)!r}); from lambdas import start; print(start.FUNCTIONS)"
    run = subprocess.run([sys.executable, "-B", "-I", "-S", "-c", script], capture_output=True, text=True, check=False)
    assert run.stdout == f"{FUNCTIONS}\n", run.stderr


@pytest.mark.parametrize(
    ("runtime", "tag"),
    [(OWN, sys.implementation.cache_tag), ("python3.9", None), (None, None)],
    ids=["the functions' version builds", "another version builds", "no runtime is named"],
)
def test_bytecode_is_of_the_runtimes_version_or_left_out(runtime: str | None, tag: str | None) -> None:
    assert bytecode.tag(runtime) == tag
