"""What an acceptance run itself sees of what AWS does not document, while it waits and by calls made for that."""

from collections.abc import Iterator
from typing import Any

from lambdas.gate.text import counted
from ops.acceptance.run import Run
from ops.checks.assumptions import ASSUMED
from ops.checks.expectation import Answer, Expectation, compared, either, not_seen

ROLLING_BACK = "RollingBack"
NAMES_OLD, NAMES_NEW = "Updating, with the old config", "Updating, with the new config"
LIVE_CONFIG, MISSING_ALARM = "update to the config in service", "update with an alarm that does not exist"
DIGEST, CONTAINERS = "ImageDigest of a version", "containers of a model"
"""What a run keeps of what it saw or of what was answered, by these names in `Run.made`."""


def readings(endpoint: dict[str, Any], new_config: str | None) -> Iterator[str]:
    """Yield what an answer of DescribeEndpoint shows. `new_config`: that of the rollout in flight; None if it is not
    known."""
    status = endpoint["EndpointStatus"]
    yield status
    if status == "Updating" and new_config is not None:
        yield NAMES_NEW if endpoint["EndpointConfigName"] == new_config else NAMES_OLD


class SeenCheck:
    def __init__(self, run: Run) -> None:
        self._run = run

    def assumptions(self) -> list[Expectation]:
        """Return what the run itself shows."""
        asked = {
            "rolling_back_shows": self._rolling_back,
            "updating_shows_old_config": self._old_config,
            "live_config_refused": lambda: self._update(LIVE_CONFIG),
            "firing_alarm_refused": lambda: self._update(MISSING_ALARM),
            "image_digest_filled_in": self._digest,
            "model_shows_containers": self._containers,
        }
        return [either(ASSUMED[name], ask, name) for name, ask in asked.items()]

    def _rolling_back(self) -> Answer:
        """A rollback may be short, so not to see it shows nothing. The deployer's log says more."""
        seen = self._run.readings.get(ROLLING_BACK, 0)
        return compared(True, f"read {counted(seen, 'time')}") if seen else not_seen("no reading saw it")

    def _old_config(self) -> Answer:
        old, new = (self._run.readings.get(name, 0) for name in (NAMES_OLD, NAMES_NEW))
        if not old and not new:
            return not_seen("no update was seen in flight")
        return compared(not new, f"the old config in {counted(old, 'reading')}, the new one in {new}")

    def _update(self, name: str) -> Answer:
        """The call's result is a pair, so that an answer of None is an answer."""
        if name not in self._run.made:
            return not_seen("the run did not come to that call")
        refused = self._run.made[name]["refused"]
        return compared(refused is None, "it was taken" if refused is None else f"it was refused: {refused}")

    def _digest(self) -> Answer:
        if DIGEST not in self._run.made:
            return not_seen("no version was registered")
        found = self._run.made[DIGEST]
        return compared(bool(found), "the version has one" if found else "the version has none")

    def _containers(self) -> Answer:
        if CONTAINERS not in self._run.made:
            return not_seen("no version was live")
        shows = self._run.made[CONTAINERS]
        return compared(not shows, f"DescribeModel shows {', '.join(shows)}" if shows else "it shows the package alone")
