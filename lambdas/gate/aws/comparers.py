"""The comparers' queues. Each endpoint whose shadows' answers are compared has one."""

from contextlib import suppress
from typing import Any

from lambdas.gate.aws.errors import FAILURES
from lambdas.gate.aws.inbox import Inbox
from lambdas.gate.spec.shadow import Comparer
from lambdas.gate.state.answers import AnswersTask


class Comparers:
    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs

    def ask(self, comparer: Comparer, task: AnswersTask) -> None:
        """Send a task. If that fails, the rung lacks these answers, and nothing else."""
        with suppress(*FAILURES):
            Inbox(self._sqs, comparer.queue_url).send(task.message(), 0)
