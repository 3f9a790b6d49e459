"""The ARN that an operator claims is proved by IAM, or it is a claim."""

from typing import Any

import pytest

from lambdas.gate.aws.iam import Principals
from tests.lambdas.stubbed import stubbed

ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/ops/alice"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Operators/alice@example.com"
PATH = {"Path": "/", "CreateDate": "2026-11-30T00:00:00Z"}


def user(id: str = "AIDAALICEALICEALICE1", arn: str = USER) -> dict[str, Any]:
    return {"User": {"UserName": "alice", "UserId": id, "Arn": arn} | PATH}


def role(id: str = "AROAROLEROLEROLEROLE", account: str = ACCOUNT) -> dict[str, Any]:
    arn = f"arn:aws:iam::{account}:role/Operators"
    return {"Role": {"RoleName": "Operators", "RoleId": id, "Arn": arn} | PATH}


@pytest.mark.parametrize(
    ("sender", "answer", "is_proved"),
    [
        ("AIDAALICEALICEALICE1", user(), True),
        ("AIDABOBBOBBOBBOBBOB1", user(), False),
        ("AIDAALICEALICEALICE1", user(arn=f"arn:aws:iam::{ACCOUNT}:user/alice"), False),
    ],
    ids=["the sender", "somebody else", "another path"],
)
def test_a_user_is_proved_by_the_unique_id(sender: str, answer: dict[str, Any], is_proved: bool) -> None:
    with stubbed("iam") as iam:
        iam.add_response("get_user", answer, {"UserName": "alice"})
        assert Principals(lambda: iam.client).proved(sender, USER) == (USER if is_proved else None)


@pytest.mark.parametrize(
    ("sender", "answer", "is_proved"),
    [
        ("AROAROLEROLEROLEROLE:alice@example.com", role(), True),
        ("AROAROLEROLEROLEROLE:bob@example.com", role(), False),
        ("AROAOTHEROTHEROTHERO:alice@example.com", role(), False),
        ("AROAROLEROLEROLEROLE:alice@example.com", role(account="210987654321"), False),
    ],
    ids=["the sender", "another session", "another role", "another account"],
)
def test_a_session_is_proved_by_its_role_and_its_name(sender: str, answer: dict[str, Any], is_proved: bool) -> None:
    with stubbed("iam") as iam:
        iam.add_response("get_role", answer, {"RoleName": "Operators"})
        assert Principals(lambda: iam.client).proved(sender, SESSION) == (SESSION if is_proved else None)


@pytest.mark.parametrize("code", ["NoSuchEntity", "AccessDenied", "Throttling"])
def test_without_an_answer_nothing_is_proved(code: str) -> None:
    with stubbed("iam") as iam:
        iam.add_client_error("get_user", code)
        assert Principals(lambda: iam.client).proved("AIDAALICEALICEALICE1", USER) is None


@pytest.mark.parametrize("claimed", ["", "alice", f"arn:aws:iam::{ACCOUNT}:root", f"{USER}\n", "arn:aws:iam::1:user/x"])
def test_other_claims_are_not_even_asked_about(claimed: str) -> None:
    def never() -> Any:
        raise AssertionError("IAM was asked")

    assert Principals(never).proved("AIDAALICEALICEALICE1", claimed) is None
