"""Observing one endpoint: only what a decision needs is read, so that a settled endpoint costs four SageMaker calls a
reconcile, with the one that compares its live version."""

import dataclasses
from contextlib import suppress

from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import FAILURES
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.registry import Registry
from lambdas.gate.decide.judgement import is_live
from lambdas.gate.decide.judging import PUBLISHED_SECONDS
from lambdas.gate.decide.shadow import running
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Spec, Stage
from lambdas.gate.state.approval import version_account, version_group, version_number, version_prefix
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.head import Head
from lambdas.gate.state.hints import ApprovalHint
from lambdas.gate.state.observed import NOTHING, Endpoint, EndpointStatus, FiredAlarm, Listing, Observed, Package
from lambdas.gate.state.rung import Copied
from lambdas.gate.state.shared_minute import SharedMinute
from lambdas.gate.state.versions_seen import MOST, VersionsSeen, seen_in, to_describe

LATE_SECONDS = 3600
"""How long after the watch window alarms are still read. With many endpoints the schedule is slow, so the first
reconcile after an alarm may be that late."""


class Observer:
    def __init__(self, registry: Registry, ledger: Ledger, hosting: Hosting, cloudwatch: CloudWatch) -> None:
        self._registry = registry
        self._ledger = ledger
        self._hosting = hosting
        self._cloudwatch = cloudwatch

    def first(self, spec: Spec, hints: tuple[ApprovalHint, ...], named: tuple[str, ...] = ()) -> Observed:
        """Return what the baseline needs. Described are the versions that events name, the newest Approved version if
        there is no endpoint, the served version if it is not listed as Approved, and versions for their
        registration."""
        endpoint = self._hosting.endpoint(spec.endpoint)
        listed = self._registry.approved(spec.model_package_group, spec.gate.stage)
        listing = self._listing(spec, None, named)
        prefix = _prefix(listed, listing, "")
        hints, listing = _own(spec, hints, prefix), _spelled_alike(spec, listing, prefix)
        versions = {hint.version for hint in hints}
        if endpoint is None and listed:
            versions.add(listed[-1])
        served = self._hosting.served_by(endpoint.config) if endpoint and not endpoint.is_busy else NOTHING
        version = served.version
        if endpoint and version and version not in listed and _is_followed(spec, endpoint, version):
            versions.add(version)
        return Observed(
            endpoint=endpoint,
            listed=listed,
            listing=listing,
            packages=self._packages(spec, versions, to_describe(None, listing, prefix), spec.gate.stage),
            hints=hints,
            served=served,
        )

    def observe(
        self, spec: Spec, head: Head, hints: tuple[ApprovalHint, ...], now: float, named: tuple[str, ...] = ()
    ) -> Observed:
        """Return what a decision needs. A version is described if something about it may have changed:

        1. It is listed as Approved and not known as Approved, or known and not listed. A list may be behind, and
           DescribeModelPackage is not.
        2. An event names it.
        3. It is about to be rolled out.
        4. It is live and revoked, and that has not taken effect. Or its approver is disputed.
        5. It was not seen before.
        6. It was found to wait for an approval, and may be reported now.
        """
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
        live = head.live.approval if head.live else None
        versions |= {live.version} if live and head.live and (head.live.revocation or live.is_disputed) else set()
        versions |= head.review.due(now) if head.review else frozenset()
        packages = self._packages(spec, versions, to_describe(seen, listing, prefix), head.stage)
        observed = Observed(endpoint=endpoint, listed=listed, listing=listing, packages=packages, hints=hints)
        if head.attempt is not None:
            return self.attempt(observed, spec.endpoint, head.attempt, now)
        if endpoint is None:
            return observed
        if head.live is None or endpoint.replaces(head.live.config, head.live.since):
            return dataclasses.replace(observed, served=self._hosting.served_by(endpoint.config))
        copied = self.copied(spec, head, now)
        return dataclasses.replace(observed, standing=self._standing(spec, head, now), copied=copied)

    def attempt(self, observed: Observed, endpoint: str, attempt: Attempt, now: float) -> Observed:
        """Return `observed` with the evidence about an open attempt.

        It is read once the attempt's fleet is live, also while the next change is under way, and once the endpoint is
        back on the previous config. During the rollout the alarms with metric math are read, on which SageMaker may
        not act, and what both fleets answered until the judge's verdict is final.
        """
        found = observed.endpoint
        if found is None:
            return observed
        if attempt.is_to_compare and (is_live(found, attempt) or found.is_busy):
            observed = dataclasses.replace(observed, minutes=self.minutes(endpoint, attempt, now))
        settled = found.status == EndpointStatus.IN_SERVICE
        is_own = attempt.fleet.config in (found.pending_config, found.config)
        if found.status == EndpointStatus.UPDATING and is_own and attempt.is_guarded and not is_live(found, attempt):
            fired = self._cloudwatch.fired_since(alarms.math_alarms(endpoint, attempt), attempt.opened_at)
            return dataclasses.replace(observed, fired=fired)
        if is_live(found, attempt) and not attempt.fleet.serverless:
            config, since, until = attempt.fleet.config, attempt.began, attempt.ended(found.modified_at) or now
            counts = [
                self._cloudwatch.requests(endpoint, each, config, since, until, is_asynchronous=found.is_asynchronous)
                for each in found.variants
            ]
            known = [count for count in counts if count is not None]
            fired = self._cloudwatch.fired_since(alarms.signal_alarms(endpoint, attempt), attempt.opened_at)
            return dataclasses.replace(observed, requests=sum(known) if known == counts else None, fired=fired)
        if settled and found.config == attempt.previous_config:
            fired = self._cloudwatch.fired_since(attempt.alarms, attempt.opened_at)
            return dataclasses.replace(observed, fired=fired)
        if found.config not in attempt.expected_configs:
            return dataclasses.replace(observed, served=self._hosting.served_by(found.config))
        return observed

    def minutes(self, endpoint: str, attempt: Attempt, now: float) -> tuple[SharedMinute, ...] | None:
        """Return what both fleets of an open attempt have answered, in each minute that is whole in CloudWatch; None if
        that cannot be read. Then the alarms alone guard the rollout. If only the latency cannot be read, the minutes
        count without it."""
        judging, old = attempt.judging, attempt.previous_config
        if judging is None or old is None:
            return None
        until, minutes = now - PUBLISHED_SECONDS, None
        fleets = endpoint, judging.variant, attempt.fleet.config, old
        with suppress(*FAILURES):
            minutes = self._cloudwatch.minutes(*fleets, attempt.began, until)
        if minutes and judging.rules.latency:
            with suppress(*FAILURES):
                return self._cloudwatch.with_slow(*fleets, minutes, judging.rules.latency.slower_than_ms)
        return minutes

    def copied(self, spec: Spec, head: Head, now: float) -> Copied | None:
        """Return what the live version and its shadow answered since the rung began; None if no rung runs, or if that
        cannot be read. The first minutes are left out, in which both are cold."""
        rung = running(head)
        if rung is None:
            return None
        since, until = rung.since + 60 * rung.copying.rules.warm_up_minutes, min(now - PUBLISHED_SECONDS, rung.until)
        with suppress(*FAILURES):
            return self._cloudwatch.copied(spec.endpoint, spec.variant.name, rung.copying.variant, since, until)
        return None

    def abandoned(self, head: Head, attempt: Attempt, now: float) -> Observed:
        """Return what is needed to judge and close an open attempt after the endpoint's stack was deleted."""
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
        """Return a version; None if it does not exist. An Approved version is compared with its registration."""
        package = self._registry.describe(version, stage)
        if package is None or not package.is_approved:
            return package
        registration = self._ledger.registration(endpoint, package)
        if registration is None:
            return package
        changed = registration.change(package)
        return dataclasses.replace(
            package, changed=changed, specified_by=registration.changed_by, registered_at=registration.seen_at
        )

    def _packages(
        self, spec: Spec, versions: set[str], new: tuple[str, ...], stage: Stage | None
    ) -> dict[str, Package | None]:
        """Return the described versions of the spec's group. `versions`: those that the decision needs. `new`: those to
        describe for their registration."""
        described = {
            version: self._described(spec.endpoint, version, stage) for version in sorted(versions, key=_place)
        }
        # A failed read of an unapproved version must not delay the approved ones. The next reconcile reads it again.
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
        """Return the alarms in ALARM that guard the live version, if that is still watched."""
        if head.live is None or not head.live.is_watched(spec.rollback_on.watch_seconds, now - LATE_SECONDS):
            return ()
        states = self._cloudwatch.states(alarms.watching_names(spec, head.live))
        return tuple(alarm for alarm in states.values() if alarm is not None)


def _is_followed(spec: Spec, endpoint: Endpoint, version: str) -> bool:
    """True if the version is of the spec's group, in the endpoint's account and Region. The deployer may describe no
    others."""
    return version.split(":")[3:5] == endpoint.arn.split(":")[3:5] and _is_of_group(spec, version)


def _is_of_group(spec: Spec, version: str) -> bool:
    """True if the version is of the spec's group. SageMaker writes names in lower case into some ARNs."""
    return version_group(version).lower() == spec.model_package_group.lower()


def _place(version: str) -> tuple[str, int]:
    """Return a key that sorts versions by number. As texts, 10 would come before 9."""
    return version_prefix(version), version_number(version)


def _prefix(listed: tuple[str, ...], listing: Listing, known: str) -> str:
    """Return the part before the number in the ARNs of the group's versions. If the group has no versions, return
    `known`, which an earlier reconcile found."""
    versions = (*listed[-1:], *(each.version for each in listing.all[:1]))
    return version_prefix(versions[0]) if versions else known


def _own(spec: Spec, hints: tuple[ApprovalHint, ...], prefix: str) -> tuple[ApprovalHint, ...]:
    """Return the hints about the spec's group, with ARNs spelled as in the registry.

    Otherwise one version with two spellings would have two approvals. Events of another group, which the spec may have
    followed before, are left out, because their versions only have the same numbers.
    """
    own = (hint for hint in hints if _is_listed_there(spec, hint.version, prefix))
    return tuple(dataclasses.replace(hint, version=_spelled(hint.version, prefix)) for hint in own)


def _spelled_alike(spec: Spec, listing: Listing, prefix: str) -> Listing:
    """Return the listing, in which the versions that events name are of the spec's group and spelled as in the
    registry."""
    own = (version for version in listing.named if _is_listed_there(spec, version, prefix))
    return dataclasses.replace(listing, named=tuple(_spelled(version, prefix) for version in own))


def _is_listed_there(spec: Spec, version: str, prefix: str) -> bool:
    """True if an event's version is of the spec's group in this account and Region. The deployer may describe no
    others, so such a message would make every reconcile fail."""
    if prefix:
        return version_prefix(version).lower() == prefix.lower()
    return _is_of_group(spec, version) and version_account(version) == spec.execution_role_arn.split(":")[4]


def _spelled(version: str, prefix: str) -> str:
    """Return the ARN as the registry spells it. SageMaker writes names in lower case into some ARNs."""
    return f"{prefix}{version_number(version)}" if version_prefix(version).lower() == prefix.lower() else version
