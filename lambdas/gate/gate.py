"""The gate: may this approved version be put on this endpoint? The place for the policy; a pure function over what
was read."""

from lambdas.gate.observed import Package
from lambdas.gate.verdict import Answer, Verdict


def authorise(package: Package | None) -> Verdict:
    """Approved and Completed at the last read. What cannot be read, or is not ready, holds; it never falls through
    to an older version. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html"""
    if package is None:
        return Verdict(Answer.REFUSED, "the version does not exist any more")
    if not package.is_approved:
        return Verdict(Answer.REFUSED, f"its approval status is {package.approval_status}")
    if package.status in ("Pending", "InProgress"):
        return Verdict(Answer.HELD, f"its package is still {package.status}")
    if package.status != "Completed":
        return Verdict(Answer.REFUSED, f"its package is {package.status}")
    return Verdict(Answer.PASSED, "Approved and Completed at the last read")
