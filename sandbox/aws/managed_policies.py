"""AWS's own managed policies, which moto holds but does not offer unless told to."""

import moto.iam.models


def serve() -> None:
    """Offer them in every account that is first used from now on."""
    moto.iam.models.load_iam_aws_managed_policies = lambda: True
