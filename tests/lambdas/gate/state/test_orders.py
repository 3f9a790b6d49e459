"""An order is a small message that is read strictly, and a stamp that only AWS writes."""

import json
from typing import Any

import pytest

from lambdas.gate import codec
from lambdas.gate.state.orders import MOST_BYTES, Order, OrderKind, Stamp, short_abort

ORDER = Order("0b4e2f4e-0000", OrderKind.OVERRIDE, "churn", "hotfix", "3", "freeze", "arn:aws:iam::1:user/alice")
PLAIN = json.loads(codec.encode(ORDER))


def test_what_is_sent_is_what_is_read() -> None:
    assert Order.from_message(codec.encode(ORDER)) == ORDER


@pytest.mark.parametrize("kind", ["pause", "resume", "abort"])
def test_one_order_may_be_for_all_endpoints(kind: str) -> None:
    order = Order.from_message(json.dumps({"id": "0b4e2f4e", "kind": kind, "endpoint": "*", "reason": "incident"}))
    assert order.endpoint == "*"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{",
        "[" * 10_000,
        "x" * (MOST_BYTES + 1),
        codec.encode(ORDER).replace("{", '{"kind":"abort",', 1),
        *(
            json.dumps(PLAIN | changed)
            for changed in (
                {"id": ""},
                {"id": "a/b/c/d/e"},
                {"id": "a" * 65},
                {"id": 7},
                {"kind": "approve"},
                {"kind": None},
                {"endpoint": "*"},
                {"endpoint": "../churn"},
                {"endpoint": "churn\n"},
                {"endpoint": ""},
                {"reason": None},
                {"reason": "x" * 4_001},
                {"version": ["3"]},
                {"check": "x" * 257},
                {"claimed": "x" * 2_049},
                {"who": "arn:aws:iam::1:user/bob"},
                {"sent_at": 0},
            )
        ),
        *(json.dumps({name: value for name, value in PLAIN.items() if name != left}) for left in ("id", "kind")),
    ],
    ids=lambda body: body[:40],
)
def test_anything_else_is_no_order(body: Any) -> None:
    with pytest.raises(ValueError, match=r"^it"):
        Order.from_message(body)


@pytest.mark.parametrize(
    ("sender", "is_person"),
    [
        ("AIDAIT2UOQQY3AUEKVGXU", True),
        ("AROAIT2UOQQY3AUEKVGXU:alice@example.com", True),
        ("123456789012", True),
        ("123456789012:federated", True),
        ("events.amazonaws.com", False),
        ("sns.amazonaws.com", False),
        ("", False),
        ("AROAIT2UOQQY3AUEKVGXU:alice bob", False),
    ],
)
def test_a_sender_is_a_user_or_a_session_and_no_service(sender: str, is_person: bool) -> None:
    assert Stamp(sender, 0.0).is_of_person is is_person


def test_only_orders_that_stop_things_live_longer() -> None:
    assert {kind.value: kind.lifetime for kind in OrderKind} == {
        "pause": 900,
        "abort": 900,
        "resume": 300,
        "promote": 300,
        "retry": 300,
        "rollback": 300,
        "override": 300,
        "reconcile": 300,
        "restore": 300,
    }


@pytest.mark.parametrize(
    ("lasts", "kind", "is_read"),
    [
        (60, OrderKind.PAUSE, True),
        (30 * 86_400, OrderKind.PAUSE, True),
        (59, OrderKind.PAUSE, False),
        (30 * 86_400 + 1, OrderKind.PAUSE, False),
        (-60, OrderKind.PAUSE, False),
        (600, OrderKind.RESUME, False),
        (600, OrderKind.ABORT, False),
    ],
)
def test_only_a_pause_lasts_for_a_time(lasts: int, kind: OrderKind, is_read: bool) -> None:
    order = Order("0b4e2f4e-0000", kind, "churn", "freeze", lasts=lasts)
    if is_read:
        assert Order.from_message(codec.encode(order)) == order
        return
    with pytest.raises(ValueError, match=r"^it lasts -?\d+ s, which only a pause may, from a minute to 30 days$"):
        Order.from_message(codec.encode(order))


def test_an_order_without_an_end_is_written_as_before() -> None:
    assert "lasts" not in codec.encode(ORDER)


def test_a_button_sends_an_order_without_quotes_and_spaces() -> None:
    order = Order.from_message(short_abort("churn-2", 4))
    assert order == Order(order.id, OrderKind.ABORT, "churn-2", "by a button in the chat", attempt=4)
    assert Order.from_message(codec.encode(order)) == order


def test_the_button_of_an_attempt_always_sends_the_same_order_and_no_other_does() -> None:
    sent = [("churn", 4), ("churn", 4), ("churn", 5), ("fraud", 4)]
    first, again, *others = (Order.from_message(short_abort(*each)).id for each in sent)
    assert first == again
    assert len({first, *others}) == 3


@pytest.mark.parametrize(
    "body",
    [
        "abort:churn",
        "abort:churn:0",
        "abort:churn:x",
        "abort:*:4",
        "abort:churn:4 ",
        "abort:churn:4\n",
        "pause:churn:4",
    ],
)
def test_no_other_text_is_a_short_order(body: str) -> None:
    with pytest.raises(ValueError, match="it does not have the fields of an order"):
        Order.from_message(body)


@pytest.mark.parametrize("changed", [{"kind": "pause"}, {"endpoint": "*"}])
def test_only_the_abort_on_one_endpoint_names_an_attempt(changed: dict[str, str]) -> None:
    plain = {"id": "0b4e2f4e", "kind": "abort", "endpoint": "churn", "reason": "r", "attempt": 4}
    assert Order.from_message(json.dumps(plain)).attempt == 4
    with pytest.raises(ValueError, match="it names an attempt"):
        Order.from_message(json.dumps(plain | changed))
