"""The spec asks for more than an approval."""

import dataclasses
from typing import Any

from lambdas.gate.spec.spec import Condition, Freeze, Gate
from simulation.scenarios.scenario import Do
from simulation.world.example import SPEC

F1 = "metrics.ModelQuality.Statistics.f1"
CONDITIONS = {
    "f1": f"{F1} >= `0.8`",
    "not-low": f"!({F1} < `0.8`)",
    "no-worse": f"live == `null` || {F1} >= live.{F1}",
    "risk-review": "customer_metadata.risk == 'passed'",
}
FREEZE = Freeze("15 9 * * *", 0.25, "Europe/Vienna")
"""The freeze of `oracle.gate.FREEZE`, which is an hour earlier in UTC."""


def require(*conditions: str) -> tuple[Condition, ...]:
    return tuple(Condition(name, CONDITIONS[name]) for name in conditions)


def ask(**policy: Any) -> Do:
    return lambda world: world.write_spec(dataclasses.replace(SPEC, gate=Gate(**policy)))
