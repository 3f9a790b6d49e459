"""Check results: the part of a row's detail that stores a verdict and its evidence."""

import dataclasses
from typing import Any

from lambdas.gate.policy.verdict import Check, Verdict
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.observed import Observed, Package


def check_results(verdict: Verdict, approval: Approval, observed: Observed) -> dict[str, Any]:
    """Return the answer, each check, the version of the floor's parameter, the reports that were read, the version's
    provenance, and its pin."""
    package = observed.packages.get(approval.version)
    return {
        "answer": verdict.answer,
        "reason": verdict.reason,
        "checks": [_stored(check) for check in verdict.checks],
        **({"floor": {"version": observed.floor.version}} if observed.floor else {}),
        "reports": [dataclasses.asdict(report) for report in observed.evidence.reports] if observed.evidence else [],
        "provenance": _provenance(package) if package else None,
        "pin": dataclasses.asdict(approval.pin) if approval.pin else None,
    }


def _stored(check: Check) -> dict[str, Any]:
    fields = dataclasses.asdict(check)
    del fields["about"]
    return fields


def _provenance(package: Package) -> dict[str, Any]:
    """Return the training run, the commit and the data that the package names.
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
