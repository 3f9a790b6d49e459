"""The rules for the serving section. Paths start at the entry."""

import re
from collections.abc import Iterator, Sequence

from infra.config.problem import Path, Problem
from infra.config.sections.serving import Serving
from infra.config.validation import found

LOCAL_STORAGE = re.compile(r"^ml\.[a-z]+[0-9]+[a-z]*d[a-z]*\.")
"""Instance families with a d in their names have NVMe storage (m5d, g4dn). SageMaker refuses a key for others that have
such storage too."""


def serving(keys: Serving, instance_type: str | None) -> Iterator[Problem]:
    """The rules for the section together with the variant's instance type."""
    for name, value in keys.environment.items():
        if "{{" in value:
            allowed = "a text without `{{`, which SSM refuses in a parameter"
            yield Problem(("serving", "environment", name), found(value), allowed, "let the container build the text")
    if keys.vpc:
        yield from _repeated(keys.vpc.subnets, ("serving", "vpc", "subnets"))
        yield from _repeated(keys.vpc.security_groups, ("serving", "vpc", "security_groups"))
    if keys.data_capture:
        yield from _repeated(keys.data_capture.modes, ("serving", "data_capture", "modes"))
    if keys.kms_key and instance_type and LOCAL_STORAGE.match(instance_type):
        yield Problem(
            ("serving", "kms_key"),
            f"a key for the volumes of {instance_type}",
            "none. Instances with local storage encrypt it themselves, and SageMaker refuses a key for them.",
            "remove kms_key, or use an instance type without local storage",
        )


def _repeated(items: Sequence[str], path: Path) -> Iterator[Problem]:
    for index, item in enumerate(items):
        if item in items[:index]:
            yield Problem((*path, index), f"{found(item)} again", "each once", "remove it")
