"""What a refusal says about tags, by the texts that AWS gives."""

import pytest

from lambdas.gate.rollout.tags import with_tags
from lambdas.gate.spec.spec import Tag

DENIED = "User: arn:aws:sts::1:assumed-role/deployer/x is not authorized to perform: sagemaker:CreateModel"
BY_SCP = f"{DENIED} with an explicit deny in a service control policy"
BY_TAG_POLICY = "The tag policy does not allow the specified value for the following tag key: 'team'"


@pytest.mark.parametrize(
    ("refusal", "given", "added"),
    [
        (DENIED, (), ""),
        ("could not find role", (), ""),
        (
            BY_SCP,
            (),
            "; it was asked for without tags of your own: if the policy asks for others, add them to `tags` of "
            "endpoints.yaml",
        ),
        (
            BY_SCP,
            (Tag("team", "a"), Tag("cost", "b")),
            "; it was asked for with the tags cost, team: if the policy asks for others, add them to `tags` of "
            "endpoints.yaml",
        ),
        (BY_TAG_POLICY, (), "; the tag team is missing: add `tags: {team: VALUE}` to endpoints.yaml"),
        (
            BY_TAG_POLICY,
            (Tag("team", "a"),),
            "; the tag team has a value that is not allowed: correct it in `tags` of endpoints.yaml",
        ),
        (
            f"{DENIED}: aws:RequestTag/cost-center is required",
            (Tag("team", "a"),),
            "; the tag cost-center is missing: add `tags: {cost-center: VALUE}` to endpoints.yaml",
        ),
    ],
)
def test_a_refusal_says_which_tag_is_missing(refusal: str, given: tuple[Tag, ...], added: str) -> None:
    assert with_tags(refusal, given) == refusal + added
