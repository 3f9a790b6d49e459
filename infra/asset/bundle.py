"""The asset that all functions share: their code, the packages that it imports, time zones and service models.

It is pure Python, and is built at synth without Docker or network. The same content gives the same asset on every
machine with the same Python version. If that is the functions' version too, the asset has the bytecode of its code.
"""

import hashlib
import importlib.metadata
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.asset import bytecode
from infra.asset.import_closure import closure
from infra.asset.service_models import data_files
from lambdas.gate.aws.clients import OPERATIONS
from lambdas.start import FUNCTIONS

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / ".build"
HANDLERS = ("lambdas.start", *(f"lambdas.{name}.handler" for name in FUNCTIONS))
BUNDLED = ("aws-lambda-powertools", "cronsim", "jmespath")
"""Packages that go into the asset, with their requirements. The runtime brings boto3 and botocore."""
ZONES = "tzdata"
"""The package of the time zones. No module imports it by name, and the runtime may lack them."""
UNUSED = "aws_lambda_powertools.event_handler"
"""HTTP routing, the largest part of the package. The logger imports it only for Pydantic models, which are not used."""


@dataclass(frozen=True)
class Asset:
    """`tag`: which bytecode belongs to the asset, such as `cpython-314`; None if it has none."""

    directory: Path
    digest: str
    tag: str | None = None

    @property
    def exclude(self) -> list[str]:
        """Return the patterns of the files that are not part of it: bytecode that another Python wrote."""
        return ["**/__pycache__/*", *([f"!**/__pycache__/*.{self.tag}.pyc"] if self.tag else ())]


def build(directory: Path = BUILD, runtime: str | None = None) -> Asset:
    """Return the asset. It is written once, into a directory below `directory` that is named by its content.
    `runtime`: the functions' runtime; None leaves the bytecode out."""
    tag = bytecode.tag(runtime)
    files = contents()
    compiled = bytecode.compiled(files, tag) if tag else {}
    return _written(dict(sorted((files | compiled).items())), directory, "functions", tag)


def extended(asset: Asset, more: Mapping[str, bytes]) -> Asset:
    """Return the asset with more files, by their paths in it. It is written beside the first one."""
    own = (file for file in sorted(asset.directory.rglob("*")) if file.is_file() and _is_own(file, asset.tag))
    files = {file.relative_to(asset.directory).as_posix(): file.read_bytes() for file in own}
    return _written(dict(sorted({**files, **more}.items())), asset.directory.parent, "extended", asset.tag)


def _is_own(file: Path, tag: str | None) -> bool:
    return file.suffix != ".pyc" or (tag is not None and file.name.endswith(f".{tag}.pyc"))


def _written(files: dict[str, bytes], directory: Path, label: str, tag: str | None) -> Asset:
    digest = _digest(files)
    target = directory / f"{label}-{digest[:16]}"
    if not target.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=directory) as scratch:
            _write(Path(scratch, label), files)
            _move(Path(scratch, label), target)
    return Asset(target, digest, tag)


def contents() -> dict[str, bytes]:
    """Return the files of the asset by their paths in it, without bytecode."""
    roots = {"lambdas": ROOT, **dict(_packages())}
    sources = closure(HANDLERS, lambda module: _source(roots, module))
    files = {_path(module, file): file.read_bytes() for module, file in sources.items()}
    models = {f"lambdas/aws_models/{path}": text for path, text in data_files(OPERATIONS).items()}
    return dict(sorted((files | dict(_zones()) | models).items()))


def _packages() -> Iterator[tuple[str, Path]]:
    """Return each top-level package or module to bundle, with the directory where it is installed."""
    waiting, seen = [*BUNDLED], set()
    while waiting:
        distribution = importlib.metadata.distribution(waiting.pop())
        if distribution.name in seen:
            continue
        seen.add(distribution.name)
        for file in distribution.files or ():
            if file.suffix == ".py" and file.parts[0] != "..":
                yield file.parts[0].removesuffix(".py"), Path(str(distribution.locate_file("")))
        waiting += [
            re.split(r"[^A-Za-z0-9._-]", requirement)[0]
            for requirement in distribution.requires or ()
            if "extra ==" not in requirement
        ]


def _zones() -> Iterator[tuple[str, bytes]]:
    """Return the compiled time zones, and the packages in which zoneinfo finds them, by their paths in the asset."""
    distribution = importlib.metadata.distribution(ZONES)
    for file in distribution.files or ():
        if file.parts[0] == ZONES:
            content = Path(str(distribution.locate_file(file))).read_bytes()
            if file.suffix == ".py" or content.startswith(b"TZif"):
                yield file.as_posix(), content


def _source(roots: dict[str, Path], module: str) -> Path | None:
    root = roots.get(module.partition(".")[0])
    if root is None or f"{module}.".startswith(f"{UNUSED}."):
        return None
    path = root.joinpath(*module.split("."))
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)


def _path(module: str, file: Path) -> str:
    return f"{module.replace('.', '/')}{'/__init__.py' if file.name == '__init__.py' else '.py'}"


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, content in files.items():
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _write(directory: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _move(source: Path, target: Path) -> None:
    """Move the directory, unless another synth has written the same content in the meantime."""
    try:
        os.rename(source, target)
    except OSError:
        if not target.is_dir():
            raise
