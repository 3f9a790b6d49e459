"""Gathering the evidence about one approval: only what the checks of its spec need is read."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lambdas.gate.aws.errors import (
    FAILURES,
    Denied,
    Forbidden,
    Missing,
    Refused,
    Silent,
    Temporary,
    Unreadable,
    reading,
)
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.registry import Registry
from lambdas.gate.aws.s3 import Artifacts, parsed
from lambdas.gate.policy import condition, metrics
from lambdas.gate.policy.reports import METRICS, REPORTS, NamedReport, named_reports, objection
from lambdas.gate.reconcile.history import HistoryReader
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.soak import SoakReader
from lambdas.gate.spec.floor import Floor
from lambdas.gate.spec.spec import Condition, Spec, Until
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.evidence import Evidence, Report, Unpinned
from lambdas.gate.state.metrics import Metrics
from lambdas.gate.state.observed import Package
from lambdas.gate.state.pin import Pin, ReportPin, difference, entry_difference

MAXIMUM_REPORTS_BYTES = 8 * 1024 * 1024
"""The most bytes of all reports that are read for one approval."""


@dataclass(frozen=True)
class _Part:
    """What was read about one version. `document`: its part of the evidence's document. `reports`: the reports in it.
    `troubles`: part of the document → why something in it could not be read."""

    document: dict[str, Any]
    reports: tuple[Report, ...] = ()
    troubles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Version:
    """A version whose reports are read. `approval`: the one that it rests on; None if it waits for one."""

    package: Package
    approval: Approval | None

    def written_until(self, until: Until) -> float:
        """Return until when its reports may have been written, in seconds since 1970. The time of an adopted approval
        may not be known."""
        created_at = self.package.created_at
        if until is Until.REGISTRATION:
            return created_at
        return max(created_at, self.approval.at) if self.approval else math.inf

    def pinned(self, named: NamedReport) -> ReportPin | None:
        return self.approval.pin.report(named.path) if self.approval and self.approval.pin else None


@dataclass(frozen=True)
class EvidenceReader:
    registry: Registry
    artifacts: Artifacts
    pinning: Pinning
    soaking: SoakReader
    ledger: Ledger
    histories: HistoryReader

    def gather(
        self,
        spec: Spec,
        approval: Approval,
        package: Package,
        live: Approval | None,
        read: Mapping[int, Pin | Unreadable],
        now: float,
        floor: Floor | None = None,
    ) -> Evidence:
        """Return the evidence about an approval. If a part cannot be read, it is named in `unread`, and the other parts
        are still read.

        `package`: the approved version, as described in this reconcile. `live`: the approval of the live
        version. `read`: what `Pinning.pin` read in this reconcile. `floor`: None if there is none.
        """
        early = floor.gate.require if floor else ()
        spec = replace(spec, gate=replace(spec.gate, require=(*spec.gate.require, *early)))
        unread: dict[str, str] = {}
        card = None
        if _names(spec, "model_card"):
            try:
                card = self._card(spec, package)
            except Unreadable as error:
                unread["model_card"] = str(error)
        candidate = self._part(spec, _Version(package, approval), early)
        document = candidate.document | {"model_card": card, "live": None}
        unread.update(candidate.troubles)
        reports = candidate.reports
        if live is not None and _names(spec, "live"):
            other = self._live(spec, live, early, reports)
            document["live"] = other.document
            reports += other.reports
            if other.troubles:
                unread["live"] = "; ".join(other.troubles.values())
        certainty = None if approval.is_certain else self.histories.certainty(package, approval, spec.gate.stage, now)
        is_witnessed = spec.gate.witness is not None or (floor is not None and floor.gate.witness is not None)
        witnessed = self.histories.witnessed(package, approval, spec.gate.stage, now) if is_witnessed else None
        evidence = Evidence(document=document, reports=reports, unread=unread, certainty=certainty, witnessed=witnessed)
        return self._with_soak(spec, approval, self._with_pin(spec, approval, package, read, evidence))

    def metrics(self, spec: Spec, package: Package, live: Approval | None) -> Metrics:
        """Return the metrics of a version that waits for an approval, and of the live one. What cannot be read is named
        with its reason. `live`: the approval of the live version; None if there is none."""
        where = metrics.paths(spec.gate.require)
        spec = replace(spec, gate=replace(spec.gate, require=metrics.conditions(where)))
        new = self._part(spec, _Version(package, None), ())
        troubles = new.troubles.get(METRICS)
        if troubles is None and not new.document[METRICS]:
            troubles = f"{version_label(package.version)} names no report with metrics"
        other = _Part({})
        if live is not None:
            try:
                other = self._live(spec, live, (), new.reports)
            except FAILURES as error:
                other = _Part({}, troubles={METRICS: f"{version_label(live.version)} could not be described: {error}"})
        found, left_out = metrics.compared(where, new.document[METRICS], other.document.get(METRICS))
        return Metrics(
            found,
            left_out,
            live.version if live else None,
            condition.shorten(troubles) if troubles else None,
            condition.shorten("; ".join(other.troubles.values())) if other.troubles else None,
        )

    def live_difference(
        self, spec: Spec, approval: Approval, packages: Mapping[str, Package | None], *, with_entry: bool = False
    ) -> str | None:
        """Return how the live version differs from its pin, in words; None if it does not, if nothing is pinned, or if
        the version was deleted, which is a revocation. Raises Unreadable if AWS does not answer. `packages`: the
        versions that were described in this reconcile. `with_entry`: True to compare what the entry's own environment
        names, too."""
        try:
            return self._difference(spec, approval, packages, described=True, with_entry=with_entry)
        except (Missing, Forbidden) as error:
            return str(error)

    def good_difference(
        self, spec: Spec, approval: Approval, packages: Mapping[str, Package | None], *, described: bool
    ) -> str | None:
        """Return how a former live version differs from its pin, in words; None as for `live_difference`. Raises
        Unreadable, also if AWS denies the read: a version that may not be read is not known to be gone. `described`:
        True to describe the version in SageMaker, too; otherwise only S3 and ECR are asked."""
        try:
            return self._difference(spec, approval, packages, described=described)
        except Missing as error:
            return str(error)

    def _difference(
        self,
        spec: Spec,
        approval: Approval,
        packages: Mapping[str, Package | None],
        *,
        described: bool,
        with_entry: bool = False,
    ) -> str | None:
        pinned = approval.pin
        if pinned is None:
            return None
        package = packages.get(approval.version)
        if package is None and described:
            with reading(version_label(approval.version)):
                package = self.registry.describe(approval.version, spec.gate.stage)
            if package is None:
                return None
        if package is None:
            found = self.pinning.loaded(spec, pinned)
        else:
            found = self.pinning.again(spec, pinned, package, with_entry=with_entry)
        return difference(pinned, found) or entry_difference(pinned, found) or self.pinning.missing_image(spec, pinned)

    def _with_pin(
        self,
        spec: Spec,
        approval: Approval,
        package: Package,
        read: Mapping[int, Pin | Unreadable],
        evidence: Evidence,
    ) -> Evidence:
        try:
            pin = self._pin(spec, approval, package, read)
        except Unreadable as error:
            unpinned = _unpinned(error) if approval.pin is None else None
            return replace(evidence, unread={**evidence.unread, "pin": str(error)}, unpinned=unpinned)
        return replace(evidence, pin=pin)

    def _pin(self, spec: Spec, approval: Approval, package: Package, read: Mapping[int, Pin | Unreadable]) -> Pin:
        """Return the content that would run now, to be compared with the approval's pin. Raises Unreadable."""
        found = read.get(approval.order)
        if isinstance(found, Unreadable):
            raise found
        if found is not None:
            return found
        if approval.pin is None:
            raise Unreadable("what was approved has not been read yet")
        return self.pinning.again(spec, approval.pin, package, with_entry=True)

    def _with_soak(self, spec: Spec, approval: Approval, evidence: Evidence) -> Evidence:
        if spec.gate.soak is None:
            return evidence
        try:
            soaked = self.soaking.soaked(spec.gate.soak, approval, pinned=spec.gate.pin)
        except Unreadable as error:
            return replace(evidence, unread={**evidence.unread, "soak": str(error)})
        return replace(evidence, soaked=soaked)

    def _live(self, spec: Spec, live: Approval, early: tuple[Condition, ...], others: tuple[Report, ...]) -> _Part:
        """Return what is known about the live version. `others`: the reports that were read of the approved version."""
        package = self.registry.describe(live.version, spec.gate.stage)
        if package is None:
            return _Part({}, troubles={"package": f"{live.version} does not exist any more"})
        part = self._part(spec, _Version(package, live), early, others, is_live=True)
        try:
            card = self._card(spec, package) if _names(spec, "model_card") else None
        except Unreadable as error:
            return replace(part, troubles={**part.troubles, "model_card": str(error)})
        return replace(part, document=part.document | {"model_card": card})

    def _part(
        self,
        spec: Spec,
        version: _Version,
        early: tuple[Condition, ...],
        others: tuple[Report, ...] = (),
        *,
        is_live: bool = False,
    ) -> _Part:
        """Return what is known about one version. `early`: the conditions of the floor. The reports that these ask
        about have to be written before the registration, whatever the entry allows."""
        described = version.package.description
        asked_early = {named.path for named in named_reports(early, described)}
        parts: dict[str, dict[str, dict[str, Any]]] = {part: {} for part in REPORTS}
        reports: list[Report] = []
        troubles: dict[str, list[str]] = {}
        for named in named_reports(spec.gate.require, described):
            try:
                until = Until.REGISTRATION if named.path in asked_early else spec.gate.written_until
                kept = self.ledger.kept_report(spec.endpoint, version.package, named.path) if is_live else None
                content, report = kept or self._report(spec, version, named, others, until)
                if sum(each.size for each in (*others, *reports, report)) > MAXIMUM_REPORTS_BYTES:
                    trouble = f"with {named.uri}, the conditions ask about more than {MAXIMUM_REPORTS_BYTES} bytes"
                    raise Unreadable(f"{trouble} of reports, which are not read together")
            except Unreadable as error:
                troubles.setdefault(named.part, []).append(str(error))
                if isinstance(error, Silent):
                    break
                continue
            parts[named.part].setdefault(named.kind, {})[named.name] = content
            reports.append(replace(report, path=named.path, is_live=is_live))
        document = {
            "package": described,
            **parts,
            "customer_metadata": described.get("CustomerMetadataProperties", {}),
            "lifecycle": described.get("ModelLifeCycle"),
        }
        return _Part(document, tuple(reports), {part: "; ".join(texts) for part, texts in troubles.items()})

    def _report(
        self, spec: Spec, version: _Version, named: NamedReport, others: tuple[Report, ...], until: Until
    ) -> tuple[Any, Report]:
        """Return a report from S3. Raises Unreadable, also if the object is not the report of this version. `until`:
        until when it may have been written."""
        if any(other.uri == named.uri for other in others):
            # A pipeline may write each version's report to one object, which is the newest version's.
            label = version_label(version.package.version)
            raise Unreadable(
                f"{named.uri} is named by the live version {label} too, so it cannot tell the two apart, and nothing "
                "was kept when that version passed the gate; register versions with a report of their own"
            )
        content, read = self.artifacts.report(spec, named.uri)
        if trouble := objection(named, read, version.pinned(named), until, version.written_until(until)):
            raise Unreadable(trouble)
        return content, read

    def _card(self, spec: Spec, package: Package) -> dict[str, Any] | None:
        """Return the model card with its content, which a MetadataOnly description lacks; None if there is no card.
        Raises Unreadable."""
        try:
            whole = self.registry.describe(package.version, spec.gate.stage, with_card=True)
        except (Denied, Refused) as error:
            # The card's KMS key is disabled or deleted. Nothing else needs that key, so the reconcile continues.
            raise Unreadable(f"the model card may not be read: {error}") from error
        card = whole.description.get("ModelCard") if whole else None
        if card is None:
            return None
        try:
            content = parsed(card.get("ModelCardContent") or "null")
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"the model card is no JSON: {error}") from error
        return {"status": card.get("ModelCardStatus"), "content": content}


def _unpinned(error: Unreadable) -> Unpinned:
    match error:
        case Missing() | Forbidden():
            return Unpinned.ABSENT
        case Temporary():
            return Unpinned.UNANSWERED
    return Unpinned.OPEN


def _names(spec: Spec, field: str) -> bool:
    """True if a condition uses a field of that name."""
    return any(condition.names_field(asked.expression, field) for asked in spec.gate.require)
