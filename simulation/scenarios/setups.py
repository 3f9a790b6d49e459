"""What may be there before a scenario begins, as acts on the clock."""

from lambdas.gate.spec.spec import Stage
from simulation.scenarios.acts.conditions import ask
from simulation.scenarios.acts.endpoint_kinds import write_asynchronous_spec, write_serverless_spec
from simulation.scenarios.acts.endpoints import adopt, adopt_other_variant, adopt_shadow
from simulation.scenarios.acts.evidence import make_all
from simulation.scenarios.acts.floor import write_floor
from simulation.scenarios.acts.specs import write_spec
from simulation.scenarios.acts.versions import PRODUCTION, approve, at_stage
from simulation.scenarios.scenario import Timed, script

FIRST = script((0, write_spec), (10, approve(1)))
FIRST_SERVERLESS = script((0, write_serverless_spec), (10, approve(1)))
FIRST_ASYNCHRONOUS = script((0, write_asynchronous_spec), (10, approve(1)))
FIRST_GOVERNED = script((0, make_all), (1, ask()), (10, approve(1)))

SETUPS: dict[str, tuple[Timed, ...]] = {
    "missing": (),
    "adopted": script((0, adopt)),
    "other-variant": script((0, adopt_other_variant)),
    "shadowed": script((0, adopt_shadow)),
    "serving": FIRST,
    "serverless": FIRST_SERVERLESS,
    "asynchronous": FIRST_ASYNCHRONOUS,
    "two": (*FIRST, *script((400, approve(2)))),
    "made": script((0, make_all)),
    "governed": FIRST_GOVERNED,
    "copied": FIRST_GOVERNED,
    "floored": (*script((0, write_floor())), *FIRST_GOVERNED),
    "governed-two": (*FIRST_GOVERNED, *script((400, approve(2)))),
    "staged": script((0, make_all), (0, at_stage(1)), (1, ask(stage=Stage(*PRODUCTION))), (10, approve(1))),
    "three": (*FIRST, *script((400, approve(2)), (1500, approve(3)))),
}
SETUP_SECONDS = {
    "serving": 400.0,
    "serverless": 400.0,
    "asynchronous": 400.0,
    "two": 1500.0,
    "three": 2600.0,
    "made": 2.0,
    "governed": 400.0,
    "copied": 400.0,
    "floored": 400.0,
    "governed-two": 1500.0,
    "staged": 400.0,
}
"""How many seconds each set-up takes. The others take one."""
