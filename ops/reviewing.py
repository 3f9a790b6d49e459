"""Setting a version's approval status in the model registry, as the caller, whose permissions AWS checks."""

from contextlib import suppress

from botocore.exceptions import ClientError

from lambdas.gate.state.approval import version_label
from ops.account import Account
from ops.errors import Exit, Refused
from ops.options import Options
from ops.render.output import Output
from ops.versions import Asked, described


def decide(chosen: Options, endpoint: str, asked: Asked, status: str, comment: str | None) -> Output:
    """Set the version's approval status, and return the answer to the command. Raises Refused if there is no such
    version, if it cannot be one of the endpoint, or if the caller may not set its status.

    A reviewer needs no access to the ledger. To name a version by its number alone, the caller must be able to read the
    endpoint's spec.
    """
    account = Account.of(chosen)
    package = described(account, _arn(account, endpoint, asked))
    if package is None:
        raise Refused(f"There is no version {asked}: the registry does not have it.", Exit.NEVER_HEARD_OF)
    label = version_label(package.version)
    request = {"ModelPackageArn": package.version, "ModelApprovalStatus": status}
    described_by = {} if comment is None else {"ApprovalDescription": comment}
    account.client("sagemaker").update_model_package(**request, **described_by)
    then = f"To see what follows: approval-gate wait {endpoint} {label.rpartition('/')[2]}"
    values = ({"endpoint": endpoint, "version": package.version, "status": status, "before": package.approval_status},)
    return Output(f"{label} is {status}. {then}", values=values)


def _arn(account: Account, endpoint: str, asked: Asked) -> str:
    """Return the ARN of the version. The endpoint's group is compared if the caller may read it."""
    if asked.group is None:
        account.require(endpoint)
    group = None
    with suppress(ClientError):
        group = account.group(endpoint)
    if asked.group is not None and group is not None and asked.group.lower() != group.lower():
        raise Refused(f"{asked} is of another group: {endpoint} follows {group}.", Exit.WRONG_CALL)
    named = group if asked.group is None else asked.group
    if named is None:
        raise Refused(f"The model package group of {endpoint} cannot be read from its spec.", Exit.UNREADABLE)
    return asked.arn or f"{account.version_prefix(named)}{asked.number}"
