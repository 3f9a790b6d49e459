"""The key of the ledger's seals. KMS never shows it, and only the functions that write rows may make a seal with it."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.permissions import arns
from infra.permissions.denials import deploying_role, only
from lambdas.gate import names

_CHANGES = (
    "kms:CreateGrant",
    "kms:DeleteAlias",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:UpdateAlias",
)
"""What would let somebody else make seals, let the alias name another key, or let nobody verify them. Both actions on
the alias need permission on its key too.
https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html"""


class Seal(Construct):
    """The key outlives the stack, because the rows do. `writers`: the names of the functions that write rows.

    Its policy lets IAM give permissions, as for every key, and denies to all others what the policies of most
    administrators allow.
    """

    def __init__(self, scope: Construct, id: str, *, writers: Sequence[str]) -> None:
        super().__init__(scope, id)
        self.key = kms.Key(
            self,
            "Key",
            alias=names.SEAL_KEY,
            description="Seals the rows of Approval Gate's ledger",
            key_spec=kms.KeySpec.HMAC_256,
            key_usage=kms.KeyUsage.GENERATE_VERIFY_MAC,
            removal_policy=RemovalPolicy.RETAIN,
        )
        roles = [arns.function_role(self, name) for name in writers]
        self.key.add_to_resource_policy(only("OnlyTheFunctions", ("kms:GenerateMac",), roles))
        self.key.add_to_resource_policy(only("OnlyDeployments", _CHANGES, [deploying_role(self)]))
