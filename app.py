"""The CDK app: endpoints.yaml → one GateStack, and one EndpointStack per endpoint.

`-c endpoints=FILE` takes another file; docs/deploy.md has the other context keys. Removing an entry does not destroy
its stack, which this app then no longer knows: run `cdk destroy ApprovalGate-NAME` before, or
`aws cloudformation delete-stack --stack-name ApprovalGate-NAME` after. Either way the endpoint keeps serving.
"""

import sys
from pathlib import Path

from infra.asset import bundle
from infra.config.context import load_context
from infra.config.load import load
from infra.config.problem import ConfigError
from infra.stacks import add_stacks, new_app


def main() -> None:
    app = new_app()
    try:
        context = load_context(app.node.get_all_context(), Path("cdk.json"))
        config = load(Path(context.endpoints))
    except ConfigError as error:
        sys.exit(str(error))
    add_stacks(app, config, bundle.build(runtime=context.runtime))
    app.synth()


if __name__ == "__main__":
    main()
