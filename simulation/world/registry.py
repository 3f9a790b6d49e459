"""The versions of the registry as they truly were at each time, and as a stale list shows them."""

from typing import Any

from world.account import Account
from world.registry.package import Package

ACCOUNT, REGION = "123456789012", "us-east-1"
HERE = Account(ACCOUNT, REGION)
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
STALE_SECONDS = 30.0
"""How many seconds a stale read of SageMaker or CloudWatch may be behind."""


class Versions:
    """`before`: the versions before their latest changes, by ARN. `history`: each state of a version, and since
    when."""

    def __init__(self) -> None:
        self.before: dict[str, Package] = {}
        self.history: tuple[tuple[float, Package], ...] = ()
        self._known: dict[str, Package] = {}
        self._changed = 0.0

    def copy(self) -> "Versions":
        other = Versions()
        other.__dict__.update(self.__dict__)
        return other

    def state(self) -> object:
        return list(self.before.items()), self.history, self._changed

    def at(self, arn: str, at: float) -> Package | None:
        """Return the version as it was at that time."""
        found = (package for since, package in reversed(self.history) if package.arn == arn and since <= at)
        return next(found, None)

    def record(self, packages: dict[str, Package], now: float) -> None:
        """Record that versions were registered, changed or deleted. `packages`: all that there are now."""
        if now - self._changed >= STALE_SECONDS or not self.before:
            self.before = self._known
        changed = (package for arn, package in packages.items() if self._known.get(arn) is not package)
        self.history += tuple((now, package) for package in changed)
        self._known, self._changed = packages.copy(), now

    def is_behind(self, request: dict[str, Any], now: float) -> bool:
        """True if a stale ListModelPackages would differ."""
        shown = _approved if "ModelApprovalStatus" in request else _registered
        return now - self._changed < STALE_SECONDS and shown(self.before) != shown(self._known)


def _approved(packages: dict[str, Package]) -> set[tuple[str, tuple[str, str] | None]]:
    return {(package.arn, package.stage) for package in packages.values() if package.approval == "Approved"}


def _registered(packages: dict[str, Package]) -> set[tuple[str, str]]:
    return {(package.arn, package.status) for package in packages.values()}
