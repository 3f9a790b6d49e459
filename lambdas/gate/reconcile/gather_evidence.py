"""Gathering the evidence about one approval: only what the checks of its spec need is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lambdas.gate.aws.errors import Denied, Forbidden, Missing, Refused, Silent, Temporary, Unreadable
from lambdas.gate.aws.registry import Registry
from lambdas.gate.aws.s3 import Artifacts, parsed
from lambdas.gate.policy import condition
from lambdas.gate.reconcile.history import HistoryReader
from lambdas.gate.reconcile.pinning import Pinning
from lambdas.gate.reconcile.soak import SoakReader
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.evidence import Evidence, Report, Unpinned
from lambdas.gate.state.observed import Package
from lambdas.gate.state.pin import Pin

REPORTS: Mapping[str, tuple[str, ...]] = {
    "ModelQuality": ("Statistics", "Constraints"),
    "ModelDataQuality": ("Statistics", "Constraints"),
    "Bias": ("Report", "PreTrainingReport", "PostTrainingReport"),
    "Explainability": ("Report",),
}
"""ModelMetrics' reports. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelMetrics.html"""


@dataclass(frozen=True)
class _Part:
    """What was read about one version. `document`: its part of the evidence's document. `reports`: the reports in it.
    `trouble`: why some reports could not be read; None if all were."""

    document: dict[str, Any]
    reports: tuple[Report, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True)
class EvidenceReader:
    registry: Registry
    artifacts: Artifacts
    pinning: Pinning
    soaking: SoakReader
    histories: HistoryReader

    def gather(
        self,
        spec: Spec,
        approval: Approval,
        package: Package,
        live: str | None,
        read: Mapping[int, Pin | Unreadable],
        now: float,
    ) -> Evidence:
        """Return the evidence about an approval. If a part cannot be read, it is named in `unread`, and the other parts
        are still read.

        `package`: the approved version, as described in this reconcile. `live`: the ARN of the live version. `read`:
        what `Pinning.pin` read in this reconcile.
        """
        unread: dict[str, str] = {}
        card = None
        if _names(spec, "model_card"):
            try:
                card = self._card(spec, package)
            except Unreadable as error:
                unread["model_card"] = str(error)
        candidate = self._part(spec, package)
        document = candidate.document | {"model_card": card, "live": None}
        if candidate.trouble is not None:
            unread["metrics"] = candidate.trouble
        reports = candidate.reports
        if live is not None and _names(spec, "live"):
            other = self._live(spec, live)
            document["live"] = other.document
            reports += other.reports
            if other.trouble is not None:
                unread["live"] = other.trouble
        certainty = None if approval.is_certain else self.histories.certainty(package, spec.gate.stage, now)
        evidence = Evidence(document=document, reports=reports, unread=unread, certainty=certainty)
        return self._with_soak(spec, approval, self._with_pin(spec, approval, package, read, evidence))

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
        return self.pinning.again(spec, approval.pin, package)

    def _with_soak(self, spec: Spec, approval: Approval, evidence: Evidence) -> Evidence:
        if spec.gate.soak is None:
            return evidence
        try:
            soaked = self.soaking.soaked(spec.gate.soak, approval, pinned=spec.gate.pin)
        except Unreadable as error:
            return replace(evidence, unread={**evidence.unread, "soak": str(error)})
        return replace(evidence, soaked=soaked)

    def _live(self, spec: Spec, version: str) -> _Part:
        package = self.registry.describe(version, spec.gate.stage)
        if package is None:
            return _Part({}, trouble=f"{version} does not exist any more")
        part = self._part(spec, package)
        try:
            card = self._card(spec, package) if _names(spec, "model_card") else None
        except Unreadable as error:
            return replace(part, trouble=str(error))
        return replace(part, document=part.document | {"model_card": card})

    def _part(self, spec: Spec, package: Package) -> _Part:
        described = package.description
        metrics: dict[str, dict[str, Any]] = {}
        reports: list[Report] = []
        troubles: list[str] = []
        for kind, name, source in _asked(spec, described.get("ModelMetrics", {})):
            try:
                content, report = self.artifacts.report(source["S3Uri"], (spec.model_artifacts, *spec.gate.reports))
                _compare(source, report)
            except Silent as error:
                troubles.append(str(error))
                break
            except Unreadable as error:
                troubles.append(str(error))
                continue
            metrics.setdefault(kind, {})[name] = content
            reports.append(report)
        document = {
            "package": described,
            "metrics": metrics,
            "customer_metadata": described.get("CustomerMetadataProperties", {}),
            "lifecycle": described.get("ModelLifeCycle"),
        }
        return _Part(document, tuple(reports), "; ".join(troubles) or None)

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


def _compare(source: Mapping[str, Any], report: Report) -> None:
    """Raise Unreadable if the report is not the one with the version's ContentDigest, if the version has one.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricsSource.html"""
    wanted = source.get("ContentDigest")
    if wanted is not None and wanted.lower() != f"sha256:{report.sha256}":
        found = f"its SHA-256 is {report.sha256}, and the version's ContentDigest is {wanted}"
        raise Unreadable(f"{report.uri} is not the report of this version: {found}")


def _asked(spec: Spec, described: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield kind, name and MetricsSource of each report of the package that a condition may use."""
    for kind, parts in REPORTS.items():
        for name in parts:
            source = described.get(kind, {}).get(name)
            if source and any(_asks(asked.expression, kind, name) for asked in spec.gate.require):
                yield kind, name, source


def _asks(expression: str, kind: str, name: str) -> bool:
    """True if the expression may use this report. The fields after `metrics` decide; without any it may use all."""
    return any(_may_be(steps, (kind, name)) for steps in condition.steps_after(expression, "metrics"))


def _may_be(steps: tuple[str, ...], report: tuple[str, str]) -> bool:
    kind, name = (*steps, "", "")[:2]
    if kind not in REPORTS:
        return True
    return kind == report[0] and (name not in REPORTS[kind] or name == report[1])
