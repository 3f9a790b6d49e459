"""What `preview` says that roles may do because of an entry, compared with the policies that the CDK makes of it."""

import pytest

from infra.asset.bundle import Asset
from infra.config.load import parse_configuration
from lambdas.gate.spec.spec import Spec
from ops.preview import accesses
from ops.preview.accesses import Access
from tests.infra.synthesized import Template, of_type, resolved, synthesize

ACCOUNT = "123456789012"
KEY, TOPIC = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/", f"arn:aws:sns:us-east-1:{ACCOUNT}:"
FILE = f"""
defaults:
  model_package_group: Group
  variant: {{instance_type: ml.m5.large}}
endpoints:
  plain:
    model_artifacts: s3://plain-models/
  full:
    model_artifacts: s3://full-models/fraud/
    gate:
      images: ['{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/models/*']
      reports: [s3://full-reports/fraud/]
      require: [{{name: auc, that: 'metrics.ModelQuality.Statistics.f1.value > `0.8`'}}]
    serving:
      environment: {{DATA: s3://full-variables/x/}}
      kms_key: {KEY}full-volumes
      vpc: {{subnets: [subnet-0a1b2c3d], security_groups: [sg-0a1b2c3d]}}
      data_capture: {{percent: 10, destination: s3://full-captures/in/, kms_key: {KEY}full-captures}}
  asynchronous:
    model_artifacts: s3://asynchronous-models/
    serving:
      asynchronous:
        input: s3://asynchronous-requests/in/
        output: s3://asynchronous-answers/out/
        failures: s3://asynchronous-failures/out/
        kms_key: {KEY}asynchronous-answers
        success_topic: {TOPIC}asynchronous-good
        error_topic: {TOPIC}asynchronous-bad
"""
UNNAMED = {
    f"arn:aws:ec2:us-east-1:{ACCOUNT}:network-interface/*",
    "arn:aws:s3:::asynchronous-requests/in/*",
    "arn:aws:s3:::asynchronous-requests",
}
"""EC2 names the interfaces. The deployed spec does not have the prefix of the requests, so nothing can be compared."""
SPECS = {each.name: each.spec("role") for each in parse_configuration("endpoints.yaml", FILE).endpoints}


@pytest.fixture(scope="module")
def stacks(functions: Asset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Stack → the resources on which its roles' policies allow something."""
    found = synthesize(
        parse_configuration("endpoints.yaml", FILE).endpoints, functions, tmp_path_factory.mktemp("cdk.out")
    )
    return {name.removeprefix("ApprovalGate-"): _resources(template) for name, template in found.items()}


def _resources(template: Template) -> set[str]:
    inline = [policy for role in of_type(template, "AWS::IAM::Role") for policy in role.get("Policies", ())]
    found: set[str] = set()
    for policy in (*inline, *of_type(template, "AWS::IAM::Policy")):
        for statement in policy["PolicyDocument"]["Statement"]:
            resources = resolved(template, statement["Resource"])
            found |= set(resources if isinstance(resources, list) else [resources])
    return found


def _parts(gained: set[Access]) -> set[str]:
    """The part of a resource's ARN that each access names."""
    return {_part(access.what.partition(" for ")[0].split()[-1]) for access in gained}


def _part(name: str) -> str:
    account, is_image, rest = name.partition(".dkr.ecr.")
    if is_image:
        region, _, repository = rest.partition(".amazonaws.com/")
        return f":ecr:{region}:{account}:repository/{repository}"
    return name.removeprefix("s3://").removesuffix("*")


@pytest.mark.parametrize("name", ["full", "asynchronous"])
def test_each_resource_that_depends_on_the_entry_is_named(stacks: dict[str, set[str]], name: str) -> None:
    parts = _parts(set(accesses.of_endpoint(SPECS[name]) - accesses.of_endpoint(SPECS["plain"])))
    added = stacks[name] - stacks["plain"] - UNNAMED
    assert [resource for resource in sorted(added) if not any(part in resource for part in parts)] == []
    assert [part for part in sorted(parts) if not any(part in resource for resource in added)] == []


def test_each_bucket_and_key_of_the_deployer_is_named(stacks: dict[str, set[str]]) -> None:
    parts = _parts({each for each in accesses.of_gate(SPECS.values()) if each.what != ANY_IMAGE})
    of_entries = {each for each in stacks["ApprovalGate"] if ":s3:::" in each or ":key/full" in each}
    assert [resource for resource in sorted(of_entries) if not any(part in resource for part in parts)] == []
    assert [part for part in sorted(parts) if not any(part in resource for resource in of_entries)] == []


ANY_IMAGE = "read digests of the images of any repository"


def test_a_gate_that_enforces_images_names_their_registries() -> None:
    only: list[Spec] = [SPECS["full"]]
    assert Access("the deployer", f"read digests of the images of {ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/*") in (
        accesses.of_gate(only)
    )
