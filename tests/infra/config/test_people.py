import pytest

from infra.config.entry import Entry
from infra.config.people import untrusted

ENTRY = {
    "model_package_group": "G",
    "variant": {"instance_type": "ml.m5.large"},
    "model_artifacts": "s3://example-models/churn/",
}


@pytest.mark.parametrize(
    ("gate", "is_named"),
    [
        ({}, False),
        ({"four_eyes": True}, True),
        ({"four_eyes": True, "identity": []}, False),
        ({"four_eyes": True, "identity": ["user_profile"]}, False),
    ],
)
def test_an_entry_whose_four_eyes_trusts_nothing_is_named_with_the_line_to_add(
    gate: dict[str, object], is_named: bool
) -> None:
    warning = untrusted("churn", Entry.model_validate({**ENTRY, "gate": gate})) or ""
    assert ("churn: " in warning and "`identity: [user_profile]`" in warning) is is_named
