"""What no single key can say: the bounds that two keys, or AWS's limits on what is made of an entry, set together.

Each rule is told what the entry gives and yields what is wrong, with paths below the entry.
"""

from collections.abc import Iterator, Mapping

from infra.config import limits, plan
from infra.config.entry import Entry, RollbackOn
from infra.config.plan import Keys
from infra.config.problem import Path, Problem
from infra.config.requirements import buckets, stages, volume_keys
from infra.config.sections.rollout import Rolling
from infra.config.sections.variant import ServerlessVariant, Variant
from infra.config.spec import spec
from infra.config.validation import found
from infra.event_patterns import event_pattern, length
from lambdas.gate import names
from lambdas.gate.spec import Golden, Rollout, Strategy

LONGEST_VERSIONS = f"arn:aws-us-gov:sagemaker:ap-southeast-99:{'0' * 12}:model-package/"
LONGEST_GOLDEN = Golden("0" * 64, limits.GOLDEN_REQUESTS)
LONGEST_ROLE_ARN = f"arn:aws-us-gov:iam::{'0' * 12}:role{names.ROLE_PATH}{'r' * 64}"


def variant(keys: Variant) -> Iterator[Problem]:
    if keys.instance_type.startswith("ml.inf1."):
        yield Problem(
            ("variant", "instance_type"),
            found(keys.instance_type),
            "any type but ml.inf1: SageMaker excludes Inf1 from deployment guardrails and would silently move all "
            "traffic at once, without watching an alarm",
            "use ml.inf2 or another type",
        )


def rollout(keys: Keys) -> Iterator[Problem]:
    yield from _one_size(keys)
    yield from _alarms_can_fire(keys)


def fleet(keys: Keys, instance_count: int) -> Iterator[Problem]:
    """The rollout together with the number of instances."""
    if keys.SIZE_KEYS and instance_count < 2:
        yield Problem(
            ("variant", "instance_count"),
            str(instance_count),
            f"at least 2 for a {keys.strategy} rollout: a step is at most half of the fleet",
            "write `instance_count: 2`, or `strategy: all-at-once`",
        )
        return
    yield from _step_fits(keys, instance_count)
    yield from _time_limit(keys, instance_count)


def rollback_on(keys: RollbackOn) -> Iterator[Problem]:
    for index, alarm in enumerate(keys.alarms):
        path: Path = ("rollback_on", "alarms", index)
        if alarm in keys.alarms[:index]:
            yield Problem(path, f"{found(alarm)} again", "each alarm once", "remove it")
        if alarm.startswith(f"{names.PREFIX}/"):
            yield Problem(
                path,
                found(alarm),
                f"alarms of yours: {names.PREFIX}/ begins the names of those that Approval Gate makes",
                "remove it",
            )
        if alarm.startswith("arn:"):
            yield Problem(
                path, found(alarm), "an alarm's name: SageMaker takes no ARN here", "write what follows `:alarm:`"
            )
        if "{{" in alarm:
            yield Problem(
                path, found(alarm), "a name without `{{`, which SSM refuses in a parameter", "rename the alarm"
            )


def sizes(endpoint: str, entry: Entry) -> Iterator[Problem]:
    """Sizes of what the EndpointStack makes of the entry."""
    alarms = entry.rollback_on.alarms
    characters = length(event_pattern("0" * 12, LONGEST_VERSIONS, endpoint, entry.model_package_group, alarms))
    if characters > limits.PATTERN_CHARACTERS:
        yield Problem(
            ("rollback_on", "alarms"),
            f"names that make the rule's event pattern {characters} characters long",
            f"{limits.PATTERN_CHARACTERS} characters, EventBridge's limit",
            "use shorter alarm names, or fewer",
        )
    golden = LONGEST_GOLDEN if entry.golden_requests else None
    if golden and len(alarms) > limits.USER_ALARMS_BESIDE_GOLDEN:
        yield Problem(
            ("rollback_on", "alarms"),
            f"{len(alarms)} alarms beside golden_requests",
            f"at most {limits.USER_ALARMS_BESIDE_GOLDEN}: SageMaker takes {limits.ROLLBACK_ALARMS} for a rollout, and "
            f"{limits.OWN_ALARMS + 1} are Approval Gate's own",
            "remove one of them",
        )
    if golden and not isinstance(entry.variant, ServerlessVariant):
        yield from _all_is_played(plan.rollout(entry.rollout, entry.variant.instance_count))
    size = len(spec(endpoint, entry, LONGEST_ROLE_ARN, golden).to_json().encode())
    if size > limits.PARAMETER_BYTES:
        conditions = sum(len(each.that) for each in entry.gate.require)
        variables = sum(len(name) + len(value) for name, value in entry.serving.environment.items())
        longest = max(
            (sum(map(len, alarms)), ("rollback_on", "alarms"), "alarm names"),
            (conditions, ("gate", "require"), "expressions"),
            (variables, ("serving", "environment"), "variables"),
            key=lambda part: part[0],
        )
        yield Problem(
            longest[1],
            f"an entry that makes an SSM parameter of {size} bytes",
            f"{limits.PARAMETER_BYTES} bytes, SSM's limit",
            f"use shorter {longest[2]}, or fewer",
        )


def all_endpoints(entries: Mapping[str, Entry]) -> Iterator[Problem]:
    """Sizes of what the GateStack makes of all entries together. Paths are the file's."""
    read = buckets(entries.values())
    if len(read) > limits.BUCKETS:
        yield Problem(
            ("endpoints",),
            f"model_artifacts and reports in {len(read)} buckets",
            f"at most {limits.BUCKETS} buckets: the deployer's role names each of them",
            "keep several endpoints' artifacts in one bucket, below prefixes",
        )
    keys = volume_keys(entries.values())
    if len(keys) > limits.VOLUME_KEYS:
        yield Problem(
            ("endpoints",),
            f"{len(keys)} different keys in serving.kms_key",
            f"at most {limits.VOLUME_KEYS}: the deployer's role names each of them",
            "let endpoints share a key",
        )
    guarded = stages(entries.values())
    if len(guarded) > limits.STAGES:
        yield Problem(
            ("endpoints",),
            f"{len(guarded)} different stages",
            f"at most {limits.STAGES}: the policy for those who register names each of them",
            "let endpoints share a stage",
        )


def _one_size(keys: Keys) -> Iterator[Problem]:
    pairs = [keys.SIZE_KEYS] if keys.SIZE_KEYS else []
    if isinstance(keys, Rolling):
        pairs.append(("rollback_batch_percent", "rollback_batch_instances"))
    for percent, instances in pairs:
        if getattr(keys, percent) is not None and getattr(keys, instances) is not None:
            yield Problem(
                ("rollout", instances), f"both {percent} and {instances}", "one of the two", "remove one of them"
            )


def _alarms_can_fire(keys: Keys) -> Iterator[Problem]:
    key = plan.first_wait(Strategy(keys.strategy))
    wait, needed = getattr(keys, key), limits.ALARM_SECONDS + limits.PUBLISHING_SECONDS
    if wait <= needed:
        yield Problem(
            ("rollout", key),
            str(wait),
            f"more than {needed}: an alarm needs {limits.ALARM_SECONDS} s of datapoints (2 periods of 60 s) and about "
            f"{limits.PUBLISHING_SECONDS} s until SageMaker sees it, so it could not fire within {wait} s "
            "and would guard nothing",
            f"write `{key}: {max(300, needed + 1)}` or more",
        )


def _all_is_played(rollout: Rollout) -> Iterator[Problem]:
    """Golden requests judge best where all traffic is on the new fleet, which is when it bakes last."""
    traits, needed = rollout.strategy.traits, limits.ALARM_SECONDS + limits.PUBLISHING_SECONDS
    if traits.has_steps and traits.keeps_old_fleet and rollout.bake_seconds <= needed:
        yield Problem(
            ("rollout", "bake_seconds"),
            str(rollout.bake_seconds),
            f"more than {needed} beside golden_requests: while old and new fleet share the traffic, a wrong answer "
            "counts only where the version before is known to answer right",
            f"write `bake_seconds: {max(300, needed + 1)}` or more",
        )


def _step_fits(keys: Keys, instance_count: int) -> Iterator[Problem]:
    if keys.SIZE_KEYS:
        _, key = keys.SIZE_KEYS
        instances: int | None = getattr(keys, key)
        least, most = Strategy(keys.strategy).traits.least_percent, limits.MOST_PERCENT
        smallest, largest = max(1, -(-instance_count * least // 100)), instance_count * most // 100
        if instances is not None and not smallest <= instances <= largest:
            yield Problem(
                ("rollout", key),
                f"{instances} of {instance_count} instances",
                f"{smallest} to {largest}: {f'{least} to {most}' if least else f'at most {most}'} percent of "
                "instance_count",
                f"write `{key}: {min(max(instances, smallest), largest)}`",
            )
    if isinstance(keys, Rolling) and (keys.rollback_batch_instances or 0) > instance_count:
        yield Problem(
            ("rollout", "rollback_batch_instances"),
            f"{keys.rollback_batch_instances} of {instance_count} instances",
            f"1 to {instance_count}: at most the fleet",
            f"write `rollback_batch_instances: {instance_count}`",
        )


def _time_limit(keys: Keys, instance_count: int) -> Iterator[Problem]:
    rollout = plan.rollout(keys, instance_count)
    waits, launches = plan.waits(rollout, instance_count), plan.launches(rollout, instance_count)
    limit, needed = rollout.maximum_seconds, waits + launches * limits.LAUNCH_SECONDS
    if limit >= needed:
        return
    given = keys.maximum_seconds is not None
    what = f"{waits} s of waiting and {launches} x {limits.LAUNCH_SECONDS} s to launch instances"
    yield Problem(
        ("rollout", "maximum_seconds" if given else plan.first_wait(rollout.strategy)),
        f"a time limit of {limit} s for {what}" if given else f"{what}, {needed} s in all",
        f"within the time limit, which is at most {limits.MAXIMUM_SECONDS[1]} s",
        "remove maximum_seconds (it is computed), or wait less" if given else "wait less, or move in larger steps",
    )
