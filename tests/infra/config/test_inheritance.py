"""What an endpoint inherits, what it says itself, and where a mistake in either is shown."""

from typing import Any

import pytest

from infra.config.load import parse_configuration
from infra.config.problem import ConfigError

DEFAULTS = """defaults:
  model_package_group: Group
  variant: {instance_type: ml.m5.large, instance_count: 4}
  model_artifacts: s3://models/
  rollout: {strategy: rolling, batch_percent: 25, wait_seconds: 300}
  rollback_on: {error_rate_percent: 3, alarms: [kpi]}
  gate:
    four_eyes: true
    approvers: [role/a, role/b]
    stage: {name: Production, status: Approved}
  traffic: {requests_per_second: 20, bad_version_error_rate_percent: 10}
  dashboard: true
"""


def entry(keys: str, defaults: str = DEFAULTS) -> Any:
    (endpoint,) = parse_configuration("endpoints.yaml", f"{defaults}endpoints:\n  churn: {keys}\n").endpoints
    return endpoint.entry.model_dump()


def problems(source: str) -> str:
    with pytest.raises(ConfigError) as raised:
        parse_configuration("endpoints.yaml", source)
    return str(raised.value)


INHERITED = entry("{}")


def test_an_entry_that_says_nothing_is_the_defaults() -> None:
    given = {
        "model_package_group": "Group",
        "variant": {"name": "AllTraffic", "instance_type": "ml.m5.large", "instance_count": 4},
        "model_artifacts": "s3://models/",
        "dashboard": True,
    }
    assert {key: INHERITED[key] for key in given} == given
    assert (INHERITED["rollout"]["strategy"], INHERITED["rollout"]["batch_percent"]) == ("rolling", 25)
    assert (INHERITED["rollback_on"]["error_rate_percent"], INHERITED["rollback_on"]["alarms"]) == (3, ["kpi"])
    assert (INHERITED["gate"]["four_eyes"], INHERITED["gate"]["approvers"]) == (True, ["role/a", "role/b"])


@pytest.mark.parametrize(
    ("keys", "section", "expected"),
    [
        ("{model_artifacts: s3://mine/}", "model_artifacts", "s3://mine/"),
        ("{dashboard: false}", "dashboard", False),
        ("{variant: {instance_count: 8}}", "variant", INHERITED["variant"] | {"instance_count": 8}),
        ("{rollback_on: {p99_latency_ms: 5}}", "rollback_on", INHERITED["rollback_on"] | {"p99_latency_ms": 5}),
        ("{rollback_on: {alarms: []}}", "rollback_on", INHERITED["rollback_on"] | {"alarms": []}),
        ("{gate: {mode: advise}}", "gate", INHERITED["gate"] | {"mode": "advise"}),
        ("{gate: {approvers: [role/c]}}", "gate", INHERITED["gate"] | {"approvers": ["role/c"]}),
        ("{traffic: {requests_per_second: 9}}", "traffic", INHERITED["traffic"] | {"requests_per_second": 9}),
        ("{traffic: null}", "traffic", None),
        ("{gate: {stage: null}}", "gate", INHERITED["gate"] | {"stage": None}),
        ("{rollout: {canary_percent: 25}}", "rollout", entry("{rollout: {canary_percent: 25}}")["rollout"]),
    ],
)
def test_what_an_entry_says_itself_wins_key_by_key_and_a_list_or_a_rollout_as_a_whole(
    keys: str, section: str, expected: Any
) -> None:
    assert entry(keys) == INHERITED | {section: expected}


def test_a_rollout_of_an_entry_has_nothing_of_the_defaults() -> None:
    assert entry("{rollout: {}}")["rollout"] == {
        "maximum_seconds": None,
        "strategy": "canary",
        "canary_percent": None,
        "canary_instances": None,
        "wait_seconds": 300,
        "bake_seconds": 300,
    }


MISTAKES = """defaults:
  varient: {}
  variant: {instance_type: ml.inf1.xlarge}
  rollback_on: {alarms: [a, a]}
  rollout: {strategy: linear, step_instances: 3}
  gate: {require: [{name: f1, that: "metric.f1 > `1`"}]}
endpoints:
  a: {model_package_group: Group, model_artifacts: s3://models/}
  b: {model_package_group: B, model_artifacts: s3://models, variant: {instance_type: ml.m5.4xlarge, instance_count: 4}}
"""


def test_a_mistake_in_the_defaults_is_shown_once_where_it_is_and_what_does_not_fit_an_entry_with_the_entry() -> None:
    assert problems(MISTAKES) == (
        "endpoints.yaml has 7 problems:\n"
        "\n"
        "endpoints.yaml:2: defaults.varient\n"
        "  found    the unknown key `varient`\n"
        "  allowed  the keys model_package_group, variant, model_artifacts, rollout, rollback_on, judge, shadow, "
        "gate, serving, autoscaling, traffic, evidence, capacity, golden_requests, metrics, contacts, tags, "
        "notify_waiting, dashboard\n"
        "  fix      remove it\n"
        "\n"
        "endpoints.yaml:3: defaults.variant.instance_type\n"
        '  found    "ml.inf1.xlarge"\n'
        "  allowed  any type but ml.inf1. SageMaker has no deployment guardrails for it: all traffic would "
        "move at once, and no alarm would be watched.\n"
        "  fix      use ml.inf2 or another type\n"
        "\n"
        "endpoints.yaml:4: defaults.rollback_on.alarms[1]\n"
        '  found    "a" again\n'
        "  allowed  each alarm once\n"
        "  fix      remove it\n"
        "\n"
        "endpoints.yaml:5: endpoints.a.rollout.step_instances\n"
        "  found    3 of 2 instances\n"
        "  allowed  1 to 1. A step is 10 to 50 percent of instance_count.\n"
        "  fix      write `step_instances: 1`\n"
        "\n"
        "endpoints.yaml:5: endpoints.b.rollout.step_instances\n"
        "  found    3 of 4 instances\n"
        "  allowed  1 to 2. A step is 10 to 50 percent of instance_count.\n"
        "  fix      write `step_instances: 2`\n"
        "\n"
        "endpoints.yaml:6: defaults.gate.require[0].that\n"
        "  found    the unknown field `metric`\n"
        "  allowed  the fields package, metrics, baselines, customer_metadata, lifecycle, model_card, live\n"
        "  fix      did you mean `metrics`?\n"
        "\n"
        "endpoints.yaml:9: endpoints.b.model_artifacts\n"
        '  found    "s3://models"\n'
        "  allowed  s3://BUCKET/PREFIX/ that ends in a slash, or it would match longer names too: "
        "a bucket's name of 3 to 63 characters, and "
        "letters, digits and !_.'()=+@-. S3 prefix "
        "of the model artifacts. The execution role may read it.\n"
        "  fix      write `model_artifacts: s3://models/`"
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "defaults: {gate: {freeze: [{cron: x, hours: 1}]}}\nendpoints: {}\n",
            "endpoints.yaml:1: defaults.gate.freeze[0].cron\n"
            '  found    "x"\n'
            "  allowed  five cron fields: minute, hour, day of month, month, day of week. When a window "
            "begins.\n"
            "  fix      write a value that is allowed",
        ),
        (
            "defaults: {gate: {freeze: [{cron: 61 * * * *, hours: 1}]}}\nendpoints: {}\n",
            "endpoints.yaml:1: defaults.gate.freeze[0].cron\n"
            '  found    "61 * * * *": Bad minute\n'
            "  allowed  five cron fields: minute, hour, day of month, month, day of week. When a window "
            "begins.\n"
            "  fix      write a value that is allowed",
        ),
        (
            "defaults: [gate]\nendpoints: {}\n",
            "endpoints.yaml:1: defaults\n"
            '  found    ["gate"]\n'
            "  allowed  a mapping with the keys model_package_group, variant, model_artifacts, rollout, "
            "rollback_on, judge, shadow, gate, serving, autoscaling, traffic, evidence, capacity, golden_requests, "
            "metrics, contacts, tags, notify_waiting, dashboard. Keys for every endpoint that does not give them "
            "itself.\n"
            "  fix      write its keys below it, indented",
        ),
        (
            f"{DEFAULTS}endpoints:\n  churn:\n",
            "endpoints.yaml:14: endpoints.churn\n  found    null\n"
            "  allowed  a mapping with the keys model_package_group, variant, model_artifacts, rollout, rollback_on, "
            "judge, shadow, gate, serving, autoscaling, traffic, evidence, capacity, golden_requests, metrics, "
            "contacts, tags, notify_waiting, dashboard\n"
            "  fix      write its keys below it, indented",
        ),
        (
            "defaults: {variant: {instance_count: 2}}\n"
            "endpoints:\n  churn: {model_package_group: Group, model_artifacts: s3://models/}\n",
            "endpoints.yaml:3: endpoints.churn.variant.instance_type\n"
            "  found    nothing\n"
            "  allowed  an instance type of SageMaker, such as ml.m5.large. SageMaker instance type of the "
            "old and the new fleet. ml.inf1 is refused, as it has no deployment guardrails.\n"
            "  fix      add `instance_type: ml.m5.large`",
        ),
    ],
)
def test_defaults_are_checked_even_where_no_endpoint_uses_them(source: str, message: str) -> None:
    assert problems(source) == f"endpoints.yaml has 1 problem:\n\n{message}"
