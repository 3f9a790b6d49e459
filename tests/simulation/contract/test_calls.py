"""Requests and answers have the shapes that botocore's models give them, in every scenario without faults."""

from lambdas.gate.aws.clients import OPERATIONS
from lambdas.gate.aws.container import HUB_VARIABLES
from simulation.world.operations import READS, operations
from simulation.world.world import World
from tests.simulation.contract.calls import calls
from world.assumptions import Assumptions

NOT_MET = {"ChangeMessageVisibility"}
"""Only a fault makes an order come again."""
NOT_OFFERED = {("iam", "GetRole"), ("kms", "GenerateMac"), ("s3", "ListObjectsV2"), ("sts", "AssumeRole")}
"""The operators of the scenarios are users, no row is sealed, the world itself compares answers, and the deployer's own
role reads all that is named."""
UNKNOWN_STATUS = ".EndpointStatus is 'Hibernating'"
"""A scenario asks what the product does if AWS adds a status."""
_REVISIONS = {"REVISION", *(name for kind in HUB_VARIABLES["HF_MODEL_ID"] for name in kind)}
NEVER_GIVEN = {
    # The items of these fit on a page.
    *((each, ".NextToken") for each in ("DescribeAlarmHistory", "DescribeScalingPolicies", "DescribeScheduledActions")),
    ("ListEndpoints", ".NextToken"),
    ("GetParameterHistory", ".NextToken"),
    # No model or config of the scenarios has these settings.
    *(("DescribeEndpointConfig", name) for name in (".DataCaptureConfig", ".ExplainerConfig", ".KmsKeyId")),
    ("DescribeEndpointConfig", ".MetricsConfig"),
    *(("DescribeModel", name) for name in (".Containers[].InferenceSpecificationName", ".VpcConfig")),
    ("DescribeModel", ".PrimaryContainer.ModelPackageName"),
    # DescribeModel shows nothing that a model took from its package.
    *(
        ("DescribeModel", f".Containers[].{name}")
        for name in (
            *("AdditionalModelDataSources", "AdditionalS3DataSource", "Image", "ImageDigest"),
            *("ModelDataSource", "ModelDataUrl"),
            *(f"Environment.{each}" for each in HUB_VARIABLES),
        )
    ),
    # No version of the scenarios loads anything from there.
    *(
        ("DescribeModelPackage", f".InferenceSpecification.Containers[].{name}")
        for name in (
            "AdditionalModelDataSources",
            "AdditionalS3DataSource",
            "ModelDataSource",
            *(f"Environment.{each}" for each in {*HUB_VARIABLES, *_REVISIONS} - {"HF_MODEL_ID"}),
        )
    ),
    # The minutes of one rollout fit into one page.
    ("GetMetricData", ".NextToken"),
    # The bucket has no versions.
    ("HeadObject", ".VersionId"),
    ("GetObject", ".VersionId"),
    # No row is sealed.
    ("Query", ".Items[].seal"),
    # Only a fault makes the publisher meet a row that it has told.
    ("GetItem", ".Item.told"),
}


def test_botocore_would_send_each_request_and_could_give_each_answer() -> None:
    assert {error for error in calls().errors if not error[1].startswith(UNKNOWN_STATUS)} == set()


def test_the_product_calls_what_it_declares_and_the_simulation_offers_no_more() -> None:
    offered = {
        (service, name) for service, methods in operations(World(Assumptions())).items() for name, _ in methods.values()
    }
    assert offered | NOT_OFFERED == {(service, name) for service, names in OPERATIONS.items() for name in names}
    assert set(calls().count) | NOT_MET == {name for _, name in offered}


def test_reads_are_the_operations_that_change_nothing() -> None:
    assert set(calls().count) - calls().changing == READS


def test_the_product_looks_for_nothing_that_the_simulation_never_gives() -> None:
    assert calls().read - calls().given == NEVER_GIVEN
