"""CloudWatch: metrics, and alarms that are evaluated on the simulated clock. moto never evaluates an alarm."""

from collections.abc import Callable

from sandbox.clock import Clock
from sandbox.cloudwatch.alarm_actions import AlarmActions
from sandbox.events.event_bus import EventBus
from sandbox.surroundings import SandboxSurroundings
from world.account import Account
from world.alarms.alarm import Alarm, Status
from world.alarms.alarms import Alarms
from world.alarms.evaluator import Evaluator


class CloudWatch:
    def __init__(self, clock: Clock, events: EventBus, account: Account) -> None:
        surroundings = SandboxSurroundings(clock, events, account)
        self.on_alarm: Callable[[], None] = lambda: None
        """Called when an alarm has changed its state."""
        self.alarms = Alarms(surroundings, self._changed)
        evaluator = surroundings.parts["evaluator"] = Evaluator(surroundings, self.alarms)
        self.metrics = evaluator.metrics
        self.operations = evaluator.operations()
        self._changedions = AlarmActions(account)

    def _changed(self, alarm: Alarm, before: Status) -> None:
        self.on_alarm()
        for action in alarm.configuration.actions(alarm.state):
            self.alarms.record_action(alarm, action, self._changedions.execute(alarm, action, before.value))
