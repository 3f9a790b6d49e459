"""Let the janitor take the inventory of so many old models and configs: `python -m bench.grown.janitor COUNT`."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bench.grown.used import report
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.names import ENDPOINT_TAG
from lambdas.janitor.garbage import garbage
from lambdas.janitor.policy import Mode, Policy
from lambdas.janitor.take_inventory import PAGE, InventoryReader

NAME = "fraud-detection"
OLD = datetime(2020, 1, 1, tzinfo=UTC)
NOW = 1_800_000_000.0


def main(count: int) -> None:
    world, policy = Hosted(count), Policy(Mode.DRY_RUN, 30, 3, 30)
    inventory = InventoryReader(world, world, Ledger(world, "ledger")).take(policy, NOW)
    report(things=len(inventory.things), garbage=len(garbage(inventory, policy, NOW)), calls=world.calls)


class Hosted:
    """SageMaker with so many old models, a config for each, and no endpoint. CloudWatch and the ledger are empty."""

    def __init__(self, count: int) -> None:
        self.count, self.calls = count, 0

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        def call(**request: Any) -> dict[str, Any]:
            self.calls += 1
            match name:
                case "list_models":
                    return self._page("Model", request)
                case "list_endpoint_configs":
                    return self._page("EndpointConfig", request)
                case "list_tags":
                    return {"Tags": [{"Key": ENDPOINT_TAG, "Value": NAME}]}
                case "describe_endpoint_config":
                    model = request["EndpointConfigName"]
                    return {"ProductionVariants": [{"ModelName": model}]}
                case "list_endpoints":
                    return {"Endpoints": []}
                case "describe_alarms":
                    return {"MetricAlarms": []}
                case "get_item":
                    return {}
                case "query":
                    return {"Items": []}
            raise AssertionError(name)

        return call

    def _page(self, kind: str, request: dict[str, Any]) -> dict[str, Any]:
        start = int(request.get("NextToken", 0))
        end = min(start + PAGE, self.count)
        items = [
            {f"{kind}Name": f"gate-{n:06}", f"{kind}Arn": f"arn:{kind}:{n}", "CreationTime": OLD}
            for n in range(start, end)
        ]
        return {f"{kind}s": items, **({"NextToken": str(end)} if end < self.count else {})}


if __name__ == "__main__":
    main(int(sys.argv[1]))
