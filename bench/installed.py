"""Point 7: what `make demo` installs, and what only the tests and linters need."""

import importlib.metadata
import re
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement

from bench.point import Figures, Findings, Measure

DEMO = ("lambdas/requirements.txt", "requirements.txt", "requirements-sandbox.txt")
TOOLS = (*DEMO, "requirements-dev.txt")
MEGABYTE = 1_000_000
SHOWN = 12
_REQUIREMENT = re.compile(r"^[A-Za-z0-9][^\s;#\\]*", re.MULTILINE)
METHOD = """The packages that the requirements files lead to, by the metadata of what is installed, and the sizes of
their files. Node's packages are not counted: the CDK's CLI has 29 MB."""


def measure() -> Findings:
    demo, every = _sizes(DEMO), _sizes(TOOLS)
    largest = sorted(demo, key=lambda name: -demo[name])[:SHOWN]
    tests = {"make test": sum(every.values()) / MEGABYTE}
    measures = [
        Measure("installed by make demo", "MB", sum(demo.values()) / MEGABYTE, (), tests),
        Measure("packages of make demo", "", len(demo), (), {"make test": len(every)}),
        Measure("of these, the CDK and what its import needs", "MB", _cdk(demo) / MEGABYTE),
    ]
    rows = [(name, f"{demo[name] / MEGABYTE:.1f}") for name in largest]
    return Findings(measures, [Figures("The largest packages of the demo:", ("package", "MB"), rows)], NOTES)


NOTES = (
    "The rest of moto's extras that the sandbox asks for (GraphQL, Docker's client, the parsers of Step Functions) has "
    "less than 6 MB together.",
)


def _cdk(sizes: dict[str, int]) -> int:
    return sum(size for name, size in sizes.items() if name.startswith(("aws-cdk", "constructs", "jsii")))


def _sizes(files: Iterable[str]) -> dict[str, int]:
    """Return the bytes of each package that these files lead to, by its name."""
    waiting = [
        Requirement(found) for file in files for found in _REQUIREMENT.findall(Path(file).read_text(encoding="utf-8"))
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    sizes = {}
    while waiting:
        wanted = waiting.pop()
        name, extras = re.sub(r"[-_.]+", "-", wanted.name.lower()), frozenset(wanted.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        distribution = importlib.metadata.distribution(wanted.name)
        sizes[name] = sum(file.size or 0 for file in distribution.files or ())
        for text in distribution.requires or ():
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": each}) for each in (*extras, "")):
                waiting.append(needed)
    return sizes
