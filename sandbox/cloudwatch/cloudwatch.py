"""CloudWatch: metrics, and alarms that are evaluated on the simulated clock. moto never evaluates an alarm."""

from sandbox.cloudwatch.alarm_actions import AlarmActions
from sandbox.sagemaker.surroundings import SandboxSurroundings
from world.alarms.alarm import Alarm, Status
from world.alarms.alarms import Alarms
from world.alarms.evaluator import Evaluator


class CloudWatch:
    def __init__(self, surroundings: SandboxSurroundings) -> None:
        self.alarms = Alarms(surroundings, self._act)
        evaluator = surroundings.parts["evaluator"] = Evaluator(surroundings, self.alarms)
        self.metrics = evaluator.metrics
        self.operations = evaluator.operations()
        self._actions = AlarmActions(surroundings.account)

    def _act(self, alarm: Alarm, before: Status) -> None:
        for action in alarm.configuration.actions(alarm.state):
            self.alarms.record_action(alarm, action, self._actions.execute(alarm, action, before.value))
