"""Observing: what to read about one endpoint, and no more, so that a settled endpoint costs two SageMaker calls a
look."""

import dataclasses

from lambdas.gate import alarms
from lambdas.gate.approval import version_group, version_number
from lambdas.gate.attempt import Attempt
from lambdas.gate.head import Head
from lambdas.gate.hosting import Hosting
from lambdas.gate.observed import ApprovalHint, Endpoint, EndpointStatus, FiredAlarm, Observed, Package
from lambdas.gate.registry import Registry
from lambdas.gate.spec import Spec, Stage
from lambdas.gate.watch import Watch

LATE_SECONDS = 3600
"""So long after the watch window a look still sees what fired in it: the schedule of many endpoints is a slow one."""


class Observation:
    def __init__(self, registry: Registry, hosting: Hosting, watch: Watch) -> None:
        self._registry = registry
        self._hosting = hosting
        self._watch = watch

    def first(self, spec: Spec, hints: tuple[ApprovalHint, ...]) -> Observed:
        """For the baseline: nothing is described but what may be wanted, and what is served if it is not listed."""
        endpoint = self._hosting.endpoint(spec.endpoint)
        listed = self._registry.approved(spec.model_package_group, spec.gate.stage)
        hints = _own(spec, hints, listed[-1] if listed else "")
        versions = {hint.version for hint in hints}
        if endpoint is None and listed:
            versions.add(listed[-1])
        served = self._hosting.served_version(endpoint.config) if endpoint and not endpoint.is_busy else None
        if endpoint and served and served not in listed and _is_followed(spec, endpoint, served):
            versions.add(served)
        return Observed(
            endpoint=endpoint,
            listed=listed,
            packages=self._packages(spec, versions, spec.gate.stage),
            hints=hints,
            served_version=served,
        )

    def look(self, spec: Spec, head: Head, hints: tuple[ApprovalHint, ...], now: float) -> Observed:
        """For a decision. A version is described when something may have changed: listed but not known as Approved,
        known but not listed (a list may be behind; Describe settles it), told of by an event, or about to be used."""
        endpoint = self._hosting.endpoint(spec.endpoint)
        listed = self._registry.approved(spec.model_package_group, head.stage)
        hints = _own(spec, hints, listed[-1] if listed else head.prefix)
        numbers = {version_number(version) for version in listed}
        versions = {hint.version for hint in hints} | {approval.version for approval in head.approvals}
        versions |= {version for version in listed if not head.is_approved(version)}
        versions |= {f"{head.prefix}{number}" for number in head.approved if number not in numbers}
        packages = self._packages(spec, versions, head.stage)
        observed = Observed(endpoint=endpoint, listed=listed, packages=packages, hints=hints)
        if head.attempt is not None:
            return self.attempt(observed, spec.endpoint, head.attempt, now)
        if endpoint is None:
            return observed
        if head.live is None or endpoint.replaces(head.live.config, head.live.since):
            return dataclasses.replace(observed, served_version=self._hosting.served_version(endpoint.config))
        return dataclasses.replace(observed, standing=self._standing(spec, head, now))

    def attempt(self, observed: Observed, endpoint: str, attempt: Attempt, now: float) -> Observed:
        """The evidence about an open attempt, read once the endpoint has settled; or is at the next change, where
        requests have to judge what it serves."""
        found = observed.endpoint
        if found is None:
            return observed
        settled = found.status == EndpointStatus.IN_SERVICE
        if found.config == attempt.fleet.config and not attempt.fleet.serverless and (settled or attempt.enough):
            config, since, until = attempt.fleet.config, attempt.began, attempt.ended(found.modified_at) or now
            counts = (
                self._watch.requests(endpoint, each, config, since, until, is_asynchronous=found.is_asynchronous)
                for each in found.variants
            )
            fired = (
                self._watch.fired_since(alarms.signal_alarms(endpoint, attempt), attempt.opened_at) if settled else ()
            )
            return dataclasses.replace(observed, requests=sum(counts), fired=fired)
        if settled and found.config == attempt.previous_config:
            fired = self._watch.fired_since(attempt.alarms, attempt.opened_at)
            return dataclasses.replace(observed, fired=fired)
        if found.config not in attempt.expected_configs:
            return dataclasses.replace(observed, served_version=self._hosting.served_version(found.config))
        return observed

    def abandoned(self, head: Head, attempt: Attempt, now: float) -> Observed:
        """An open attempt whose endpoint's stack is gone: judged and closed from what the ledger knows."""
        version = attempt.approval.version
        observed = Observed(
            endpoint=self._hosting.endpoint(head.endpoint),
            packages={version: self._registry.describe(version, head.stage)},
        )
        return self.attempt(observed, head.endpoint, attempt, now)

    def _packages(self, spec: Spec, versions: set[str], stage: Stage | None) -> dict[str, Package | None]:
        described = {version: self._registry.describe(version, stage) for version in sorted(versions)}
        return {
            version: package
            for version, package in described.items()
            if package is None or package.group == spec.model_package_group
        }

    def _standing(self, spec: Spec, head: Head, now: float) -> tuple[FiredAlarm, ...]:
        if head.live is None or not head.live.is_watched(spec.rollback_on.watch_seconds, now - LATE_SECONDS):
            return ()
        states = self._watch.states(alarms.guarding_names(spec))
        return tuple(alarm for alarm in states.values() if alarm is not None)


def _is_followed(spec: Spec, endpoint: Endpoint, version: str) -> bool:
    """Of the spec's group, in the endpoint's account and Region: no other may the deployer describe."""
    return version.split(":")[3:5] == endpoint.arn.split(":")[3:5] and _is_of_group(spec, version)


def _is_of_group(spec: Spec, version: str) -> bool:
    """SageMaker writes names in lower case into some ARNs."""
    return version_group(version).lower() == spec.model_package_group.lower()


def _own(spec: Spec, hints: tuple[ApprovalHint, ...], version: str) -> tuple[ApprovalHint, ...]:
    """The hints of the spec's group, with their ARNs spelled as the registry spells the group's. SageMaker writes names
    in lower case into some ARNs, and one version under two names would be two approvals. An event of another group,
    which the spec followed before, tells of a version that only bears the same number."""
    group = version.rpartition("/")[0]
    own = (hint for hint in hints if _is_of_group(spec, hint.version))
    return tuple(
        dataclasses.replace(hint, version=f"{group}/{version_number(hint.version)}")
        if hint.version.rpartition("/")[0].lower() == group.lower()
        else hint
        for hint in own
    )
