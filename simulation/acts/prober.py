"""The prober: what it finds comes as its message would, and its alarm fires as its metric would have it."""

import dataclasses

from lambdas.gate import alarms, names
from lambdas.gate.played import Played, Wrong
from lambdas.gate.spec import Golden
from simulation.endpoint import Endpoint
from simulation.example import NAME, SPEC
from simulation.scenario import Do
from simulation.world import World

MESSAGE = "golden requests"
"""The prober's message, as faults know it."""
DIGEST = "ab" * 32
PROBED = dataclasses.replace(SPEC, golden=Golden(DIGEST, 4))
WRONG = Wrong("a large payment", "0.1", "0.9")


def probe(world: World) -> None:
    """The endpoint's entry names golden requests from now on."""
    world.write_spec(PROBED)


def check(*, failed: bool = False) -> Do:
    """What is live is played the set alone."""

    def check(world: World) -> None:
        endpoint = world.hosting.endpoints.get(NAME)
        if endpoint is not None and endpoint.pending is None:
            _tell(world, endpoint.config, alone=True, failed=failed)

    return check


def check_whatever_is_live(world: World) -> None:
    """The spec was changed, and its event names no config."""
    _tell(world, None, alone=True, failed=False)


def answer(*, alone: bool, in_time: bool = True) -> Do:
    """The fleet to come is seen to answer wrong; `in_time`: before SageMaker's last look at the alarms."""

    def answer(world: World) -> None:
        endpoint = world.hosting.endpoints.get(NAME)
        if endpoint is None or not endpoint.taking_traffic or not endpoint.pending:
            return
        _tell(world, endpoint.pending, alone=alone, failed=True)
        if in_time and (alarm := _golden_alarm(world, endpoint, alone=alone)):
            world.fire(alarm)

    return answer


def _golden_alarm(world: World, endpoint: Endpoint, *, alone: bool) -> str | None:
    """The rollout's, if it watches answers that either fleet may have given, or these are the new one's for sure."""
    own = (world.alarms.alarms[name] for name in endpoint.alarms if name.endswith(f"/{alarms.GOLDEN}"))
    return next((alarm.name for alarm in own if alone or alarm.metric[0] == names.GOLDEN_METRIC), None)


def _tell(world: World, config: str | None, *, alone: bool, failed: bool) -> None:
    wrong = (WRONG,) if failed else ()
    body = Played(DIGEST, config, world.now, alone, len(wrong), wrong).message(NAME)
    world.deliver(MESSAGE, body)
