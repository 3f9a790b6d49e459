"""What goes into the asset is installed by the hash of its wheel, in the versions that all else is tested with."""

import ast
import importlib.metadata
import json
import re
from typing import get_args

from packaging.specifiers import SpecifierSet

from infra.asset import bundle
from infra.config.context import Runtime
from tests.infra.conftest import ROOT

HASHED = re.compile(r"([a-z0-9-]+)==(\S+) \\\n    --hash=sha256:[0-9a-f]{64}\n")
FROM_BOTOCORE = "botocore"
"""The service models."""


def _name(text: str) -> str:
    return text.lower().replace("_", "-").replace(".", "-")


def _hashed() -> dict[str, str]:
    text = (ROOT / "lambdas" / "requirements.txt").read_text()
    found = HASHED.findall(text)
    assert HASHED.sub("", re.sub(r"#.*\n", "", text)) == ""
    return dict(found)


def test_everything_in_the_asset_has_a_hash_and_nothing_else() -> None:
    roots = importlib.metadata.packages_distributions()
    tops = {path.partition("/")[0].removesuffix(".py") for path in bundle.contents()} - {"lambdas"}
    bundled = {_name(name) for top in tops for name in roots[top]}
    assert bundled | {FROM_BOTOCORE} == set(_hashed())


def test_everything_in_the_asset_is_for_every_runtime_and_architecture_that_the_context_may_choose() -> None:
    versions = [each.removeprefix("python") for each in get_args(Runtime)]
    for name in _hashed():
        distribution = importlib.metadata.distribution(name)
        tags = re.findall("^Tag: (.*)$", distribution.read_text("WHEEL") or "", re.MULTILINE)
        assert {tag for tag in tags if not re.fullmatch("(py2|py3)-none-any", tag)} == set(), name
        assert "py3-none-any" in tags, name
        requires = SpecifierSet(distribution.metadata["Requires-Python"] or "")
        assert [version for version in versions if version not in requires] == [], name


def test_our_own_code_in_the_asset_is_of_the_oldest_runtime() -> None:
    oldest = min(tuple(map(int, each.removeprefix("python").split("."))) for each in get_args(Runtime))
    for path, text in bundle.contents().items():
        if path.endswith(".py"):
            ast.parse(text, path, feature_version=(oldest[0], oldest[1]))


def test_the_versions_are_those_of_the_constraints() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {_name(name): version for name, _, version in (line.partition("==") for line in lines)}
    assert {name: pinned[name] for name in _hashed()} == _hashed()


def test_the_lockfile_has_the_cli_that_package_json_asks_for_and_names_no_registry() -> None:
    text = (ROOT / "package-lock.json").read_text()
    lock, asked = json.loads(text), json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert lock["packages"][""]["dependencies"] == asked
    assert lock["packages"]["node_modules/aws-cdk"]["version"] == asked["aws-cdk"]
    assert all(each["integrity"].startswith("sha512-") for path, each in lock["packages"].items() if path)
    assert "://" not in text
