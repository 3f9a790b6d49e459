"""The keys of `functions`."""

from typing import Annotated

from infra.config.sections.section import Section, key
from infra.config.sections.texts import KmsKey


class Functions(Section):
    """The functions of the stacks."""

    EXAMPLE = (
        "functions: {reserve_concurrency: true, "
        "logs_kms_key: arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f}"
    )
    reserve_concurrency: Annotated[
        bool,
        key(
            "True reserves concurrency for deployer, publisher and janitor. A new account has a quota of 10, of which "
            "none may be reserved."
        ),
    ] = False
    logs_kms_key: Annotated[
        KmsKey | None,
        key("KMS key for the log groups of the functions. Its policy must let CloudWatch Logs of this Region use it."),
    ] = None
