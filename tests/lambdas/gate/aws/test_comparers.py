"""How the deployer asks a comparer."""

import pytest

from lambdas.gate.aws.comparers import Comparers
from lambdas.gate.spec.shadow import Comparer
from tests.lambdas.gate.state.test_answers import TASK
from tests.lambdas.stubbed import stubbed

COMPARER = Comparer("AROACOMPARER", "https://sqs.us-east-1.amazonaws.com/123456789012/approval-gate-comparer-churn")


def test_a_task_goes_to_the_comparers_own_queue() -> None:
    sent = {"QueueUrl": COMPARER.queue_url, "MessageBody": TASK.message(), "DelaySeconds": 0}
    with stubbed("sqs") as stub:
        stub.add_response("send_message", {"MessageId": "m"}, sent)
        Comparers(stub.client).ask(COMPARER, TASK)


@pytest.mark.parametrize("code", ["AccessDenied", "AWS.SimpleQueueService.NonExistentQueue", "InternalError"])
def test_a_comparer_that_cannot_be_asked_stops_no_reconcile(code: str) -> None:
    with stubbed("sqs") as stub:
        stub.add_client_error("send_message", code)
        Comparers(stub.client).ask(COMPARER, TASK)
