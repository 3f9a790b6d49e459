"""SageMaker Runtime: a fleet that has traffic answers InvokeEndpoint."""

import io
from typing import Any

from simulation.world.registry import ACCOUNT
from simulation.world.resources import Quality
from simulation.world.world import World
from world.call import Call
from world.refusal import Refusal

RIGHT, WRONG = b"0.9", b"0.1"
OLD, NEW = b"an old friend", b"a newcomer"
"""Bodies of requests. While both fleets have traffic, the first goes to the old fleet and the second to the new one."""


def invoke_endpoint(world: World, call: Call) -> dict[str, Any]:
    name = call.request["EndpointName"]
    endpoint = world.hosting.endpoints.get(name)
    if endpoint is None or endpoint.status in ("Creating", "Failed", "Deleting"):
        raise Refusal("ValidationError", f"Endpoint {name} of account {ACCOUNT} not found.")
    is_new = endpoint.share == 1 or (endpoint.share and call.request["Body"] == NEW)
    config = (endpoint.pending_config if is_new else None) or endpoint.config
    answer = WRONG if world.quality(world.hosting.version(config)) is Quality.WRONG else RIGHT
    return {"Body": io.BytesIO(answer), "ContentType": "text/csv"}
