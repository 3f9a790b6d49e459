"""What endpoints.yaml may say: one line per rule, with the whole message of each mistake."""

from pathlib import Path

import pytest

from infra.config import limits
from infra.config.load import Endpoint, load, parse_configuration
from infra.config.problem import ConfigError
from infra.config.spec import spec
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.contacts import Contacts
from lambdas.gate.spec.judge import Judge, JudgeMode, Latency
from lambdas.gate.spec.minimum_requests import Otherwise
from lambdas.gate.spec.shadow import Differ, Shadow
from lambdas.gate.spec.spec import (
    Condition,
    Freeze,
    Gate,
    Mode,
    RollbackOn,
    Rollout,
    Size,
    SizeType,
    Soak,
    Spec,
    Stage,
    Strategy,
    Tag,
    Variant,
)
from lambdas.gate.spec.tolerance import Tolerance
from tests.infra.config.mistakes import mistakes
from tests.infra.conftest import ROOT

LEFT_OUT = ""
ENTRY = {
    "model_package_group": "ChurnGroup",
    "variant": "{instance_type: ml.m5.large, instance_count: 10}",
    "model_artifacts": "s3://models/churn/",
}


def text(**sections: str) -> str:
    """An entry at line 2, its sections from line 3."""
    lines = (f"    {key}: {value}\n" for key, value in (ENTRY | sections).items() if value != LEFT_OUT)
    return "endpoints:\n  churn:\n" + "".join(lines)


def problems(source: str) -> str:
    with pytest.raises(ConfigError) as raised:
        parse_configuration("endpoints.yaml", source)
    return str(raised.value)


def endpoints(source: str) -> tuple[Endpoint, ...]:
    return parse_configuration("endpoints.yaml", source).endpoints


def rollout(keys: str, instance_count: int = 10) -> Rollout:
    source = text(variant=f"{{instance_type: ml.m5.large, instance_count: {instance_count}}}", rollout=keys)
    (endpoint,) = endpoints(source)
    return spec(endpoint.name, endpoint.entry, "role").rollout


@pytest.fixture
def fraud_spec() -> Spec:
    endpoint = load(ROOT / "endpoints.yaml").endpoints[0]
    return spec(endpoint.name, endpoint.entry, "role")


def test_the_example_becomes_exactly_this_spec() -> None:
    endpoint = load(ROOT / "endpoints.yaml").endpoints[0]
    assert spec(endpoint.name, endpoint.entry, "arn:aws:iam::123456789012:role/r") == Spec(
        endpoint="fraud-detection",
        model_package_group="FraudDetectionGroup",
        variant=Variant("AllTraffic", "ml.m5.large", 2),
        execution_role_arn="arn:aws:iam::123456789012:role/r",
        model_artifacts="s3://example-models/fraud/",
        rollout=Rollout(Strategy.CANARY, Size(SizeType.CAPACITY_PERCENT, 50), 300, 300, maximum_seconds=2400),
        rollback_on=RollbackOn(error_rate_percent=8, p99_latency_ms=500, alarms=(), watch_seconds=3600),
        gate=Gate(four_eyes=True),
        judge=Judge(JudgeMode.REVERT, latency=Latency(JudgeMode.OBSERVE, 500)),
    )


def test_only_three_keys_are_required_and_the_rest_has_safe_defaults() -> None:
    (endpoint,) = endpoints(text(variant="{instance_type: ml.m5.large}"))
    assert spec(endpoint.name, endpoint.entry, "role") == Spec(
        endpoint="churn",
        model_package_group="ChurnGroup",
        variant=Variant("AllTraffic", "ml.m5.large", 2),
        execution_role_arn="role",
        model_artifacts="s3://models/churn/",
        rollout=Rollout(Strategy.CANARY, Size(SizeType.CAPACITY_PERCENT, 50), 300, 300, maximum_seconds=2400),
        rollback_on=RollbackOn(error_rate_percent=8, p99_latency_ms=1000, alarms=(), watch_seconds=3600),
        gate=Gate(four_eyes=False),
        judge=Judge(
            JudgeMode.OBSERVE,
            margin_percent=0.2,
            warm_up_minutes=2,
            must_see_percent=10,
            latency=Latency(JudgeMode.OBSERVE, 1000),
        ),
    )
    assert endpoint.entry.dashboard is False


@pytest.mark.parametrize(
    ("judge", "expected"),
    [
        ("{mode: revert, latency: revert, slower_than_ms: 200}", Latency(JudgeMode.REVERT, 200)),
        ("{slower_than_ms: 200}", Latency(JudgeMode.OBSERVE, 200)),
        ("{latency: off}", None),
    ],
)
def test_the_bound_of_a_slow_request_is_the_entrys(judge: str, expected: Latency | None) -> None:
    (endpoint,) = endpoints(text(judge=judge))
    assert spec(endpoint.name, endpoint.entry, "role").judged_by.latency == expected


def test_every_key_of_the_gate_is_handed_on() -> None:
    source = """endpoints:
  staging:
    model_package_group: ChurnGroup
    variant: {instance_type: ml.m5.large}
    model_artifacts: s3://models/churn/
  churn:
    model_package_group: ChurnGroup
    variant: {instance_type: ml.m5.large}
    model_artifacts: s3://models/churn/
    gate:
      mode: advise
      four_eyes: true
      approvers: [role/model-risk-*, "user/[ab]*", user-profile/d-1/alice]
      require:
        - {name: commit, that: "length(package.MetadataProperties.CommitId) > `0`"}
        - {name: f1, that: "metrics.ModelQuality.Statistics.f1 > `0.8`"}
        - {name: review, that: "customer_metadata.review == 'passed'", mode: advise}
      pin: false
      images: ["123456789012.dkr.ecr.us-east-1.amazonaws.com/models/*"]
      soak: {endpoint: staging, hours: 0.5}
      stage: {name: Production, status: Approved}
      freeze:
        - {cron: 0 17 * * FRI, hours: 64, time_zone: Europe/Berlin}
        - {cron: 0 0 24 12 *, hours: 336}
      reports: [s3://reports/churn/]
"""
    _, endpoint = endpoints(source)
    assert spec(endpoint.name, endpoint.entry, "role").gate == Gate(
        mode=Mode.ADVISE,
        four_eyes=True,
        approvers=("role/model-risk-*", "user/[ab]*", "user-profile/d-1/alice"),
        require=(
            Condition("commit", "length(package.MetadataProperties.CommitId) > `0`"),
            Condition("f1", "metrics.ModelQuality.Statistics.f1 > `0.8`"),
            Condition("review", "customer_metadata.review == 'passed'", Mode.ADVISE),
        ),
        pin=False,
        images=("123456789012.dkr.ecr.us-east-1.amazonaws.com/models/*",),
        soak=Soak("staging", 0.5),
        stage=Stage("Production", "Approved"),
        freeze=(Freeze("0 17 * * FRI", 64, "Europe/Berlin"), Freeze("0 0 24 12 *", 336, "UTC")),
        reports=("s3://reports/churn/",),
    )


PERCENT, COUNT = SizeType.CAPACITY_PERCENT, SizeType.INSTANCE_COUNT


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("{strategy: all-at-once}", Rollout(Strategy.ALL_AT_ONCE, None, 0, 300, 2100)),
        ("{strategy: all-at-once, bake_seconds: 3600}", Rollout(Strategy.ALL_AT_ONCE, None, 0, 3600, 5400)),
        ("{canary_percent: 10}", Rollout(Strategy.CANARY, Size(PERCENT, 10), 300, 300, 2400)),
        ("{canary_instances: 5}", Rollout(Strategy.CANARY, Size(COUNT, 5), 300, 300, 2400)),
        ("{bake_seconds: 0}", Rollout(Strategy.CANARY, Size(PERCENT, 50), 300, 0, 2100)),
        ("{strategy: linear}", Rollout(Strategy.LINEAR, Size(PERCENT, 50), 300, 300, 2700)),
        ("{strategy: linear, step_percent: 30}", Rollout(Strategy.LINEAR, Size(PERCENT, 30), 300, 300, 3300)),
        ("{strategy: linear, step_instances: 1}", Rollout(Strategy.LINEAR, Size(COUNT, 1), 300, 300, 5100)),
        ("{strategy: rolling}", Rollout(Strategy.ROLLING, Size(PERCENT, 50), 300, 0, 4200)),
        ("{strategy: rolling, batch_instances: 3}", Rollout(Strategy.ROLLING, Size(COUNT, 3), 300, 0, 8400)),
        ("{strategy: rolling, batch_percent: 5}", Rollout(Strategy.ROLLING, Size(PERCENT, 5), 300, 0, 28800)),
        (
            "{strategy: rolling, rollback_batch_percent: 100}",
            Rollout(Strategy.ROLLING, Size(PERCENT, 50), 300, 0, 4200, rollback_step=Size(PERCENT, 100)),
        ),
        (
            "{strategy: rolling, rollback_batch_instances: 10}",
            Rollout(Strategy.ROLLING, Size(PERCENT, 50), 300, 0, 4200, rollback_step=Size(COUNT, 10)),
        ),
        ("{maximum_seconds: 1500}", Rollout(Strategy.CANARY, Size(PERCENT, 50), 300, 300, 1500)),
        ("{wait_seconds: 271}", Rollout(Strategy.CANARY, Size(PERCENT, 50), 271, 300, 2371)),
    ],
)
def test_a_rollout_is_computed_for_its_fleet(keys: str, expected: Rollout) -> None:
    assert rollout(keys) == expected


def test_a_single_instance_can_be_replaced_at_once() -> None:
    assert rollout("{strategy: all-at-once}", instance_count=1).step is None


def test_traffic_is_for_the_plan_only_and_does_not_reach_the_deployer() -> None:
    def written(**sections: str) -> Spec:
        (endpoint,) = parse_configuration("endpoints.yaml", text(**sections)).endpoints
        return spec(endpoint.name, endpoint.entry, "role")

    assert written(traffic="{requests_per_second: 20}").to_json() == written().to_json()


@pytest.mark.parametrize(("mistake", "message"), mistakes("mistakes.txt"))
def test_a_mistake_is_explained(mistake: str, message: str) -> None:
    key, _, value = mistake.partition(": ")
    source = text(**{key.removeprefix("without "): value or LEFT_OUT})
    assert problems(source) == f"endpoints.yaml has 1 problem:\n\n{message}"


@pytest.mark.parametrize(("mistake", "message"), mistakes("file_mistakes.txt"))
def test_a_mistake_beside_the_endpoints_is_explained(mistake: str, message: str) -> None:
    assert problems(f"{mistake}\nendpoints: {{}}\n") == f"endpoints.yaml has 1 problem:\n\n{message}"


def test_alarm_names_that_fill_the_event_pattern_are_refused() -> None:
    alarms = ", ".join(letter * 255 for letter in "abcdef")
    assert problems(text(rollback_on=f"{{alarms: [{alarms}]}}")) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:6: endpoints.churn.rollback_on.alarms\n"
        "  found    alarm names that make the rule's event pattern 2999 characters long\n"
        "  allowed  at most 2048 characters, EventBridge's limit\n"
        "  fix      use shorter alarm names, or fewer"
    )


def test_an_entry_that_fills_the_parameter_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a smaller limit: today the event pattern is full before the parameter is."""
    monkeypatch.setattr(limits, "PARAMETER_BYTES", 700)
    assert problems(text(rollback_on="{alarms: [kpi-é]}")) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:6: endpoints.churn.rollback_on.alarms\n"
        "  found    an entry of 1139 bytes as an SSM parameter\n"
        "  allowed  at most 700 bytes, SSM's limit\n"
        "  fix      use shorter alarm names, or fewer"
    )


def test_conditions_that_fill_the_parameter_are_refused() -> None:
    condition = "{{name: c{}, that: \"live == '{}'\"}}"
    conditions = ", ".join(condition.format(number, "x" * 2000) for number in range(4))
    assert problems(text(gate=f"{{require: [{conditions}]}}")) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:6: endpoints.churn.gate.require\n"
        "  found    an entry of 9358 bytes as an SSM parameter\n"
        "  allowed  at most 8192 bytes, SSM's limit\n"
        "  fix      use shorter expressions, or fewer"
    )


def test_all_problems_are_named_at_once_in_the_order_of_the_file() -> None:
    assert problems(
        """endpoints:
  bad_name:
    model_package_group: Group
    variant: {instance_type: m5.large, instance_count: 1}
    model_artifacts: s3://models/
    rollout: {strategy: linear, step_percent: 60}
  churn:
  Churn:
    model_package_group: Group
    variant: {instance_type: ml.m5.large}
    model_artifacts: s3://models
    rollout: {wait_seconds: 60}
"""
    ) == (
        "endpoints.yaml has 7 problems:\n"
        "\n"
        "endpoints.yaml:2: endpoints.bad_name\n"
        '  found    the name "bad_name"\n'
        "  allowed  1 to 63 letters and digits, with hyphens inside\n"
        "  fix      rename it: it has `_`\n"
        "\n"
        "endpoints.yaml:4: endpoints.bad_name.variant.instance_type\n"
        '  found    "m5.large"\n'
        "  allowed  an instance type of SageMaker, such as ml.m5.large. SageMaker instance type of the old "
        "and the new fleet. ml.inf1 is refused, as it has no deployment guardrails.\n"
        "  fix      write `instance_type: ml.m5.large`\n"
        "\n"
        "endpoints.yaml:6: endpoints.bad_name.rollout.step_percent\n"
        "  found    60\n"
        "  allowed  a whole number from 10 to 50. Size of a step in percent of the fleet. The default size "
        "is half of the fleet.\n"
        "  fix      write `step_percent: 50`\n"
        "\n"
        "endpoints.yaml:7: endpoints.churn\n"
        "  found    null\n"
        "  allowed  a mapping with the keys model_package_group, variant, model_artifacts, rollout, "
        "rollback_on, judge, shadow, gate, serving, autoscaling, traffic, evidence, capacity, golden_requests, "
        "metrics, contacts, tags, notify_waiting, dashboard\n"
        "  fix      write its keys below it, indented\n"
        "\n"
        "endpoints.yaml:8: endpoints.Churn\n"
        "  found    the name Churn beside churn\n"
        "  allowed  names that differ in more than upper and lower case. For SageMaker these two are one "
        "endpoint.\n"
        "  fix      rename one of them\n"
        "\n"
        "endpoints.yaml:11: endpoints.Churn.model_artifacts\n"
        '  found    "s3://models"\n'
        "  allowed  s3://BUCKET/PREFIX/ that ends in a slash, or it would match longer names too: "
        "a bucket's name of 3 to 63 characters, and "
        "letters, digits and !_.'()=+@-. S3 prefix "
        "of the model artifacts. The execution role may read it.\n"
        "  fix      write `model_artifacts: s3://models/`\n"
        "\n"
        "endpoints.yaml:12: endpoints.Churn.rollout.wait_seconds\n"
        "  found    60\n"
        "  allowed  at least 271. No alarm can fire in a shorter wait: it needs 120 s of datapoints (2 "
        "periods of 60 s), and SageMaker sees it about 150 s later.\n"
        "  fix      write `wait_seconds: 300`, or more"
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            f"{text()}    dashboard: true\n    dashboard: false\n",
            "endpoints.yaml:7: endpoints.churn.dashboard\n"
            "  found    the key `dashboard` again, as in line 6\n"
            "  allowed  each key once\n"
            "  fix      remove one of the two",
        ),
        (
            "endpoints:\n  a: {variant\n",
            "endpoints.yaml:2\n  found    expected ',' or '}', but got '<stream end>' while parsing a flow mapping\n"
            "  allowed  YAML\n  fix      close the bracket that begins in this line",
        ),
        (
            "endpoints:\n\ta: {}\n",
            "endpoints.yaml:2\n  "
            "found    character '\\t' that cannot start any token while scanning for the next token\n"
            "  allowed  YAML\n  fix      replace the tab by spaces",
        ),
        (
            "",
            "endpoints.yaml:1\n"
            "  found    null\n"
            "  allowed  a mapping with the keys defaults, gate_floor, ledger, functions, janitor, notifications, tags, "
            "endpoints\n"
            "  fix      write its keys below it, indented",
        ),
        (
            "endpoints: [a]\n",
            "endpoints.yaml:1: endpoints\n"
            '  found    ["a"]\n'
            "  allowed  one key for each endpoint: its name. The endpoints, each with its name as "
            "SageMaker has it.\n"
            "  fix      write its keys below it, indented",
        ),
        (
            "endpoint: {}\nendpoints: {}\n",
            "endpoints.yaml:1: endpoint\n  found    the unknown key `endpoint`\n"
            "  allowed  the keys defaults, gate_floor, ledger, functions, janitor, notifications, tags, endpoints\n"
            "  fix      remove it",
        ),
    ],
)
def test_a_broken_file_is_explained(source: str, message: str) -> None:
    assert problems(source) == f"endpoints.yaml has 1 problem:\n\n{message}"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.yaml cannot be read: .*No such file"):
        load(tmp_path / "none.yaml")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("endpoints: {} # é".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin.yaml cannot be read: .*utf-8"):
        load(tmp_path / "latin.yaml")


def test_a_file_without_endpoints_is_a_gate_alone() -> None:
    assert endpoints("endpoints: {}\n") == ()


def test_keys_shared_by_an_anchor_are_checked_like_others() -> None:
    source = """endpoints:
  a: &shared
    model_package_group: Group
    variant: {instance_type: ml.m5.large}
    model_artifacts: s3://models/
  b:
    <<: *shared
    dashboard: true
"""
    first, second = endpoints(source)
    assert second.entry == first.entry.model_copy(update={"dashboard": True})


def test_contacts_are_in_the_spec_and_no_settings() -> None:
    contacts = "{owner: Fraud Analytics, on_call: '#fraud', runbook: https://w.example, description: Payments}"
    (given,) = parse_configuration("endpoints.yaml", text(contacts=contacts)).endpoints
    (none,) = parse_configuration("endpoints.yaml", text()).endpoints
    assert given.spec("arn").contacts == Contacts("Fraud Analytics", "#fraud", "https://w.example", "Payments")
    assert none.spec("arn").contacts is None
    assert given.spec("arn").settings == none.spec("arn").settings


@pytest.mark.parametrize(("keys", "expected"), [({}, None), ({"notify_waiting": "true"}, True)])
def test_nobody_is_notified_of_versions_that_wait_unless_the_entry_asks_for_it(
    keys: dict[str, str], expected: bool | None
) -> None:
    (given,) = parse_configuration("endpoints.yaml", text(**keys)).endpoints
    assert given.spec("arn").notify_waiting is expected


def test_an_endpoint_has_the_tags_of_the_file_and_those_of_its_entry() -> None:
    config = parse_configuration("endpoints.yaml", f"{text(tags='{team: churn}')}tags: {{team: all, cost: a b}}\n")
    (endpoint,) = config.endpoints
    assert (config.tags, endpoint.entry.tags) == ({"team": "all", "cost": "a b"}, {"team": "churn", "cost": "a b"})
    assert endpoint.spec("arn").tags == (Tag("cost", "a b"), Tag("team", "churn"))


def test_room_is_left_for_the_alarms_that_the_product_makes(fraud_spec: Spec) -> None:
    assert len(alarms.rollout_names(fraud_spec, "gate-config")) == limits.OWN_ALARMS


SHADOW = "{percent: 20, hours: 24, min_requests: 1000}"


def test_every_key_of_the_shadow_is_handed_on() -> None:
    keys = "{percent: 20, hours: 24, min_requests: 1000, instance_count: 2, slower_than_ms: 50}"
    (endpoint,) = endpoints(text(shadow=keys))
    assert spec(endpoint.name, endpoint.entry, "role").shadow == Shadow(20, 24, 1000, 2, 50)


def test_every_key_of_the_comparison_of_answers_is_handed_on() -> None:
    differ = "{at: score, within: {absolute: 0.01, relative: 0.1}, max_percent: 1.5}"
    (endpoint,) = endpoints(text(shadow=SHADOW.replace("}", f", differ: {differ}}}"), serving=CAPTURED))
    found = spec(endpoint.name, endpoint.entry, "role")
    assert found.shadow == Shadow(20, 24, 1000, 1, differ=Differ(1.5, "score", Tolerance(0.01, 0.1)))
    assert found.serving.config == {}
    assert found.serving.capturing.config == {
        "DataCaptureConfig": {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": "s3://captured/churn/",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        }
    }


DIFFER = SHADOW.replace("}", ", differ: {max_percent: 1}}")
CAPTURED = "{data_capture: {percent: 0, destination: s3://captured/churn/}}"


def test_whole_answers_are_equal_unless_the_entry_says_more() -> None:
    (endpoint,) = endpoints(text(shadow=DIFFER, serving=CAPTURED))
    assert spec(endpoint.name, endpoint.entry, "role").shadow == Shadow(20, 24, 1000, 1, differ=Differ(1))


def test_what_is_compared_must_be_captured() -> None:
    assert problems(text(shadow=DIFFER)) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:2: endpoints.churn.serving.data_capture\n"
        "  found    nothing\n"
        "  allowed  data capture with shadow.differ: it says where SageMaker writes the answers that are compared. "
        "With `percent: 0` nothing is captured but while a shadow runs.\n"
        "  fix      add `serving: {data_capture: {percent: 0, destination: s3://BUCKET/PREFIX/}}`"
    )


@pytest.mark.parametrize("sections", [{}, {"shadow": SHADOW}])
def test_a_capture_of_nothing_needs_answers_that_are_compared(sections: dict[str, str]) -> None:
    assert "endpoints.churn.serving.data_capture.percent\n  found    0\n  allowed  1 to 100. " in problems(
        text(serving=CAPTURED, **sections)
    )


@pytest.mark.parametrize(
    ("at", "found"),
    [("score[", "it is not complete"), ("scroe(@)", "the unknown function"), ("'{{x}}'", "'{{x}}'")],
)
def test_the_expression_of_a_comparison_is_checked(at: str, found: str) -> None:
    differ = SHADOW.replace("}", f', differ: {{at: "{at}", max_percent: 1}}}}')
    told = problems(text(shadow=differ, serving=CAPTURED))
    assert "endpoints.churn.shadow.differ.at\n" in told
    assert found in told


def test_a_shadow_and_a_rolling_rollout_exclude_each_other() -> None:
    assert problems(text(rollout="{strategy: rolling}", shadow=SHADOW)) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:6: endpoints.churn.rollout.strategy\n"
        "  found    rolling\n"
        "  allowed  another strategy with shadow. SageMaker excludes endpoints with several variants from rolling "
        "updates: all traffic would move at once, and no alarm would be watched.\n"
        "  fix      write `strategy: canary`, or remove shadow"
    )


@pytest.mark.parametrize(
    ("sections", "why"),
    [
        (
            {"variant": "{serverless: {memory_mb: 2048, max_concurrency: 20}}"},
            "none. SageMaker supports no shadow variants for serverless endpoints.",
        ),
        (
            {"serving": "{asynchronous: {input: s3://models/in/, output: s3://models/out/}}"},
            "none. SageMaker supports no shadow variants for asynchronous endpoints.",
        ),
    ],
    ids=["serverless", "asynchronous"],
)
def test_a_shadow_is_refused_where_sagemaker_has_none(sections: dict[str, str], why: str) -> None:
    assert f"endpoints.churn.shadow\n  found    the key `shadow`\n  allowed  {why}" in problems(
        text(**sections, shadow=SHADOW)
    )


def test_too_few_copies_are_an_effect_of_otherwise() -> None:
    (endpoint,) = endpoints(text(evidence="{otherwise: revert}", shadow=SHADOW))
    assert spec(endpoint.name, endpoint.entry, "role").judged_by.otherwise is Otherwise.REVERT
