"""The reports that a version names and that conditions may ask about, and which object counts as which report. Pure.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelMetrics.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DriftCheckBaselines.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.gate.policy import condition
from lambdas.gate.spec.spec import Condition, Until
from lambdas.gate.state.evidence import Report
from lambdas.gate.state.pin import ReportPin

METRICS, BASELINES = "metrics", "baselines"
"""The parts of the evidence's document that consist of reports."""
FIELDS: Mapping[str, str] = {METRICS: "ModelMetrics", BASELINES: "DriftCheckBaselines"}
"""Part → the field of DescribeModelPackage that names its reports."""
REPORTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    METRICS: {
        "ModelQuality": ("Statistics", "Constraints"),
        "ModelDataQuality": ("Statistics", "Constraints"),
        "Bias": ("Report", "PreTrainingReport", "PostTrainingReport"),
        "Explainability": ("Report",),
    },
    BASELINES: {
        "ModelQuality": ("Statistics", "Constraints"),
        "ModelDataQuality": ("Statistics", "Constraints"),
        "Bias": ("ConfigFile", "PreTrainingConstraints", "PostTrainingConstraints"),
        "Explainability": ("Constraints", "ConfigFile"),
    },
}
"""Part → kind → names of its reports."""


@dataclass(frozen=True)
class NamedReport:
    """A report that a version names. `part`, `kind`, `name`: its place in the evidence's document. `digest`: the
    version's ContentDigest; None if it has none."""

    part: str
    kind: str
    name: str
    uri: str
    digest: str | None = None

    @property
    def path(self) -> str:
        """Its place in the document, as conditions write it: `metrics.ModelQuality.Statistics`."""
        return f"{self.part}.{self.kind}.{self.name}"


def named_reports(require: tuple[Condition, ...], description: Mapping[str, Any]) -> Iterator[NamedReport]:
    """Yield the reports of the version that a condition may use. `description`: DescribeModelPackage's answer."""
    for part, kinds in REPORTS.items():
        described = description.get(FIELDS[part], {})
        for kind, names in kinds.items():
            for name in names:
                source = described.get(kind, {}).get(name)
                if source and any(_asks(asked.expression, part, kind, name) for asked in require):
                    yield NamedReport(part, kind, name, source["S3Uri"], source.get("ContentDigest"))


def objection(
    named: NamedReport, read: Report, pinned: ReportPin | None, until: Until, written_until: float
) -> str | None:
    """Return why the report that was read is not the version's, in words; None if it is.

    `pinned`: the report when it was first seen; None if it was not asked about then. `written_until`: when the version
    was registered or approved, as `until` says, in seconds since 1970.

    1. A version with a ContentDigest has the report with these bytes, whenever they were written. The digest itself
       stays what it was.
    2. A report that could not be read when it was first seen may be another one now.
    3. A report that was first seen as another object was replaced, also if an older version of the object is back.
    4. A report that was written later is about something else. Times of S3 are whole seconds.
    """
    found = _difference(named, read, pinned, until, written_until)
    return f"{named.uri} is not the report of this version: {found}" if found else None


def _difference(
    named: NamedReport, read: Report, pinned: ReportPin | None, until: Until, written_until: float
) -> str | None:
    if pinned is not None and pinned.digest != named.digest:  # 1
        return f"its ContentDigest was {pinned.digest}, and is {named.digest}"
    if named.digest is not None:
        is_its = named.digest.lower() == f"sha256:{read.sha256}"
        wanted = f"its SHA-256 is {read.sha256}, and the version's ContentDigest is {named.digest}"
        return None if is_its else wanted
    again = "register a new version" if until is Until.REGISTRATION else "approve it again"
    if pinned is not None and pinned.found is None:  # 2
        return f"it could not be read when the version was first seen; {again}"
    if pinned is not None and pinned.found is not None and not read.is_of(pinned.found):  # 3
        return f"it was replaced since the version was first seen; {again}"
    if read.modified_at is not None and read.modified_at > written_until + 1:  # 4
        return f"it was written after the {until.value}; {again}"
    return None


def _asks(expression: str, part: str, kind: str, name: str) -> bool:
    """True if the expression may use this report. The fields after its part decide; without any it may use all."""
    return any(_may_be(steps, part, kind, name) for steps in condition.steps_after(expression, part))


def _may_be(steps: tuple[str, ...], part: str, kind: str, name: str) -> bool:
    asked_kind, asked_name = (*steps, "", "")[:2]
    if asked_kind not in REPORTS[part]:
        return True
    return asked_kind == kind and (asked_name not in REPORTS[part][kind] or asked_name == name)
