"""The kinds of text that keys hold: the pattern, the same in words, and an example."""

from typing import Annotated

from pydantic import StringConstraints

from infra.config import derived, wrong
from infra.config.sections.section import Allowed, no
from lambdas.gate import names
from lambdas.gate.rollout import adoption

BRACES = r"\{\{"
"""SSM refuses them in a parameter."""
NAME_WORDS = "1 to 63 letters and digits, with hyphens inside"
Name = Annotated[
    str,
    StringConstraints(pattern=f"^{names.ENDPOINT_NAME}$", max_length=63),
    Allowed(NAME_WORDS, meant=derived.name, characters="[a-zA-Z0-9-]", wrong=wrong.name),
]
"""A name that SageMaker takes."""
Label = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=63),
    Allowed(
        "1 to 63 lower-case letters and digits, with single hyphens inside",
        meant=derived.label,
        characters="[a-z0-9-]",
        wrong=wrong.label,
    ),
]
"""A name that only Approval Gate reads."""
_PREFIX = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/([A-Za-z0-9!_.'()=+@-]+/)*$"
# Wildcards and policy variables have a meaning in a role's policy, so the prefix is plain characters.
_PREFIX_WORDS = Allowed(
    "s3://BUCKET/PREFIX/ that ends in a slash, or it would match longer names too: a bucket's name of 3 to 63 "
    "characters, and letters, digits and !_.'()=+@-",
    "s3://my-bucket/prefix/",
    derived.prefix,
    wrong=wrong.prefix,
)
Prefix = Annotated[str, StringConstraints(pattern=_PREFIX, max_length=1024), _PREFIX_WORDS]
"""An S3 prefix."""
Destination = Annotated[str, StringConstraints(pattern=_PREFIX, max_length=512), _PREFIX_WORDS]
"""An S3 prefix in an endpoint config, where SageMaker takes fewer characters."""
KmsKey = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", max_length=2048),
    # IAM allows the functions this key alone, so it must be an ARN and not an alias.
    Allowed(
        "the ARN of a KMS key, not of an alias",
        "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f",
        wrong=wrong.kms_key,
    ),
]
Topic = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_.-]+$", max_length=2048),
    Allowed("the ARN of an SNS topic", "arn:aws:sns:us-east-1:123456789012:inference", wrong=wrong.topic),
]
TimeZone = Annotated[
    str,
    StringConstraints(min_length=1),
    Allowed("a time zone of the IANA database, such as Europe/Berlin", "UTC"),
]
InstanceType = Annotated[
    str,
    StringConstraints(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9-]+$"),
    no(r"^ml\.inf1\."),
    Allowed(
        "an instance type of SageMaker, such as ml.m5.large",
        "ml.m5.large",
        derived.instance_type,
        wrong=wrong.instance_type,
    ),
]
Alarm = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=r"\S"),
    no(rf"^{names.PREFIX}/|^arn:|{BRACES}"),
    Allowed("the name of a CloudWatch alarm, 1 to 255 characters", "checkout-conversion-low", derived.alarm),
]
Expression = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2048),
    no(BRACES),
    Allowed("a JMESPath expression of 1 to 2048 characters"),
]
# The next two are matched by fnmatch, so its wildcards are allowed in them.
Approver = Annotated[
    str,
    StringConstraints(
        pattern=r"^((role|user)/[A-Za-z0-9_+=,.@*?\[\]!-]+|user-profile/[A-Za-z0-9*?\[\]!-]+/[A-Za-z0-9*?\[\]!-]+)$",
        max_length=256,
    ),
    Allowed(
        "role/NAME, user/NAME or user-profile/DOMAIN/NAME, in which * stands for any characters",
        "role/risk-*",
        derived.approver,
        wrong=wrong.approver,
    ),
]
Image = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9*?\[][A-Za-z0-9._:/@*?\[\]!-]*$", max_length=255),
    Allowed(
        "an image as a model package names it, of at most 255 characters, in which * stands for any characters",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/models/*",
        derived.image,
        characters=r"[A-Za-z0-9._:/@*?\[\]!-]",
    ),
]
Subnet = Annotated[
    str,
    StringConstraints(pattern=r"^subnet-[0-9a-f]{8,25}$"),
    Allowed("the ID of a subnet", "subnet-0123456789abcdef0", derived.resource_id, wrong=wrong.resource_id("subnet")),
]
SecurityGroup = Annotated[
    str,
    StringConstraints(pattern=r"^sg-[0-9a-f]{8,29}$"),
    Allowed("the ID of a security group", "sg-0123456789abcdef0", derived.resource_id, wrong=wrong.resource_id("sg")),
]
TagKey = Annotated[
    str,
    StringConstraints(pattern=f"^{adoption.TAG_KEY.pattern}$", max_length=128),
    no(f"^aws:|^({'|'.join(adoption.OWN_TAGS)})$"),
    Allowed(
        "1 to 128 letters, digits, spaces and _.:/=+@- that do not begin with aws: and are no tag of Approval Gate",
        "team",
    ),
]
TagValue = Annotated[
    str,
    StringConstraints(pattern=f"^{adoption.TAG_VALUE.pattern}$", max_length=256),
    Allowed("a text of at most 256 letters, digits, spaces and _.:/=+@-, in quotes", "fraud"),
]
_UNSEEN = r"\x00-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFFFE\uFFFF"
"""Line breaks, other control characters, and controls of the writing direction, for a character class."""
_LINE = rf"^[^{{}}{_UNSEEN}]*[^{{}}\s{_UNSEEN}][^{{}}{_UNSEEN}]*$"
"""One line with something to see. SSM refuses two braces in a parameter."""
Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=_LINE),
    Allowed("one line of 1 to 200 characters, without braces", "Fraud Analytics", wrong=wrong.line),
]
Description = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern=_LINE),
    Allowed("one line of 1 to 500 characters, without braces", "Scores card payments", wrong=wrong.line),
]
Url = Annotated[
    str,
    StringConstraints(pattern=r"^https://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$", max_length=1024),
    Allowed(
        "a URL of at most 1024 characters that begins with https://",
        "https://wiki.example.com/fraud-detection",
        characters="[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]",
        wrong=wrong.url,
    ),
]
VariableName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", min_length=1, max_length=1024),
    Allowed(
        "1 to 1024 letters, digits and underscores that do not begin with a digit",
        "LOG_LEVEL",
        characters="[a-zA-Z0-9_]",
        wrong=wrong.variable,
    ),
]
VariableValue = Annotated[
    str, StringConstraints(max_length=1024), no(BRACES), Allowed("a text of at most 1024 characters, in quotes", "info")
]
