"""`doctor`: is the gate alive, can it do its work, and who else may interfere?"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TypeVar

import click
from botocore.exceptions import ClientError

from ops import options
from ops.account import Account
from ops.checks.approvals import ApprovalCheck
from ops.checks.deployment import DeploymentCheck
from ops.checks.endpoint import EndpointCheck
from ops.checks.expectation import Answer, Expectation, advised, ask_all, compared, required
from ops.checks.gate import Clients, GateCheck
from ops.checks.judge import JudgeCheck
from ops.checks.outsiders import OutsidersCheck
from ops.checks.rollback import RollbackCheck
from ops.checks.shadow import ShadowCheck
from ops.errors import Refused
from ops.guard import guard
from ops.options import Options
from ops.policies import is_denial
from ops.render import findings as render
from ops.render.json_export import pretty
from ops.render.output import Output

T = TypeVar("T")


@click.command()
@options.optional_endpoint
@click.option("--print-guard", is_flag=True, help="Print the policy that keeps others off managed endpoints.")
@click.pass_obj
def doctor(chosen: Options, endpoint: str | None, print_guard: bool) -> Output:
    """Find out whether the gate is alive and can do its work, and who else may interfere. With ENDPOINT, also compare
    what is assumed about AWS with what this account shows, best right after a rollback. Only reads."""
    account = Account.of(chosen)
    if print_guard:
        if endpoint is not None:
            raise click.UsageError("--print-guard prints one policy for all endpoints. Leave ENDPOINT out.")
        policy = guard(account.partition, account.id, account.region)
        return Output(*pretty(policy), values=(policy,))
    clients = cache(account.client)
    known = _read(account.endpoints)
    if endpoint is not None and known is not None and endpoint not in known:
        account.rows(endpoint)
        raise Refused(f"The stack of {endpoint} is not deployed here, so there is nothing to check.")
    asked = _of_gate(account, clients, known or ())
    for name in (known or ()) if endpoint is None else (endpoint,):
        asked[f"The endpoint {name}"] = _of_endpoint(account, clients, known, name)
    asked["Others"] = OutsidersCheck(clients, [_arn(account, name) for name in known or ()]).expectations()
    if endpoint is not None:
        asked["What is assumed about AWS"] = _about_aws(account, clients, endpoint)
    sections = {title: ask_all(expectations) for title, expectations in asked.items()}
    every = [finding for findings in sections.values() for finding in findings]
    exit, failure = render.failure(every)
    parts = (*render.parts(sections), render.summary(every))
    return Output(*parts, values=render.values(sections), failure=failure, exit=exit)


def _of_gate(account: Account, clients: Clients, known: Sequence[str]) -> dict[str, list[Expectation]]:
    def listed() -> Answer:
        return compared(bool(account.endpoints()), ", ".join(known) or "there are none")

    deploy = "Describe an endpoint in endpoints.yaml, then make deploy."
    check = GateCheck(clients, account.topic, account.now)
    return {"The gate": [advised("it has endpoints", listed, deploy), *check.expectations()]}


def _of_endpoint(account: Account, clients: Clients, known: Sequence[str] | None, name: str) -> list[Expectation]:
    if known is None:
        return [required("its spec can be read", lambda: compared(bool(account.endpoints()), "it can"))]
    specs = [spec for each in known if (spec := account.spec(each)) is not None]
    head = partial(account.head, name)
    return EndpointCheck(clients, name, head, account.spec(name), specs, account.now).expectations()


def _about_aws(account: Account, clients: Clients, endpoint: str) -> list[Expectation]:
    deployed = DeploymentCheck(clients, account.now).assumptions()
    rows = _read(partial(account.rows, endpoint))
    if rows is None:
        return [*deployed, required("its rows can be read", lambda: compared(bool(account.rows(endpoint)), "rows"))]
    return [
        *deployed,
        *RollbackCheck(clients, endpoint, rows).assumptions(),
        *JudgeCheck(clients, endpoint, rows).assumptions(),
        *ShadowCheck(clients, endpoint, rows).assumptions(),
        *ApprovalCheck(clients, rows).assumptions(),
    ]


def _read(read: Callable[[], T]) -> T | None:
    """Return what is read; None if the caller may not read it. An expectation says so, and the rest goes on."""
    try:
        return read()
    except ClientError as error:
        if is_denial(error):
            return None
        raise


def _arn(account: Account, endpoint: str) -> str:
    return f"arn:{account.partition}:sagemaker:{account.region}:{account.id}:endpoint/{endpoint.lower()}"
