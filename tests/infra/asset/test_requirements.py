"""What goes into the asset is installed by the hash of its wheel, in the versions that all else is tested with."""

import importlib.metadata
import json
import re

from infra.asset import bundle
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
