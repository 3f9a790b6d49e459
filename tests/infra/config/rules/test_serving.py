"""The serving section: what of it reaches the spec, what is refused, and what it makes IAM allow."""

from pathlib import Path

import botocore.session
import pytest

from infra.asset.bundle import Asset
from infra.config import limits
from infra.config.load import load
from infra.config.spec import spec
from lambdas.gate import names
from lambdas.gate.spec.serving import Capture, Serving, Variable, Vpc
from tests.infra.config.mistakes import mistakes
from tests.infra.config.test_load import endpoints, problems, text
from tests.infra.conftest import ROOT
from tests.infra.synthesized import Template, endpoints_named, of_type, one, resolved, synthesize, synthesized_under_nag
from tests.infra.test_lint import lint_of

EXAMPLE = ROOT / "docs" / "examples" / "serving.yaml"
VOLUMES = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
CAPTURED = "arn:aws:kms:us-east-1:123456789012:key/1a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"


def serving(keys: str) -> Serving:
    (endpoint,) = endpoints(text(serving=keys))
    return spec(endpoint.name, endpoint.entry, "role").serving


def test_every_key_of_the_example_reaches_the_spec() -> None:
    (endpoint,) = load(EXAMPLE).endpoints
    assert spec(endpoint.name, endpoint.entry, "role").serving == Serving(
        environment=(Variable("LOG_LEVEL", "info"), Variable("MODEL_SERVER_WORKERS", "2")),
        vpc=Vpc(("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"), ("sg-0123456789abcdef0",)),
        network_isolation=False,
        kms_key=VOLUMES,
        data_capture=Capture(20, "s3://example-capture/fraud/", ("Input", "Output"), kms_key=CAPTURED),
        container_startup_seconds=600,
        model_download_seconds=900,
    )


def test_an_entry_that_says_nothing_asks_for_nothing() -> None:
    assert serving("{}") == Serving()


@pytest.mark.parametrize(
    ("one_way", "another"),
    [
        ('{environment: {B: "2", A: "1"}}', '{environment: {A: "1", B: "2"}}'),
        (
            "{vpc: {subnets: [subnet-0000000b, subnet-0000000a], security_groups: [sg-0000000b, sg-0000000a]}}",
            "{vpc: {subnets: [subnet-0000000a, subnet-0000000b], security_groups: [sg-0000000a, sg-0000000b]}}",
        ),
        (
            "{data_capture: {percent: 1, destination: s3://capture/, modes: [Output, Input]}}",
            "{data_capture: {percent: 1, destination: s3://capture/}}",
        ),
    ],
)
def test_moving_a_line_starts_no_rollout(one_way: str, another: str) -> None:
    assert serving(one_way) == serving(another)


@pytest.mark.parametrize(("mistake", "message"), mistakes("serving_mistakes.txt"))
def test_a_mistake_is_explained(mistake: str, message: str) -> None:
    key, _, value = mistake.partition(": ")
    assert problems(text(**{key: value})) == f"endpoints.yaml has 1 problem:\n\n{message}"


@pytest.mark.parametrize(
    ("instance_type", "refused"),
    [("ml.m5d.large", True), ("ml.g4dn.xlarge", True), ("ml.m6gd.large", True), ("ml.m5.large", False)],
)
def test_sagemaker_takes_no_key_for_instances_with_storage_of_their_own(instance_type: str, *, refused: bool) -> None:
    source = text(variant=f"{{instance_type: {instance_type}}}", serving=f"{{kms_key: {VOLUMES}}}")
    if not refused:
        assert endpoints(source)[0].entry.serving.kms_key == VOLUMES
        return
    assert problems(source) == (
        "endpoints.yaml has 1 problem:\n\nendpoints.yaml:6: endpoints.churn.serving.kms_key\n"
        f"  found    a key for the volumes of {instance_type}\n"
        "  allowed  none. Instances with local storage encrypt it themselves, and SageMaker refuses a key for them.\n"
        "  fix      remove kms_key, or use an instance type without local storage"
    )


def test_the_bounds_are_those_of_aws() -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")

    def high(shape: str) -> int:
        value: int = model.shape_for(shape).metadata["max"]
        return value

    startup = model.shape_for("ProductionVariantContainerStartupHealthCheckTimeoutInSeconds").metadata
    download = model.shape_for("ProductionVariantModelDataDownloadTimeoutInSeconds").metadata
    assert (high("EnvironmentMap"), high("EnvironmentKey"), high("EnvironmentValue")) == (limits.VARIABLES, 1024, 1024)
    assert (high("Subnets"), high("VpcSecurityGroupIds")) == (limits.SUBNETS, limits.SECURITY_GROUPS)
    assert (high("DestinationS3Uri"), high("SamplingPercentage")) == (512, 100)
    assert startup == download == dict(zip(("min", "max"), limits.STARTUP_SECONDS, strict=True))


def test_variables_that_fill_the_parameter_are_refused() -> None:
    variables = ", ".join(f'V{number}: "{"x" * 1000}"' for number in range(8))
    assert (
        problems(text(serving=f"{{environment: {{{variables}}}}}"))
        .partition("  found")[0]
        .endswith("endpoints.yaml:6: endpoints.churn.serving.environment\n")
    )


def test_more_volume_keys_than_the_deployers_role_can_name_are_refused() -> None:
    keys = [f"arn:aws:kms:us-east-1:123456789012:key/{number}" for number in range(limits.VOLUME_KEYS + 1)]
    source = "endpoints:\n" + "".join(
        f"  e{number}:\n    model_package_group: G\n    variant: {{instance_type: ml.m5.large}}\n"
        f"    model_artifacts: s3://models/\n    serving: {{kms_key: {key}}}\n"
        for number, key in enumerate(keys)
    )
    assert problems(source) == (
        "endpoints.yaml has 1 problem:\n"
        "\n"
        "endpoints.yaml:1: endpoints\n"
        "  found    21 different keys in serving.kms_key\n"
        "  allowed  at most 20 keys. The deployer's role names each of them.\n"
        "  fix      use one key for several endpoints"
    )


@pytest.fixture(scope="module")
def example(functions: Asset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    return synthesized_under_nag(EXAMPLE, functions, tmp_path_factory.mktemp("serving"))


def test_cfn_lint_finds_nothing(example: dict[str, Template]) -> None:
    assert [lint_of(template) for template in example.values()] == [[], []]


def test_the_models_role_may_do_what_the_settings_need(example: dict[str, Template]) -> None:
    template = example["ApprovalGate-fraud-detection"]
    policy = resolved(template, one(template, "AWS::IAM::Role", Path=names.ROLE_PATH))["Policies"][0]["PolicyDocument"]
    before = {
        "ReadArtifacts",
        "ListArtifacts",
        "PullImages",
        "WriteLogs",
        "PublishMetrics",
        "WithoutResource",
        "NeverJudgeItself",
    }
    added = {each["Sid"]: each for each in policy["Statement"] if each["Sid"] not in before}
    interfaces = "arn:aws:ec2:us-east-1:123456789012:network-interface/*"
    assert {sid: (each["Action"], each["Resource"], each.get("Condition")) for sid, each in added.items()} == {
        "WriteCapturedData": ("s3:PutObject", "arn:aws:s3:::example-capture/fraud/*", None),
        "EncryptCapturedData": (
            ["kms:Decrypt", "kms:GenerateDataKey"],
            CAPTURED,
            {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
        ),
        "CreateNetworkInterfaces": (
            "ec2:CreateNetworkInterface",
            [
                interfaces,
                "arn:aws:ec2:us-east-1:*:subnet/subnet-0123456789abcdef0",
                "arn:aws:ec2:us-east-1:*:subnet/subnet-0123456789abcdef1",
                "arn:aws:ec2:us-east-1:*:security-group/sg-0123456789abcdef0",
            ],
            None,
        ),
        "HandleNetworkInterfaces": (
            [
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ],
            interfaces,
            None,
        ),
        "LookAtTheNetwork": (
            [
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            "*",
            None,
        ),
    }


def test_the_deployer_may_let_sagemaker_use_the_volumes_key_and_nobody_else(
    example: dict[str, Template], functions: Asset, tmp_path: Path
) -> None:
    def through_keys(template: Template) -> list[object]:
        policies = resolved(template, of_type(template, "AWS::IAM::Policy"))
        statements = [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]
        return [
            (each["Action"], each["Resource"], each["Condition"])
            for each in statements
            if each.get("Sid") == "GrantVolumeKeys"
        ]

    through = {"StringEquals": {"kms:ViaService": "sagemaker.us-east-1.amazonaws.com"}}
    assert through_keys(example["ApprovalGate"]) == [(["kms:CreateGrant", "kms:DescribeKey"], VOLUMES, through)]
    assert through_keys(synthesize(endpoints_named("plain"), functions, tmp_path)["ApprovalGate"]) == []
