"""What no single key of the serving section can say. Each rule yields what is wrong, with paths below the entry."""

import re
from collections.abc import Iterator, Sequence

from infra.config.problem import Path, Problem
from infra.config.sections.serving import Serving
from infra.config.validation import found

LOCAL_STORAGE = re.compile(r"^ml\.[a-z]+[0-9]+[a-z]*d[a-z]*\.")
"""Families whose names say that they have NVMe storage of their own (m5d, g4dn). Others may have it too; SageMaker then
says so itself."""


def serving(keys: Serving, instance_type: str | None) -> Iterator[Problem]:
    for name, value in keys.environment.items():
        if "{{" in value:
            rule = "text without `{{`, which SSM refuses in a parameter"
            yield Problem(("serving", "environment", name), found(value), rule, "have the container put it together")
    if keys.vpc:
        yield from _repeated(keys.vpc.subnets, ("serving", "vpc", "subnets"))
        yield from _repeated(keys.vpc.security_groups, ("serving", "vpc", "security_groups"))
    if keys.data_capture:
        yield from _repeated(keys.data_capture.modes, ("serving", "data_capture", "modes"))
    if keys.kms_key and instance_type and LOCAL_STORAGE.match(instance_type):
        yield Problem(
            ("serving", "kms_key"),
            f"a key for volumes of {instance_type}",
            "a type without local storage: SageMaker refuses a key there, as the instance encrypts its storage itself",
            "remove kms_key, or use a type without d",
        )


def _repeated(items: Sequence[str], path: Path) -> Iterator[Problem]:
    for index, item in enumerate(items):
        if item in items[:index]:
            yield Problem((*path, index), f"{found(item)} again", "each once", "remove it")
