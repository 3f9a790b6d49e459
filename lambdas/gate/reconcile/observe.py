"""Observing: what to read about one endpoint, and no more, so that a settled endpoint costs three SageMaker calls a
reconcile."""

import dataclasses
from contextlib import suppress

from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import FAILURES
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.registry import Registry
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec, Stage
from lambdas.gate.state.approval import version_account, version_group, version_number, version_prefix
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.observed import Endpoint, EndpointStatus, FiredAlarm, Listing, Observed, Package
from lambdas.gate.state.versions_seen import MOST, VersionsSeen, seen_in, to_describe

LATE_SECONDS = 3600
"""So long after the watch window a look still sees what fired in it: the schedule of many endpoints is a slow one."""


class Observer:
    def __init__(self, registry: Registry, ledger: Ledger, hosting: Hosting, watch: CloudWatch) -> None:
        self._registry = registry
        self._ledger = ledger
        self._hosting = hosting
        self._watch = watch

    def first(self, spec: Spec, hints: tuple[ApprovalHint, ...], named: tuple[str, ...] = ()) -> Observed:
        """For the baseline: nothing is described but what may be wanted, what is served if it is not listed, and what
        may be approved later."""
        endpoint = self._hosting.endpoint(spec.endpoint)
        listed = self._registry.approved(spec.model_package_group, spec.gate.stage)
        listing = self._listing(spec, None, named)
        prefix = _prefix(listed, listing, "")
        hints, listing = _own(spec, hints, prefix), _spelled_alike(spec, listing, prefix)
        versions = {hint.version for hint in hints}
        if endpoint is None and listed:
            versions.add(listed[-1])
        served = self._hosting.served_version(endpoint.config) if endpoint and not endpoint.is_busy else None
        if endpoint and served and served not in listed and _is_followed(spec, endpoint, served):
            versions.add(served)
        return Observed(
            endpoint=endpoint,
            listed=listed,
            listing=listing,
            packages=self._packages(spec, versions, to_describe(None, listing, prefix), spec.gate.stage),
            hints=hints,
            served_version=served,
        )

    def look(
        self, spec: Spec, head: Head, hints: tuple[ApprovalHint, ...], now: float, named: tuple[str, ...] = ()
    ) -> Observed:
        """For a decision. A version is described when something may have changed: listed but not known as Approved,
        known but not listed (a list may be behind; Describe settles it), named by an event, about to be used, or not
        seen before."""
        endpoint = self._hosting.endpoint(spec.endpoint)
        listed = self._registry.approved(spec.model_package_group, head.stage)
        seen = seen_in(head.versions, spec.model_package_group)
        listing = self._listing(spec, seen, named)
        prefix = _prefix(listed, listing, head.prefix)
        hints, listing = _own(spec, hints, prefix), _spelled_alike(spec, listing, prefix)
        numbers = {version_number(version) for version in listed}
        versions = {hint.version for hint in hints} | {approval.version for approval in head.approvals}
        versions |= {version for version in listed if not head.is_approved(version)}
        versions |= {f"{head.prefix}{number}" for number in head.approved if number not in numbers}
        packages = self._packages(spec, versions, to_describe(seen, listing, prefix), head.stage)
        observed = Observed(endpoint=endpoint, listed=listed, listing=listing, packages=packages, hints=hints)
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

    def _listing(self, spec: Spec, seen: VersionsSeen | None, named: tuple[str, ...]) -> Listing:
        group = spec.model_package_group
        if seen is None:
            return Listing(self._registry.newest(group, MOST), named=named)
        backlog = seen.backlog
        before = (backlog.number, backlog.created_at) if backlog else None
        older = self._registry.newest(group, MOST, before) if before else ()
        return Listing(self._registry.created_since(group, seen.since), older, named)

    def _described(self, endpoint: str, version: str, stage: Stage | None) -> Package | None:
        """A version that is Approved is compared with its registration."""
        package = self._registry.describe(version, stage)
        if package is None or not package.is_approved:
            return package
        registration = self._ledger.registration(endpoint, package)
        return dataclasses.replace(package, changed=registration.change(package)) if registration else package

    def _packages(
        self, spec: Spec, versions: set[str], new: tuple[str, ...], stage: Stage | None
    ) -> dict[str, Package | None]:
        """`versions`: those that the decision is about. `new`: those to be described for their registration."""
        described = {version: self._described(spec.endpoint, version, stage) for version in versions}
        # A version that nobody approved must not keep the approved ones waiting, so it is left for the next reconcile.
        with suppress(*FAILURES):
            for version in new:
                if version not in described:
                    described[version] = self._described(spec.endpoint, version, stage)
        return {
            version: described[version]
            for version in sorted(described, key=_place)
            if (package := described[version]) is None or package.group == spec.model_package_group
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


def _place(version: str) -> tuple[str, int]:
    """A key that sorts versions by number; as text 10 would come before 9."""
    return version_prefix(version), version_number(version)


def _prefix(listed: tuple[str, ...], listing: Listing, known: str) -> str:
    """Of the ARNs of the group's versions, before their number; `known` from earlier, if the group has none now."""
    versions = (*listed[-1:], *(each.version for each in listing.all[:1]))
    return version_prefix(versions[0]) if versions else known


def _own(spec: Spec, hints: tuple[ApprovalHint, ...], prefix: str) -> tuple[ApprovalHint, ...]:
    """The hints of the spec's group, with their ARNs spelled as the registry spells the group's: one version under two
    names would be two approvals. An event of another group, which the spec followed before, tells of a version that
    only bears the same number."""
    own = (hint for hint in hints if _is_listed_there(spec, hint.version, prefix))
    return tuple(dataclasses.replace(hint, version=_spelled(hint.version, prefix)) for hint in own)


def _spelled_alike(spec: Spec, listing: Listing, prefix: str) -> Listing:
    own = (version for version in listing.named if _is_listed_there(spec, version, prefix))
    return dataclasses.replace(listing, named=tuple(_spelled(version, prefix) for version in own))


def _is_listed_there(spec: Spec, version: str, prefix: str) -> bool:
    """True if an event's version is of the spec's group in this account and Region. The deployer may describe no other,
    and one message must not make the endpoint's reconcile fail."""
    if prefix:
        return version_prefix(version).lower() == prefix.lower()
    return _is_of_group(spec, version) and version_account(version) == spec.execution_role_arn.split(":")[4]


def _spelled(version: str, prefix: str) -> str:
    """SageMaker writes names in lower case into some ARNs."""
    return f"{prefix}{version_number(version)}" if version_prefix(version).lower() == prefix.lower() else version
