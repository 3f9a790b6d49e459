"""What the receiver of a message is told."""

from world.call import Caller
from world.message import Message, sender_id


def test_the_attributes_tell_how_often_it_came_and_who_sent_it() -> None:
    sender = sender_id(Caller("arn:aws:sts::123456789012:assumed-role/operator/ann", "AROAEXAMPLE:ann"))
    received = Message("{}", 1, sender, 1_800_000_000.25).receive(1_800_000_001).receive(1_800_000_361)
    assert received.attributes() == {
        "ApproximateReceiveCount": "2",
        "SentTimestamp": "1800000000250",
        "SenderId": "AROAEXAMPLE:ann",
        "ApproximateFirstReceiveTimestamp": "1800000001000",
    }
