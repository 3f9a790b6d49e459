"""What is wrong with a text of a kind, besides its characters and its length; None if that is all."""

import re
from collections.abc import Callable

from lambdas.gate.text import is_safe


def name(text: str) -> str | None:
    return "it begins or ends with a hyphen" if re.search("^-|-$", text) else None


def label(text: str) -> str | None:
    return "it has two hyphens side by side" if "--" in text else name(text)


def variable(text: str) -> str | None:
    return "it begins with a digit" if text[:1].isdigit() else None


def line(text: str) -> str | None:
    if not is_safe(text):
        return "it has a line break, or a character that cannot be seen"
    return "it has a brace" if re.search("[{}]", text) else None


def url(text: str) -> str | None:
    return None if text.startswith("https://") else "it does not begin with https://"


def prefix(text: str) -> str | None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
    if not text.startswith("s3://"):
        return "it does not begin with s3://"
    bucket, slash, path = text.removeprefix("s3://").partition("/")
    if wrong := _bucket(bucket):
        return wrong
    if not slash or (path and not path.endswith("/")):
        return "it does not end in a slash, so it would match longer names too"
    if "//" in f"/{path}":
        return "it has two slashes side by side"
    odd = sorted(set(re.sub(r"[A-Za-z0-9!_.'()=+@/-]", "", path)))
    if wildcards := [each for each in odd if each in "*?$"]:
        return f"it has {wildcards[0]}, which has a meaning of its own in the policy of a role"
    return f"its prefix has {', '.join('a space' if each == ' ' else each for each in odd)}" if odd else None


def _bucket(bucket: str) -> str | None:
    if not bucket:
        return "it names no bucket"
    if not 3 <= len(bucket) <= 63:
        characters = "1 character" if len(bucket) == 1 else f"{len(bucket)} characters"
        return f"the bucket's name {bucket} has {characters}, and S3 takes 3 to 63"
    if bucket != bucket.lower():
        return f"the bucket's name {bucket} has capital letters, which S3 does not take"
    if not re.fullmatch("[a-z0-9.-]*", bucket):
        return f"the bucket's name {bucket} has other characters than a to z, 0 to 9, full stops and hyphens"
    if not re.fullmatch("[a-z0-9].*[a-z0-9]", bucket):
        return f"the bucket's name {bucket} does not begin and end with a letter or a digit"
    return None


def kms_key(text: str) -> str | None:
    if "alias/" in text:
        return "it names an alias. `aws kms describe-key` shows the ARN of its key"
    if not text.startswith("arn:"):
        return "it is no ARN. `aws kms describe-key` shows the ARN of a key"
    return _arn(text, "kms", "key/")


def topic(text: str) -> str | None:
    if not text.startswith("arn:"):
        return "it is no ARN. `aws sns list-topics` shows the ARNs of topics"
    return _arn(text, "sns", "")


def _arn(text: str, service: str, resource: str) -> str | None:
    parts = text.split(":", 5)
    if len(parts) < 6:
        return "its ARN has fewer than six parts between colons"
    if parts[2] != service:
        return f"it is an ARN of {parts[2] or 'no service'}, not of {service}"
    if not parts[3]:
        return "its ARN names no Region"
    if not re.fullmatch("[0-9]{12}", parts[4]):
        return "its ARN names no account of 12 digits"
    return None if parts[5].startswith(resource) else f"its ARN does not name a {resource.rstrip('/')}"


def instance_type(text: str) -> str | None:
    if not text.startswith("ml."):
        return "it does not begin with ml."
    return None if text.count(".") == 2 else "it does not have the form ml.FAMILY.SIZE"


def approver(text: str) -> str | None:
    kind = text.partition("/")[0]
    if "/" not in text or kind not in ("role", "user", "user-profile"):
        return "it does not begin with role/, user/ or user-profile/"
    parts = 3 if kind == "user-profile" else 2
    form = "user-profile/DOMAIN/NAME" if kind == "user-profile" else f"{kind}/NAME, without the path of the {kind}"
    return None if text.count("/") == parts - 1 else f"it does not have the form {form}"


def resource_id(kind: str) -> Callable[[str], str | None]:
    def wrong(text: str) -> str | None:
        if not text.startswith(f"{kind}-"):
            return f"it does not begin with {kind}-"
        return f"{kind}- is not followed by digits and the letters a to f"

    return wrong
