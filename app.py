"""The CDK app: endpoints.yaml → one GateStack, and one EndpointStack per endpoint.

`-c endpoints=FILE` takes another file. Removing an entry does not destroy its stack, which this app then no longer
knows: run `cdk destroy ApprovalGate-NAME` before, or `aws cloudformation delete-stack --stack-name ApprovalGate-NAME`
after. Either way the endpoint keeps serving.
"""

import sys
from pathlib import Path

from aws_cdk import App

from infra.asset import bundle
from infra.config.load import load
from infra.config.problem import ConfigError
from infra.stacks import add_stacks


def main() -> None:
    app = App(analytics_reporting=False)
    try:
        config = load(Path(app.node.try_get_context("endpoints") or "endpoints.yaml"))
    except ConfigError as error:
        sys.exit(str(error))
    add_stacks(app, config, bundle.build())
    app.synth()


if __name__ == "__main__":
    main()
