"""Identities: who approved and who registered, as SageMaker's UserContext or CloudTrail's userIdentity tell it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """`arn` is IamIdentity's, of a user or of an assumed role's session; `user_profile` is the Studio profile's ARN.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UserContext.html"""

    arn: str | None = None
    principal_id: str | None = None
    source_identity: str | None = None
    user_profile: str | None = None
