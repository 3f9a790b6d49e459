"""Reads from AWS what a file of endpoints is compared with."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.gate import names
from lambdas.gate.aws.errors import AwsError, NotFound, translated
from lambdas.gate.aws.ledger import Altered
from lambdas.gate.settings import Settings, SettingsError
from lambdas.gate.spec.floor import Floor, FloorRead
from lambdas.gate.spec.spec import Spec, SpecError
from lambdas.janitor.policy import Policy
from ops.account import Account
from ops.errors import Refused
from ops.preview import endpoint, sections
from ops.preview.endpoint import EndpointPreview, Known
from ops.preview.sections import Deployed, GatePreview, floor_keys

if TYPE_CHECKING:
    from infra.config.load import Configuration


class Preview(NamedTuple):
    """`endpoints`: those of the file and those that are deployed, by name. `gate`: what they share."""

    endpoints: tuple[EndpointPreview, ...]
    gate: GatePreview


def previewed(account: Account, config: "Configuration") -> Preview:
    """Return what the deployment of the file would change."""
    from infra.config.requirements import minutes_between_reconciles  # noqa: PLC0415 - The file's keys are large.

    deployed = account.endpoints()
    specs = {each.name: each.spec(account.execution_roles.arn(each.name)) for each in config.endpoints}
    shared, floor = _shared(account)
    asked = FloorRead(config.gate_floor) if config.gate_floor else None
    # With a floor that cannot be read, its checks would seem new.
    floors = asked if "gate_floor" in shared.unread else floor, asked
    all_paused = account.all_paused() if deployed else None
    found = [
        endpoint.removed(name)
        if name not in specs
        else _compared(account, specs[name], floors, all_paused)
        if name in deployed
        else endpoint.new(specs[name])
        for name in sorted({*specs, *deployed})
    ]
    before = tuple(map(account.spec, deployed))
    minutes = minutes_between_reconciles(len(deployed)), minutes_between_reconciles(len(specs))
    return Preview(tuple(found), sections.preview(config, shared, before, specs.values(), minutes))


def _compared(
    account: Account, spec: Spec, floors: tuple[FloorRead | None, FloorRead | None], all_paused: str | None
) -> EndpointPreview:
    """Return the preview of a deployed endpoint. Its rows are read only if an approval waits."""
    name, old = spec.endpoint, account.spec(spec.endpoint)
    if old is None:
        return endpoint.unreadable(name, "its deployed spec cannot be read: another release wrote it")
    try:
        head = account.head(name)
        rows = account.rows(name) if head is not None and head.approvals else ()
    except (Altered, Refused) as error:
        return endpoint.unreadable(name, str(error))
    known = Known(head, rows, *floors, all_paused, account.now)
    return endpoint.changed(old, endpoint.decided_by_the_file(spec, old), known)


def _shared(account: Account) -> tuple[Deployed, FloorRead | None]:
    """Return what is deployed of the shared stack, and its floor; None if there is none, or if it cannot be read."""
    found: dict[str, Any] = {}
    unread: dict[str, str] = {}
    for keys, read in _READS.items():
        try:
            with translated():
                found |= dict(zip(keys, read(account), strict=True))
        except _NotDeployed:
            return Deployed(is_there=False), None
        except (AwsError, ClientError, BotoCoreError, SettingsError, SpecError) as error:
            unread |= dict.fromkeys(keys, str(error))
    if "gate_floor" in unread:
        return Deployed(found, unread), None
    floor: Floor | None = found["gate_floor"]
    return Deployed(found | {"gate_floor": floor_keys(floor)}, unread), FloorRead(floor) if floor else None


class _NotDeployed(Exception):
    """There is no shared stack here."""


def _deployer(account: Account) -> tuple[Any, ...]:
    try:
        with translated():
            settings = Settings.from_env(_environment(account, names.DEPLOYER))
    except NotFound as error:
        raise _NotDeployed from error
    return bool(settings.copy_bucket), settings.annotate_registry, bool(settings.seal_key)


def _janitor(account: Account) -> tuple[Any, ...]:
    try:
        with translated():
            policy = Policy.from_env(_environment(account, names.JANITOR))
    except NotFound:
        return ({"mode": "off"},)
    numbers = {name: getattr(policy, name) for name in ("retention_days", "keep_good", "failed_endpoint_days")}
    return ({"mode": policy.mode.value, **numbers},)


def _environment(account: Account, function: str) -> dict[str, str]:
    answer = account.client("lambda").get_function_configuration(FunctionName=function)
    found: dict[str, str] = answer.get("Environment", {}).get("Variables", {})
    return found


def _floor(account: Account) -> tuple[Any, ...]:
    try:
        with translated():
            answer = account.client("ssm").get_parameter(Name=names.FLOOR_PARAMETER)
    except NotFound:
        return (None,)
    return (Floor.from_json(answer["Parameter"]["Value"]),)


def _table_key(account: Account) -> tuple[Any, ...]:
    table = account.dynamodb.describe_table(TableName=names.LEDGER)["Table"]
    return (table.get("SSEDescription", {}).get("KMSMasterKeyArn"),)


def _reserved(account: Account) -> tuple[Any, ...]:
    """Read it of the publisher: somebody who stops the deployer reserves 0 for that."""
    answer = account.client("lambda").get_function_concurrency(FunctionName=names.PUBLISHER)
    return ("ReservedConcurrentExecutions" in answer,)


def _logs_key(account: Account) -> tuple[Any, ...]:
    name = f"/aws/lambda/{names.DEPLOYER}"
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return (next((group.get("kmsKeyId") for group in groups if group["logGroupName"] == name), None),)


_READS: dict[tuple[str, ...], Callable[[Account], tuple[Any, ...]]] = {
    ("ledger.copy", "ledger.annotate_registry", "ledger.seal"): _deployer,
    ("janitor",): _janitor,
    ("gate_floor",): _floor,
    ("ledger.kms_key",): _table_key,
    ("functions.reserve_concurrency",): _reserved,
    ("functions.logs_kms_key",): _logs_key,
}
"""Sections of the file → what reads them as they are deployed. The first one tells whether the stack exists."""
