"""Every name that the CDK app and the functions share, and every name that the deployer derives."""

import hashlib
import re

STACK = "ApprovalGate"
"""The name of the stack that all endpoints share. An endpoint's own stack is this, a hyphen and the endpoint's name."""
PREFIX = "approval-gate"
"""The names of the stacks' resources, rules and roles start with this."""
OWNED = "gate-"
"""The names of the deployer's models and endpoint configs start with this. Its IAM policy allows no others."""
TAG_KEY, TAG_VALUE = "approval-gate", "managed"
"""The tag that opts an endpoint in. The deployer's IAM policy allows no endpoint without it."""
ENDPOINT_TAG = f"{PREFIX}-endpoint"
"""The key of the tag on everything that is made for one endpoint. The tag's value is the endpoint's name, which the
name of a model or of an endpoint config does not tell for sure."""

INBOX = f"{PREFIX}-inbox"
DEAD_LETTERS = f"{PREFIX}-dead-letters"
ORDERS = f"{PREFIX}-orders.fifo"
ORDERS_DEAD_LETTERS = f"{PREFIX}-orders-dead-letters.fifo"
ORDERS_DEAD_LETTERS_ALARM = f"{PREFIX}-orders-dead-letters"
LEDGER = f"{PREFIX}-ledger"
SEAL_KEY = f"alias/{PREFIX}-seal"
"""The alias of the key that seals the ledger's rows."""
TOPIC = f"{PREFIX}-notifications"
CHAT_ABORT, CHAT_LEDGER = "abort", "ledger"
"""The fields of a notification in a chat that its buttons send and ask for."""
LEDGER_CHANGED = f"{PREFIX}-ledger-changed"
"""The alarm that an endpoint is stopped because somebody changed its ledger."""
ALARM_RULE = f"{PREFIX}-alarm.states"
"""The rule that hands changes of alarms to the publisher. No rule of an endpoint has a full stop in its name."""
PUBLISHER_FAILING = f"{PREFIX}-publisher-failing"
"""The alarm that the publisher fails. CloudWatch itself sends its messages."""
DEPLOYER = f"{PREFIX}-deployer"
PUBLISHER = f"{PREFIX}-publisher"
JANITOR = f"{PREFIX}-janitor"
READER = f"{PREFIX}-reader-"
"""The names of the reader roles, before their Region is added, start with this."""
SPEC_PATH = f"/{PREFIX}/endpoints/"
FLOOR_PARAMETER = f"/{PREFIX}/floor"
"""The parameter of the floor. It is outside SPEC_PATH, so that who may write the specs may not write the floor."""
ROLE_PATH = f"/{PREFIX}/"
METRIC_NAMESPACE = "ApprovalGate"
ABORT_METRIC = "AbortRequested"
STOPPED_METRIC = "EndpointsStopped"
"""Counts the reconciles that stopped because the endpoint's ledger was changed."""
GOLDEN_METRIC = "GoldenFailures"
GOLDEN_METRIC_AT_FULL_TRAFFIC = "GoldenFailuresAtFullTraffic"
EVENT_SOURCE = PREFIX

SHADOW = "shadow"
"""The names of shadow variants begin with this word."""
GARBAGE = "garbage"
"""The sweep that the janitor's schedule asks for."""
ALL = "*"
"""Stands for all endpoints of the account and Region. No endpoint can have this name."""
ENDPOINT_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
"""SageMaker's pattern for endpoint, endpoint config and variant names."""

_OWN_ROLE = re.compile(
    rf"{PREFIX}-[a-z]{{2}}(?:-[a-z]+)+-[0-9]+(?:\.(?:deployer|publisher|janitor|prober-.+|comparer-.+|reader-.+)|-{ENDPOINT_NAME})"
)


def digest(*parts: str, length: int = 12) -> str:
    """Return the first digits of the parts' hexadecimal SHA-256. A separator that no part contains keeps ("a", "bc")
    apart from ("ab", "c")."""
    return hashlib.sha256("\x1f".join(parts).encode(errors="surrogatepass")).hexdigest()[:length]


def fit(name: str, limit: int) -> str:
    """Return `name`, or its beginning and a hash if it is longer than `limit` characters."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - 9].rstrip('-')}-{digest(name, length=8)}"


def spec_parameter(endpoint: str) -> str:
    return SPEC_PATH + endpoint


def rule(endpoint: str) -> str:
    """Return the name of the endpoint's rule. EventBridge allows 64 characters."""
    return fit(f"{PREFIX}-{endpoint}", 64)


def function_role(region: str, function: str) -> str:
    """Return the name of a function's role. It begins like the execution roles, so that the gate knows its own roles,
    and is none of them, because no endpoint's name contains a full stop."""
    return f"{PREFIX}-{region}.{function.removeprefix(f'{PREFIX}-')}"


def is_own_role(name: str) -> bool:
    """True if a role of that name is a function's, a reader or an execution role of Approval Gate, in any Region.
    Somebody's own role may begin with `approval-gate-` too."""
    return _OWN_ROLE.fullmatch(name) is not None


def prober(endpoint: str) -> str:
    """Return the name of the endpoint's prober and of its queue. It is short enough for `function_role` to stay within
    IAM's 64 characters, of which the Region takes at most 16."""
    return fit(f"{PREFIX}-prober-{endpoint}", 64 - 16 - 1)


def captures(destination: str, endpoint: str) -> tuple[str, str]:
    """Return the bucket, and the beginning of the keys, under which SageMaker writes what it captures of the endpoint.
    `destination`: the S3 prefix of its data capture.
    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html"""
    bucket, _, prefix = destination.removeprefix("s3://").partition("/")
    return bucket, f"{prefix.rstrip('/')}/{endpoint}/".lstrip("/")


def comparer(endpoint: str) -> str:
    """Return the name of the endpoint's comparer and of its queue. It is as short as a prober's."""
    return fit(f"{PREFIX}-comparer-{endpoint}", 64 - 16 - 1)


def reader(endpoint: str) -> str:
    """Return the name of the endpoint's reader, whose role is `function_role` of it. It is as short as a prober's."""
    return fit(READER + endpoint, 64 - 16 - 1)


def prober_rule(endpoint: str) -> str:
    """Return the name of the prober's rule. EventBridge allows 64 characters. The full stop keeps it apart from the
    rule of an endpoint named `prober-…`."""
    return fit(f"{PREFIX}-prober.{endpoint}", 64)


def golden_namespace(endpoint: str) -> str:
    """Return the namespace of the metrics that only the endpoint's prober may put. IAM knows no other bound. CloudWatch
    allows 255 characters."""
    return f"{METRIC_NAMESPACE}/{endpoint}"


def dashboard(region: str, endpoint: str | None = None) -> str:
    """Return the name of the dashboard of an endpoint, or of all endpoints. `region` may be a CDK token. Dashboards are
    global, so the name contains the Region. CloudWatch allows 255 characters."""
    return f"{PREFIX}-{region}" + (f"-{endpoint}" if endpoint is not None else "")


def copy_bucket(account: str, region: str) -> str:
    """Return the name of the bucket with the ledger's write-once copy. Bucket names are global, so it contains account
    and Region."""
    return f"{LEDGER}-copy-{account}-{region}"


def execution_role(region: str, endpoint: str) -> str:
    """Return the name of the endpoint's execution role. `region` may be a CDK token.

    IAM is global, so the name contains the Region. Of IAM's 64 characters 16 are reserved for it, because the length of
    a token is not known.
    """
    return f"{PREFIX}-{region}-{fit(endpoint, 64 - len(PREFIX) - 2 - 16)}"


def model(version_arn: str, *settings: str) -> str:
    """Return the name of the model for a version and its settings. A repeated CreateModel is a no-op."""
    group, number = version_arn.split("/")[-2:]
    return _owned(f"{group}-{number}", digest(version_arn, *settings))


def endpoint_config(endpoint: str, version_arn: str, approval: int, settings: str, attempt: int) -> str:
    """Return the name of an attempt's endpoint config.

    Each attempt has its own config, so that a retry meets neither the metrics of an earlier attempt nor its alarms. If
    a reconcile ends before its write, a later reconcile uses the same numbers again. So the digest contains the
    version's ARN too, in case of another version, and `settings` the model's name, in case that changed.
    """
    return _owned(f"{endpoint}-{attempt}", digest(endpoint, version_arn, str(approval), settings, str(attempt)))


def shadow_variant(version_arn: str, attempt: int) -> str:
    """Return the name of the shadow variant of an attempt. Each attempt has its own, because the metrics of a shadow
    may have no other dimension, and because UpdateEndpoint may retain the properties of a variant of the same name."""
    return f"{SHADOW}-{version_arn.rsplit('/', 1)[-1]}-{attempt}"


def _owned(label: str, unique: str) -> str:
    room = 63 - len(OWNED) - 1 - len(unique)
    clean = re.sub(r"-+", "-", re.sub(r"[^a-zA-Z0-9]", "-", label))[:room].strip("-")
    return f"{OWNED}{clean}-{unique}".lower()


def alarm_prefix(endpoint: str) -> str:
    """Return what the names of the endpoint's alarms begin with. An endpoint's name contains no `/`, so the prefix of
    `churn` does not match the alarms of `churn-eu`."""
    return f"{PREFIX}/{endpoint}/"


def is_owned(name: str) -> bool:
    """True if a model or an endpoint config of this name is the gate's. The filter NameContains finds the prefix
    anywhere in a name, and SageMaker ignores the case of names."""
    return name.lower().startswith(OWNED)


def rollout_alarm_endpoint(alarm: str) -> str | None:
    """Return the endpoint of an alarm that was made for one rollout; None for any other alarm, such as a standing
    one."""
    found = re.fullmatch(rf"{PREFIX}/({ENDPOINT_NAME})/{OWNED}[^/]+/[^/]+", alarm)
    return found[1] if found else None


def standing_alarm_parts(alarm: str) -> tuple[str, str] | None:
    """Return endpoint and signal of a standing alarm; None for any other alarm."""
    found = re.fullmatch(rf"{PREFIX}/({ENDPOINT_NAME})/standing/([a-z0-9-]+)", alarm)
    return (found[1], found[3]) if found else None


def standing_alarm(endpoint: str, signal: str) -> str:
    return f"{alarm_prefix(endpoint)}standing/{signal}"


def rollout_alarm(endpoint: str, config: str, signal: str) -> str:
    return f"{alarm_prefix(endpoint)}{config}/{signal}"
