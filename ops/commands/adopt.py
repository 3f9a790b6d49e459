"""`adopt`: print the entry that keeps what an endpoint has."""

import re

import click

from lambdas.gate import names
from lambdas.gate.aws.errors import FAILURES
from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.registry import Registry
from ops import options
from ops.account import Account, shown
from ops.errors import Exit, Refused
from ops.options import Options
from ops.render import entry as render
from ops.render.output import Output


@click.command()
@options.endpoint
@click.pass_obj
def adopt(chosen: Options, endpoint: str) -> Output:
    """Print an entry for endpoints.yaml that keeps what ENDPOINT has today: its variant, VPC, keys, variables, data
    capture and time limits. A comment names what no entry can keep. Only reads; the entry need not exist yet."""
    account = Account.of(chosen)
    sagemaker = account.client("sagemaker")
    hosting = Hosting(sagemaker, sagemaker, account.client("application-autoscaling"))
    found = hosting.endpoint(endpoint) if re.fullmatch(names.ENDPOINT_NAME, endpoint) else None
    if found is None:
        said = f"SageMaker has no endpoint {shown(endpoint)} here. Use --region to choose another Region."
        raise Refused(said, Exit.NEVER_HEARD_OF)
    try:
        version = hosting.served_by(found.config).version
        package = Registry(sagemaker).describe(version) if version else None
        adopted = hosting.adopted(found.config)
    except FAILURES as error:
        raise Refused(f"What {endpoint} has cannot be read: {error}", Exit.UNREADABLE) from error
    lines = tuple(render.lines(endpoint, adopted, package))
    return Output(*lines, values=({"endpoint": endpoint, "entry": "\n".join(lines)},))
