"""What the entries of several endpoints must agree on."""

import botocore.session
import pytest

from infra.config import limits
from infra.config.load import parse_configuration
from infra.config.problem import ConfigError
from lambdas.gate import names


def problems(source: str) -> str:
    with pytest.raises(ConfigError) as raised:
        parse_configuration("endpoints.yaml", source)
    return str(raised.value)


def endpoints(*gates: str, group: str = "Group") -> str:
    """Endpoints a, b, c …, one at line 2 and each 5 lines further, with these gates; the first in another `group`."""
    entry = (
        "  {name}:\n    model_package_group: {group}\n    variant: {{instance_type: ml.m5.large}}\n"
        "    model_artifacts: s3://models/\n    gate: {gate}\n"
    )
    named = zip("abcdefghijklmnop", gates, strict=False)
    return "endpoints:\n" + "".join(
        entry.format(name=name, gate=gate, group=group if name == "a" else "Group") for name, gate in named
    )


def test_a_version_may_soak_on_one_endpoint_after_the_other() -> None:
    source = endpoints("{}", "{soak: {endpoint: a, hours: 1}}", "{soak: {endpoint: b, hours: 744}}")
    assert [endpoint.name for endpoint in parse_configuration("endpoints.yaml", source).endpoints] == ["a", "b", "c"]


def soak(endpoint: str) -> str:
    return f"{{soak: {{endpoint: {endpoint}, hours: 1}}}}"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            endpoints("{}", soak("aa")),
            "endpoints.yaml:11: endpoints.b.gate.soak.endpoint\n"
            '  found    "aa"\n'
            "  allowed  an endpoint of this file, in the same account and Region\n"
            "  fix      did you mean `a`?",
        ),
        (
            endpoints("{}", soak("a"), group="Other"),
            "endpoints.yaml:11: endpoints.b.gate.soak.endpoint\n"
            '  found    "a", an endpoint of the group Other\n'
            "  allowed  an endpoint of the group Group. No other endpoint has the version.\n"
            "  fix      name another endpoint",
        ),
        (
            endpoints(soak("b"), soak("a")),
            "endpoints.yaml:6: endpoints.a.gate.soak.endpoint\n"
            "  found    a waits for b, which waits for a\n"
            "  allowed  endpoints that do not wait for each other\n"
            "  fix      write `soak: null` for the first of them",
        ),
        (
            endpoints(soak("b"), soak("c"), soak("d"), soak("b")),
            "endpoints.yaml:11: endpoints.b.gate.soak.endpoint\n"
            "  found    b waits for c, which waits for d, which waits for b\n"
            "  allowed  endpoints that do not wait for each other\n"
            "  fix      write `soak: null` for the first of them",
        ),
        (
            f"defaults: {{gate: {soak('a')}}}\n{endpoints('{}', '{}')}",
            "endpoints.yaml:1: endpoints.a.gate.soak.endpoint\n"
            '  found    "a", the endpoint itself\n'
            "  allowed  another endpoint. On its own endpoint a version cannot be live before it goes live.\n"
            "  fix      name another endpoint, or write `soak: null`",
        ),
    ],
)
def test_a_soak_that_could_never_be_full_is_refused(source: str, message: str) -> None:
    assert problems(source) == f"endpoints.yaml has 1 problem:\n\n{message}"


def test_a_soak_in_the_defaults_is_taken_away_from_the_first_endpoint() -> None:
    source = f"defaults: {{gate: {soak('a')}}}\n{endpoints('{soak: null}', '{}')}"
    first, second = parse_configuration("endpoints.yaml", source).endpoints
    assert (first.entry.gate.soak, second.entry.gate.soak is None) == (None, False)


def test_more_buckets_than_the_deployers_role_can_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BUCKETS", 2)
    assert parse_configuration("endpoints.yaml", endpoints("{reports: [s3://models/a/, s3://reports/]}")).endpoints
    assert problems(endpoints("{reports: [s3://reports/]}", "{reports: [s3://more-reports/]}")) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:1: endpoints\n"
        "  found    model_artifacts, reports and serving.environment in 3 buckets\n"
        "  allowed  at most 2 buckets. The deployer's role names each of them.\n"
        "  fix      keep the artifacts of several endpoints in one bucket, under prefixes"
    )


def test_more_stages_than_the_policy_for_people_can_name_are_refused() -> None:
    stages = [f"{{stage: {{name: Production, status: Approved{number}}}}}" for number in range(limits.STAGES)]
    assert parse_configuration("endpoints.yaml", endpoints(*stages, stages[0])).endpoints
    assert problems(endpoints(*stages, "{stage: {name: Staging, status: Approved}}")) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:1: endpoints\n"
        "  found    11 different stages\n"
        "  allowed  at most 10 stages. The policy for people who register versions names each of them.\n"
        "  fix      use one stage for several endpoints"
    )


def test_a_stage_is_what_the_registry_takes() -> None:
    shape = botocore.session.get_session().get_service_model("sagemaker").shape_for("ModelLifeCycle")
    for member in ("Stage", "StageStatus"):
        assert shape.members[member].metadata == {"min": 1, "max": 63, "pattern": names.ENDPOINT_NAME}
