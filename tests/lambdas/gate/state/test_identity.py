import pytest

from lambdas.gate.state.identity import Comparison, Identity, compare

ACCOUNT = "123456789012"
SSO = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Reviewers_0123456789abcdef"


def profile(name: str) -> str:
    return f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:user-profile/d-1234567890ab/{name}"


def session(role: str, name: str = "session", account: str = ACCOUNT) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{role}/{name}"


ANN, BO = (Identity(arn=f"{SSO}/{name}@example.com") for name in ("ann", "bo"))
ROOT = Identity(arn=f"arn:aws:iam::{ACCOUNT}:root")


def user(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Identity(user_profile=profile("ann")), Identity(user_profile=profile("ann")), (True, "Studio user profile")),
        (Identity(user_profile=profile("ann")), Identity(user_profile=profile("bo")), (False, "Studio user profile")),
        (
            Identity(arn=session("studio"), user_profile=profile("ann")),
            Identity(arn=session("studio"), user_profile=profile("bo")),
            (False, "Studio user profile"),
        ),
        (
            Identity(arn=session("a"), source_identity="ann", user_profile=profile("ann")),
            Identity(arn=session("b"), source_identity="ann"),
            (True, "source identity"),
        ),
        (Identity(arn=session("a"), source_identity="ann"), Identity(source_identity="bo"), (False, "source identity")),
        (
            Identity(arn=f"{SSO}/ann@example.com"),
            Identity(arn=f"{SSO}/ann@example.com"),
            (True, "single-sign-on session"),
        ),
        (
            Identity(arn=f"{SSO}/ann@example.com"),
            Identity(arn=f"{SSO}/bo@example.com"),
            (False, "single-sign-on session"),
        ),
        (Identity(arn=user("ann")), Identity(arn=user("ann")), (True, "IAM user")),
        (Identity(arn=user("ann")), Identity(arn=user("bo")), (False, "IAM user")),
        (
            Identity(arn=session("team", "ann")),
            Identity(arn=session("team", "bo")),
            (True, "the same role, and nothing tells its users apart"),
        ),
        (
            Identity(arn=session("studio", "SageMaker")),
            Identity(arn=session("studio", "SageMaker"), user_profile=profile("ann")),
            (True, "the same role, and nothing tells its users apart"),
        ),
        (Identity(arn=session("team")), Identity(arn=session("other")), (False, "role")),
        (Identity(arn=session("team")), Identity(arn=session("team", account="999999999999")), (False, "role")),
        (
            Identity(arn=session("team")),
            Identity(arn=f"arn:aws:iam::{ACCOUNT}:role/path/team"),
            (True, "the same role, and nothing tells its users apart"),
        ),
        (Identity(arn=session("team")), Identity(arn=user("ann")), (False, "IAM identity")),
        (
            Identity(arn=f"arn:aws:iam::{ACCOUNT}:root"),
            Identity(arn=f"arn:aws:iam::{ACCOUNT}:root"),
            (True, "IAM identity"),
        ),
        (Identity(user_profile=profile("ann")), Identity(source_identity="ann"), None),
    ],
)
def test_the_finest_thing_that_both_have_decides(
    one: Identity, other: Identity, expected: tuple[bool, str] | None
) -> None:
    wanted = Comparison(*expected) if expected else None
    assert (compare(one, other), compare(other, one)) == (wanted, wanted)


@pytest.mark.parametrize(
    ("identity", "patterns", "label"),
    [
        (Identity(arn=user("team/ann")), ("user/ann",), user("team/ann")),
        (Identity(arn=session("team", "ann")), ("role/team",), session("team", "ann")),
        (
            Identity(arn=session("studio"), user_profile=profile("ann")),
            ("user-profile/d-1234567890ab/ann", "role/studio"),
            "d-1234567890ab/ann",
        ),
        (Identity(source_identity="ann"), (), "ann"),
        (Identity(arn=session("team", account="2")), (), session("team", account="2")),
        (Identity(arn="arn:aws:iam::2:user/ann"), (), "arn:aws:iam::2:user/ann"),
        (
            Identity(arn=session("studio"), user_profile="arn:aws:sagemaker:us-east-1:2:user-profile/d-1/ann"),
            ("role/studio",),
            "d-1/ann",
        ),
        (Identity(arn=f"arn:aws:iam::{ACCOUNT}:root"), (), f"arn:aws:iam::{ACCOUNT}:root"),
        (Identity(), (), "unknown"),
    ],
)
def test_patterns_and_label(identity: Identity, patterns: tuple[str, ...], label: str) -> None:
    assert (identity.patterns(ACCOUNT), identity.label) == (patterns, label)


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (session("approval-gate-us-east-1-deployer"), True),
        (session("team", "approval-gate-us-east-1-deployer"), False),
        (user("approval-gate-deployer"), False),
        (None, False),
    ],
)
def test_a_role_of_the_gate_is_told_by_its_name(arn: str | None, expected: bool) -> None:
    assert Identity(arn=arn).is_gate is expected
