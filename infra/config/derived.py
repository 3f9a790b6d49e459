"""Texts that somebody who wrote another text may have meant, by the kind of text. The first that is valid is told."""

import re
from collections.abc import Iterator

_PLAIN_S3 = re.compile(r"s3[an]?:/*", re.IGNORECASE)
_S3_PAGES = (
    re.compile(r"https?://(?P<bucket>[a-z0-9.-]+)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?/(?P<prefix>.*)"),
    re.compile(r"https?://s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?/(?P<bucket>[^/]+)/?(?P<prefix>.*)"),
)
_CRON = re.compile(r"(?:cron\()?([^()]*)\)?")
_DAILY = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@monthly": "0 0 1 * *"}
_AT = re.compile(r"(?:at\()?([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?Z?\)?")


def cleaned(text: str) -> Iterator[str]:
    """The text without the spaces and quotes around it."""
    yield text.strip().strip("'\"`").strip()


def name(text: str) -> Iterator[str]:
    """The name in an ARN. Of a model package's ARN that is its group."""
    for each in cleaned(text):
        yield each
        if resource := _resource(each):
            kind, _, rest = resource.partition("/")
            yield rest.split("/")[0] if kind == "model-package" else rest.rpartition("/")[2]


def label(text: str) -> Iterator[str]:
    yield re.sub(r"[^a-z0-9]+", "-", text.strip().lower()).strip("-")


def alarm(text: str) -> Iterator[str]:
    for each in cleaned(text):
        yield _resource(each).removeprefix("alarm:") or each


def resource_id(text: str) -> Iterator[str]:
    """The ID in an ARN."""
    for each in cleaned(text):
        yield each.lower()
        yield _resource(each).partition("/")[2]


def instance_type(text: str) -> Iterator[str]:
    for each in cleaned(text):
        lower = each.lower()
        yield from (lower, f"ml.{lower}")
        dotted = re.sub(r"[-_ ]", ".", lower)
        yield from (dotted, f"ml.{dotted}")


def prefix(text: str) -> Iterator[str]:
    """The S3 prefix in an S3 URI, an ARN or a page of S3. The name of a file in it is left out."""
    for each in cleaned(text):
        place = _s3_place(each)
        bucket, _, path = place.rstrip("*").partition("/")
        folder, _, last = path.rpartition("/")
        if re.search(r"\.[a-z0-9]{1,5}$", last):
            path = folder
        if bucket:
            yield f"s3://{bucket}/{path}".rstrip("/") + "/"


def approver(text: str) -> Iterator[str]:
    """The role or user in an ARN, without its path or session."""
    for each in cleaned(text):
        resource = _resource(each) or each
        kind, _, rest = resource.replace(":", "/", 1).partition("/")
        kind = kind.lower().removesuffix("s")
        match kind:
            case "assumed-role":
                yield f"role/{rest.split('/')[0]}"
            case "role" | "user":
                yield f"{kind}/{rest.rpartition('/')[2]}"
            case "user-profile":
                yield f"{kind}/{rest}"


def image(text: str) -> Iterator[str]:
    for each in cleaned(text):
        yield re.sub(r"^(https?|docker)://", "", each)


def cron(text: str) -> Iterator[str]:
    """Five fields of six, without a year. The days of the week are numbered in another way there."""
    for each in cleaned(text):
        yield _DAILY.get(each.lower(), each)
        fields = ["*" if part == "?" else part for part in _fields(each)]
        if len(fields) == 6 and fields[5] == "*" and not re.search("[0-9#L]", fields[4]):
            fields.pop()
        yield " ".join(fields)


def schedule(text: str) -> Iterator[str]:
    """Six fields of five, or a time."""
    for each in cleaned(text):
        if time := _AT.fullmatch(each):
            yield f"at({time[1]}T{time[2]}{time[3] or ':00'})"
        fields = _fields(_DAILY.get(each.lower(), each))
        if len(fields) == 5 and not re.search("[0-9]", fields[4]) and "*" in (fields[2], fields[4]):
            fields[2 if fields[4] != "*" else 4] = "?"
            fields.append("*")
        yield f"cron({' '.join(fields)})"


def _fields(text: str) -> list[str]:
    found = _CRON.fullmatch(text)
    return found[1].split() if found else []


def _resource(text: str) -> str:
    """The part of an ARN that names the resource; empty if the text is no ARN."""
    parts = text.split(":", 5)
    return parts[5] if len(parts) == 6 and parts[0].lower() == "arn" else ""


def _s3_place(text: str) -> str:
    for page in _S3_PAGES:
        if found := page.fullmatch(text):
            return f"{found['bucket']}/{found['prefix']}"
    if resource := _resource(text):
        return resource
    return _PLAIN_S3.sub("", text, count=1) if _PLAIN_S3.match(text) else ""
