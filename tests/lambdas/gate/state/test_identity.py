import pytest

from lambdas.gate.spec.spec import IdentityLevel
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


PROFILE, SOURCE, CENTER = IdentityLevel
STUDIO = session("studio", "SageMaker")
ROLE = "the same role or user, and nothing trusted tells two people in it apart"


def known(name: str, *, role: str = "studio", studio: bool = True, **fields: str) -> Identity:
    """Return a person of Studio, whose role's sessions have one name."""
    given = {"user_profile": profile(name)} if studio else {}
    return Identity(session(role, "SageMaker"), f"AROA{role.upper()}:SageMaker", **{**given, **fields})


def unknown(level: str) -> str:
    return f"not comparable, because {level} is not known of both"


@pytest.mark.parametrize(
    ("one", "other", "trusted", "expected"),
    [
        # 1. Something personal in common makes one person, whatever is trusted and whatever else differs.
        (known("ann"), known("ann", role="b"), (), (True, "the same Studio user profile")),
        (known("ann"), known("ANN", role="b"), (PROFILE,), (True, "the same Studio user profile")),
        (
            known("ann", source_identity="a"),
            known("bo", source_identity="A"),
            (PROFILE,),
            (True, "the same source identity"),
        ),
        (ANN, Identity(ANN.arn, source_identity="bo"), (SOURCE,), (True, "the same Identity Center session")),
        (
            ANN,
            Identity(session("AWSReservedSSO_B_1", "Ann@example.com")),
            (),
            (True, "the same Identity Center session"),
        ),
        (
            Identity(user("ann"), source_identity="ann"),
            Identity(user("ann"), source_identity="bo"),
            (SOURCE,),
            (True, "the same IAM user"),
        ),
        (
            Identity(principal_id="AROAX:ann", source_identity="ann"),
            Identity(principal_id="AROAX:ann", source_identity="bo"),
            (SOURCE,),
            (True, "the same PrincipalId"),
        ),
        (Identity(principal_id="AIDAX"), Identity(principal_id="AIDAX"), (), (True, "the same PrincipalId")),
        (
            Identity(session("team", "ann"), source_identity="ann"),
            Identity(session("team", "ann"), source_identity="bo"),
            (SOURCE,),
            (True, "the same session"),
        ),
        # 2. A trusted level that differs makes two, also in one role. Studio's session name is nothing personal.
        (known("ann"), known("bo"), (PROFILE,), (False, "not the same Studio user profile")),
        (
            Identity(session("a"), source_identity="ann"),
            Identity(source_identity="bo"),
            (SOURCE,),
            (False, "not the same source identity"),
        ),
        (ANN, BO, (PROFILE, CENTER), (False, "not the same Identity Center session")),
        # 3. The same role or user is one person otherwise.
        (known("ann"), known("bo"), (), (True, ROLE)),
        (known("ann"), known("bo"), (SOURCE,), (True, ROLE)),
        (known("ann"), known("bo", studio=False), (PROFILE,), (True, ROLE)),
        (ANN, BO, (), (True, ROLE)),
        (Identity(session("team", "ann")), Identity(session("team", "bo")), (), (True, ROLE)),
        (Identity(session("team")), Identity(f"arn:aws:iam::{ACCOUNT}:role/path/team"), (), (True, ROLE)),
        (Identity(session("team", "a"), "AROA1:a"), Identity(session("team", "b"), "AROA2:b"), (), (True, ROLE)),
        (Identity(session("team", "a"), "AROA1:a"), Identity(principal_id="AROA1:b"), (), (True, ROLE)),
        (ROOT, ROOT, (), (True, ROLE)),
        # 4. Identities without a trusted level in common may be one person.
        (known("ann"), Identity(user("ann")), (PROFILE,), (None, unknown("Studio user profile"))),
        (Identity(user("ann")), Identity(user("bo")), (PROFILE,), (None, unknown("Studio user profile"))),
        (
            known("ann"),
            Identity(session("b", "bo"), source_identity="bo"),
            (PROFILE, SOURCE),
            (None, unknown("Studio user profile or source identity")),
        ),
        (
            Identity(principal_id="AROA1:ann"),
            Identity(user_profile=profile("bo")),
            (),
            (None, unknown("name of a role or user")),
        ),
        (Identity(principal_id="AROA1:ann"), Identity(user("bo")), (), (None, unknown("name of a role or user"))),
        (
            Identity(user_profile=profile("ann")),
            Identity(source_identity="ann"),
            (),
            (None, unknown("name of a role or user")),
        ),
        # 5. If no level is trusted, different roles or users are two people.
        (Identity(user("ann")), Identity(user("bo")), (), (False, "different roles or users")),
        (Identity(session("team")), Identity(session("other")), (), (False, "different roles or users")),
        (
            Identity(session("team")),
            Identity(session("team", account="999999999999")),
            (),
            (False, "different roles or users"),
        ),
        (Identity(session("team")), Identity(user("ann")), (), (False, "different roles or users")),
        (Identity(principal_id="AIDA1"), Identity(principal_id="AROA1:bo"), (), (False, "different roles or users")),
    ],
)
def test_two_people_differ_at_a_trusted_level_and_share_nothing_personal(
    one: Identity, other: Identity, trusted: tuple[IdentityLevel, ...], expected: tuple[bool | None, str]
) -> None:
    assert (compare(one, other, trusted), compare(other, one, trusted)) == (
        Comparison(*expected),
        Comparison(*expected),
    )


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
        (session("approval-gate-us-east-1.deployer"), True),
        (session("approval-gate-us-gov-west-1.janitor"), True),
        (session("approval-gate-eu-west-1.prober-fraud"), True),
        (session("approval-gate-us-east-1-fraud-detection"), True),
        (session("approval-gate-operators"), False),
        (session("approval-gate-us-east-1.deployers"), False),
        (session("my-approval-gate-us-east-1.deployer"), False),
        (session("team", "approval-gate-us-east-1.deployer"), False),
        (user("approval-gate-us-east-1.deployer"), False),
        (None, False),
    ],
)
def test_a_role_of_the_gate_is_told_by_its_exact_name(arn: str | None, expected: bool) -> None:
    assert Identity(arn=arn).is_gate is expected
