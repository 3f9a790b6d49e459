"""`adopt`: print the entry that keeps what an endpoint has."""

import click

from lambdas.gate.aws.hosting import Hosting
from lambdas.gate.aws.registry import Registry
from ops import options
from ops.account import Account
from ops.errors import Refused
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
    found = hosting.endpoint(endpoint)
    if found is None:
        raise Refused(f"SageMaker has no endpoint {endpoint!r} here. Use --region to choose another Region.")
    version = hosting.served_version(found.config)
    package = Registry(sagemaker).describe(version) if version else None
    return Output(*render.lines(endpoint, hosting.adopted(found.config), package))
