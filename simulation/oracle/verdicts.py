"""What the rows say about the judge's verdicts, against what the versions truly do."""

from lambdas.gate.state.comparison import Verdict
from lambdas.gate.state.fact import Kind, Row
from lambdas.gate.transitions import verdict
from simulation.world.example import short
from simulation.world.resources import Quality
from simulation.world.world import World


def misjudged(world: World, rows: list[Row]) -> list[str]:
    """Return violations of: a verdict follows from the minutes of its row, which both fleets shared, and is true."""
    found = []
    for row in (row for row in rows if row.fact.kind is Kind.JUDGED):
        detail, version = row.fact.detail, str(row.fact.version)
        if problem := verdict.misjudged(detail):
            found.append(f"22: row {row.number}: {problem}")
        if any(not (old and new) for _, old, _, new, *_ in detail["minutes"]):
            found.append(f"22: the verdict on {short(version)} rests on a minute without both fleets")
        for signal, quality in (
            (detail["comparison"], Quality.WORSE),
            (detail["comparison"].get("latency"), Quality.SLOWER),
        ):
            if signal and signal["verdict"] == Verdict.WORSE and world.quality(version) is not quality:
                found.append(f"22: {short(version)} was found {quality}, and is not")
    return found
