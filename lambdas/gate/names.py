"""Every name that the CDK app and the functions share, and the names the deployer derives; made nowhere else."""

import hashlib
import re

STACK = "ApprovalGate"
"""Of what all endpoints share; an endpoint's own stack is this, a hyphen and its name."""
PREFIX = "approval-gate"
"""Stack resources, rules and roles start with this."""
OWNED = "gate-"
"""Models and endpoint configs made by the deployer start with this; its policy allows no others."""
TAG_KEY, TAG_VALUE = "approval-gate", "managed"
"""The tag that opts an endpoint in; the deployer's policy allows no endpoint without it."""
ENDPOINT_TAG = f"{PREFIX}-endpoint"
"""On what is made for one endpoint, with its name: a model's or a config's own name does not tell it for sure."""

INBOX = f"{PREFIX}-inbox"
DEAD_LETTERS = f"{PREFIX}-dead-letters"
LEDGER = f"{PREFIX}-ledger"
TOPIC = f"{PREFIX}-notifications"
DEPLOYER = f"{PREFIX}-deployer"
PUBLISHER = f"{PREFIX}-publisher"
JANITOR = f"{PREFIX}-janitor"
SPEC_PATH = f"/{PREFIX}/endpoints/"
ROLE_PATH = f"/{PREFIX}/"
METRIC_NAMESPACE = "ApprovalGate"
ABORT_METRIC = "AbortRequested"
GOLDEN_METRIC = "GoldenFailures"
GOLDEN_METRIC_AT_FULL_TRAFFIC = "GoldenFailuresAtFullTraffic"
EVENT_SOURCE = PREFIX

GARBAGE = "garbage"
"""What the janitor's schedule asks it to sweep."""
ALL = "*"
"""In place of an endpoint's name, which it cannot be: what concerns all endpoints of the account and Region."""
ENDPOINT_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
"""SageMaker's pattern for endpoint, endpoint config and variant names."""


def digest(*parts: str, length: int = 12) -> str:
    """Hexadecimal SHA-256 of the parts; a separator that no part contains keeps ("a", "bc") apart from ("ab", "c")."""
    return hashlib.sha256("\x1f".join(parts).encode(errors="surrogatepass")).hexdigest()[:length]


def fit(name: str, limit: int) -> str:
    """`name`, or its beginning and a hash where it is longer than `limit` characters."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - 9].rstrip('-')}-{digest(name, length=8)}"


def spec_parameter(endpoint: str) -> str:
    return SPEC_PATH + endpoint


def rule(endpoint: str) -> str:
    """EventBridge allows 64 characters."""
    return fit(f"{PREFIX}-{endpoint}", 64)


def function_role(region: str, function: str) -> str:
    """Begins like the roles of models, by which the gate knows its own. No endpoint's name holds a full stop."""
    return f"{PREFIX}-{region}.{function.removeprefix(f'{PREFIX}-')}"


def prober(endpoint: str) -> str:
    """Of the endpoint's prober and of its queue. With it `function_role` stays within IAM's 64 characters, of which the
    Region takes at most 16."""
    return fit(f"{PREFIX}-prober-{endpoint}", 64 - 16 - 1)


def prober_rule(endpoint: str) -> str:
    """EventBridge allows 64 characters. The full stop keeps it apart from the rule of an endpoint named `prober-…`."""
    return fit(f"{PREFIX}-prober.{endpoint}", 64)


def dashboard(region: str, endpoint: str | None = None) -> str:
    """The dashboard of an endpoint, or of all of them. CloudWatch's dashboards are global, so it carries the Region,
    which may be a CDK token. CloudWatch allows 255 characters."""
    return f"{PREFIX}-{region}" + (f"-{endpoint}" if endpoint is not None else "")


def copy_bucket(account: str, region: str) -> str:
    """Of the write-once copy of the ledger. Names of buckets are global, so it carries account and Region."""
    return f"{LEDGER}-copy-{account}-{region}"


def execution_role(region: str, endpoint: str) -> str:
    """IAM allows 64 characters and is global, so the name carries the Region: at most 16 characters of the 64.

    `region` may be a CDK token, so its length is reserved and not read.
    """
    return f"{PREFIX}-{region}-{fit(endpoint, 64 - len(PREFIX) - 2 - 16)}"


def model(version_arn: str, *settings: str) -> str:
    """One model per version and model settings, so that a repeated CreateModel is a no-op."""
    group, number = version_arn.split("/")[-2:]
    return _owned(f"{group}-{number}", digest(version_arn, *settings))


def endpoint_config(endpoint: str, version_arn: str, approval: int, settings: str, attempt: int) -> str:
    """One config per attempt: a retry must not meet an old attempt's metrics or an alarm that still burns. The numbers
    of a look that ended before its write are given again, maybe to another version, hence the ARN; or to what the
    version became meanwhile, hence its specification's digest among the settings."""
    return _owned(f"{endpoint}-{attempt}", digest(endpoint, version_arn, str(approval), settings, str(attempt)))


def _owned(label: str, unique: str) -> str:
    room = 63 - len(OWNED) - 1 - len(unique)
    clean = re.sub(r"-+", "-", re.sub(r"[^a-zA-Z0-9]", "-", label))[:room].strip("-")
    return f"{OWNED}{clean}-{unique}".lower()


def alarm_prefix(endpoint: str) -> str:
    """`/` cannot stand in an endpoint name, so the prefix of `churn` never matches the alarms of `churn-eu`."""
    return f"{PREFIX}/{endpoint}/"


def is_owned(name: str) -> bool:
    """Whether a model or an endpoint config is the gate's. A list's NameContains finds the prefix anywhere in a name,
    and SageMaker's names know no case."""
    return name.lower().startswith(OWNED)


def rollout_alarm_endpoint(alarm: str) -> str | None:
    """The endpoint of an alarm made for one rollout; None of any other alarm, the standing ones among them."""
    found = re.fullmatch(rf"{PREFIX}/({ENDPOINT_NAME})/{OWNED}[^/]+/[^/]+", alarm)
    return found[1] if found else None


def standing_alarm(endpoint: str, signal: str) -> str:
    return f"{alarm_prefix(endpoint)}standing/{signal}"


def rollout_alarm(endpoint: str, config: str, signal: str) -> str:
    return f"{alarm_prefix(endpoint)}{config}/{signal}"
