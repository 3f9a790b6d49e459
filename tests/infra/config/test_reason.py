"""A text that is refused is told with its reason, not only with the form that it should have."""

import pytest

from infra.config.declared import Value
from infra.config.reason import reason
from infra.config.sections import texts
from infra.config.suggestion import fits

LONGER = "it does not end in a slash, so it would match longer names too"


def value(kind: str) -> Value:
    annotated = getattr(texts, kind)
    return Value(annotated.__origin__, annotated.__metadata__)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("Prefix", "s3://b/in/", "the bucket's name b has 1 character, and S3 takes 3 to 63"),
        ("Prefix", f"s3://{'b' * 64}/in/", f"the bucket's name {'b' * 64} has 64 characters, and S3 takes 3 to 63"),
        ("Prefix", "s3://", "it names no bucket"),
        ("Prefix", "s3:///in/", "it names no bucket"),
        ("Prefix", "s3://models", LONGER),
        ("Prefix", "s3://models/in", LONGER),
        ("Prefix", "s3://models/in//", "it has two slashes side by side"),
        ("Prefix", "s3://Models/in/", "the bucket's name Models has capital letters, which S3 does not take"),
        (
            "Prefix",
            "s3://my_models/in/",
            "the bucket's name my_models has other characters than a to z, 0 to 9, full stops and hyphens",
        ),
        ("Prefix", "s3://-models/", "the bucket's name -models does not begin and end with a letter or a digit"),
        ("Prefix", "S3://models/", "it does not begin with s3://"),
        ("Prefix", "https://models/", "it does not begin with s3://"),
        ("Prefix", "s3://models/*/", "it has *, which has a meaning of its own in the policy of a role"),
        ("Prefix", "s3://models/${a}/", "it has $, which has a meaning of its own in the policy of a role"),
        ("Prefix", "s3://models/a b/", "its prefix has a space"),
        ("Prefix", f"s3://models/{'a' * 1013}/", "it has 1026 characters, and 1024 are allowed"),
        ("Destination", f"s3://models/{'a' * 500}/", "it has 513 characters, and 512 are allowed"),
        ("Name", "a_b", "it has `_`"),
        ("Name", "a b.c", "it has a space, `.`"),
        ("Name", "-a", "it begins or ends with a hyphen"),
        ("Name", "a--b_", "it has `_`"),
        ("Name", "a" * 64, "it has 64 characters, and 63 are allowed"),
        ("Name", "", "it is empty"),
        ("Label", "Accuracy", "it has `A`"),
        ("Label", "a--b", "it has two hyphens side by side"),
        ("KmsKey", "alias/k", "it names an alias. `aws kms describe-key` shows the ARN of its key"),
        ("KmsKey", "0a1b2c3d", "it is no ARN. `aws kms describe-key` shows the ARN of a key"),
        ("KmsKey", "arn:aws:sns:us-east-1:123456789012:t", "it is an ARN of sns, not of kms"),
        ("KmsKey", "arn:aws:kms::123456789012:key/k", "its ARN names no Region"),
        ("KmsKey", "arn:aws:kms:us-east-1:12:key/k", "its ARN names no account of 12 digits"),
        ("KmsKey", "arn:aws:kms:us-east-1:123456789012:k", "its ARN does not name a key"),
        ("KmsKey", "arn:aws:kms", "its ARN has fewer than six parts between colons"),
        ("Topic", "failed", "it is no ARN. `aws sns list-topics` shows the ARNs of topics"),
        ("Topic", "arn:aws:sqs:us-east-1:123456789012:q", "it is an ARN of sqs, not of sns"),
        ("InstanceType", "large", "it does not begin with ml."),
        ("InstanceType", "ml.m5large", "it does not have the form ml.FAMILY.SIZE"),
        ("Approver", "alice", "it does not begin with role/, user/ or user-profile/"),
        ("Approver", "role/a/b", "it does not have the form role/NAME, without the path of the role"),
        ("Approver", "user-profile/d", "it does not have the form user-profile/DOMAIN/NAME"),
        ("Image", "my image", "it has a space"),
        ("Subnet", "10.0.0.0/16", "it does not begin with subnet-"),
        ("SecurityGroup", "sg-xyz", "sg- is not followed by digits and the letters a to f"),
        ("VariableName", "LOG-LEVEL", "it has `-`"),
        ("VariableName", "1A", "it begins with a digit"),
        ("Alarm", "x" * 256, "it has 256 characters, and 255 are allowed"),
    ],
)
def test_a_refused_text_has_its_reason(kind: str, text: str, expected: str) -> None:
    assert not fits(value(kind), text)
    assert reason(value(kind), text) == expected


@pytest.mark.parametrize("given", [None, 7, True, ["a"], {}])
def test_what_is_no_text_has_none(given: object) -> None:
    assert reason(value("Name"), given) is None
