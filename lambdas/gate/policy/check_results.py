"""The gate's minutes: what a row of the ledger keeps of a verdict and of what it rests on."""

import dataclasses
from typing import Any

from lambdas.gate.policy.verdict import Verdict
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.observed import Observed, Package


def minutes(verdict: Verdict, approval: Approval, observed: Observed) -> dict[str, Any]:
    """The answer, each check, the reports that were read, where the version came from, and what was pinned."""
    package = observed.packages.get(approval.version)
    return {
        "answer": verdict.answer,
        "reason": verdict.reason,
        "checks": [dataclasses.asdict(check) for check in verdict.checks],
        "reports": [dataclasses.asdict(report) for report in observed.evidence.reports] if observed.evidence else [],
        "provenance": _provenance(package) if package else None,
        "pin": dataclasses.asdict(approval.pin) if approval.pin else None,
    }


def _provenance(package: Package) -> dict[str, Any]:
    """Training run, commit and data, as far as the package tells.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetadataProperties.html"""
    described = package.description
    return {
        "metadata_properties": described.get("MetadataProperties"),
        "customer_metadata": described.get("CustomerMetadataProperties"),
        "source_uri": described.get("SourceUri"),
        "model_card_status": described.get("ModelCard", {}).get("ModelCardStatus"),
        "lifecycle": described.get("ModelLifeCycle"),
        "created_by": dataclasses.asdict(package.registered_by) if package.registered_by else None,
        "created_at": described.get("CreationTime"),
    }
