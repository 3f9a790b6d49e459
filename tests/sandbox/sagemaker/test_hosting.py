"""Models, endpoint configs and endpoints, through boto3."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import Clock
from tests.sandbox.conftest import START
from tests.sandbox.sagemaker.studio import ARN, DATA, IMAGE, ROLE, Studio, specification

VARIANT = {
    "VariantName": "AllTraffic",
    "ModelName": "v1",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 2,
    "InitialVariantWeight": 1.0,
}


@pytest.fixture
def studio(clock: Clock) -> Studio:
    """Version 1 is approved and has a model and a config, both called `v1`."""
    studio = Studio(clock)
    studio.group()
    studio.deployable("v1")
    return studio


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(START + seconds, UTC)


def message(error: pytest.ExceptionInfo[ClientError]) -> str:
    answer = error.value.response["Error"]
    assert answer["Code"] == "ValidationException"
    return str(answer["Message"])


def test_a_model_is_described_as_it_was_made(studio: Studio) -> None:
    answer = studio.api.create_model(
        ModelName="Fraud-Model",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": DATA, "Environment": {"A": "b"}},
        VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        EnableNetworkIsolation=True,
        Tags=[{"Key": "team", "Value": "risk"}],
    )
    arn = f"{ARN}:model/fraud-model"
    assert answer["ModelArn"] == arn
    described = studio.api.describe_model(ModelName="Fraud-Model")
    described.pop("ResponseMetadata")
    assert described == {
        "ModelName": "Fraud-Model",
        "ModelArn": arn,
        "CreationTime": at(0),
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": DATA, "Environment": {"A": "b"}},
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        "EnableNetworkIsolation": True,
    }
    assert studio.sagemaker.tags.of(arn) == {"team": "risk"}


@pytest.mark.parametrize("status", ["PendingManualApproval", "Rejected"])
def test_a_model_needs_an_approved_version(studio: Studio, status: str) -> None:
    version = studio.register(ModelApprovalStatus=status)
    with pytest.raises(ClientError) as error:
        studio.model("v2", version)
    assert message(error) == f"Model package {version} is not approved; its ModelApprovalStatus is {status}."


def test_a_model_may_name_a_version_that_was_rejected_since(studio: Studio) -> None:
    studio.api.update_model_package(ModelPackageArn=f"{ARN}:model-package/Fraud/1", ModelApprovalStatus="Rejected")
    studio.serve("v1")
    assert studio.verdict() == ("InService", "v1", None)


def test_a_model_may_name_an_unversioned_package(studio: Studio) -> None:
    studio.api.create_model_package(ModelPackageName="single", InferenceSpecification=specification())
    studio.model("single", "single")
    assert studio.api.describe_model(ModelName="single")["Containers"] == [{"ModelPackageName": "single"}]


@pytest.mark.parametrize("fields", [{}, {"SourceUri": "models:/fraud/1"}], ids=["nothing", "a source only"])
def test_of_a_version_without_containers_no_model_is_made(studio: Studio, fields: dict[str, Any]) -> None:
    version = studio.approve(
        studio.api.create_model_package(ModelPackageGroupName="Fraud", **fields)["ModelPackageArn"]
    )
    with pytest.raises(ClientError) as error:
        studio.model("v2", version)
    assert message(error) == f"Model package {version} has no inference specification with containers."


def test_the_environment_is_given_once(studio: Studio) -> None:
    container = specification()["Containers"][0] | {"Environment": {"A": "package"}}
    version = studio.approve(
        studio.api.create_model_package(
            ModelPackageGroupName="Fraud", InferenceSpecification=specification() | {"Containers": [container]}
        )["ModelPackageArn"]
    )
    with pytest.raises(ClientError) as error:
        studio.api.create_model(
            ModelName="v2",
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"ModelPackageName": version, "Environment": {"A": "model"}},
        )
    assert message(error) == (
        "Environment variable map cannot be specified both at Model Package {'A': 'package'} and Model {'A': 'model'}"
    )


def test_an_endpoint_config_is_described_as_it_was_made(studio: Studio) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 10,
        "DestinationS3Uri": "s3://models/capture",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    answer = studio.api.create_endpoint_config(
        EndpointConfigName="Config-1",
        ProductionVariants=[{key: value for key, value in VARIANT.items() if key != "InitialVariantWeight"}],
        DataCaptureConfig=capture,
        MetricsConfig={"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10},
    )
    assert answer["EndpointConfigArn"] == f"{ARN}:endpoint-config/config-1"
    described = studio.api.describe_endpoint_config(EndpointConfigName="Config-1")
    described.pop("ResponseMetadata")
    assert described == {
        "EndpointConfigName": "Config-1",
        "EndpointConfigArn": f"{ARN}:endpoint-config/config-1",
        "CreationTime": at(0),
        "ProductionVariants": [VARIANT],
        "DataCaptureConfig": capture,
        "MetricsConfig": {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": 10},
    }


def test_an_endpoint_takes_three_minutes_to_be_created(studio: Studio) -> None:
    studio.api.create_endpoint(
        EndpointName="Fraud-Detection", EndpointConfigName="v1", Tags=[{"Key": "team", "Value": "risk"}]
    )

    def endpoint() -> dict[str, Any]:
        answer: dict[str, Any] = studio.api.describe_endpoint(EndpointName="fraud-detection")
        answer.pop("ResponseMetadata")
        return answer

    image = IMAGE.rsplit(":", 1)[0] + "@" + specification_digest(studio)
    variant = {
        "VariantName": "AllTraffic",
        "DeployedImages": [{"SpecifiedImage": IMAGE, "ResolvedImage": image, "ResolutionTime": at(0)}],
        "CurrentWeight": 1.0,
        "DesiredWeight": 1.0,
        "CurrentInstanceCount": 0,
        "DesiredInstanceCount": 2,
    }
    creating = {"Status": "Creating", "StatusMessage": "Launching 2 instance(s).", "StartTime": at(0)}
    base = {
        "EndpointName": "Fraud-Detection",
        "EndpointArn": f"{ARN}:endpoint/fraud-detection",
        "EndpointConfigName": "v1",
        "CreationTime": at(0),
    }
    studio.clock.advance(179)
    assert endpoint() == base | {
        "EndpointStatus": "Creating",
        "LastModifiedTime": at(0),
        "PendingDeploymentSummary": {
            "EndpointConfigName": "v1",
            "ProductionVariants": [variant | {"InstanceType": "ml.m5.large", "VariantStatus": [creating]}],
            "StartTime": at(0),
        },
    }
    studio.clock.advance(1)
    assert endpoint() == base | {
        "EndpointStatus": "InService",
        "LastModifiedTime": at(180),
        "ProductionVariants": [variant | {"CurrentInstanceCount": 2}],
    }
    details = studio.details("SageMaker Endpoint State Change")
    assert [detail["EndpointStatus"] for detail in details] == ["CREATING", "IN_SERVICE"]
    assert details[-1] == {
        "EndpointName": "Fraud-Detection",
        "EndpointArn": f"{ARN}:endpoint/fraud-detection",
        "EndpointConfigName": "v1",
        "ProductionVariants": [
            {
                "VariantName": "AllTraffic",
                "CurrentWeight": 1.0,
                "DesiredWeight": 1.0,
                "CurrentInstanceCount": 2,
                "DesiredInstanceCount": 2,
            }
        ],
        "EndpointStatus": "IN_SERVICE",
        "CreationTime": int(START) * 1000,
        "LastModifiedTime": int(START + 180) * 1000,
        "Tags": {"team": "risk"},
    }


def specification_digest(studio: Studio) -> str:
    package = studio.api.describe_model_package(ModelPackageName="Fraud/1")
    return str(package["InferenceSpecification"]["Containers"][0]["ImageDigest"])


@pytest.mark.parametrize(
    ("data", "available", "reason"),
    [
        ("s3://models/none.tar.gz", None, 'Failed to download model data for container "container_1" from URL'),
        ("s3://nowhere/model.tar.gz", None, 'Failed to download model data for container "container_1" from URL'),
        (DATA, 1, "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error."),
    ],
)
def test_a_creation_fails_and_never_rolls_back(studio: Studio, data: str, available: int | None, reason: str) -> None:
    studio.deployable("v2", data=data)
    studio.sagemaker.set_capacity("ml.m5.large", available)
    studio.serve("v2")
    status, config, failure = studio.verdict()
    assert (status, config) == ("Failed", "v2")
    assert failure is not None
    assert failure.startswith(reason)
    assert studio.details("SageMaker Endpoint State Change")[-1]["EndpointStatus"] == "FAILED"
    with pytest.raises(ClientError, match="can only be deleted"):
        studio.update("v1")
    studio.api.delete_endpoint(EndpointName="fraud")
    studio.clock.advance(30)
    assert studio.api.list_endpoints()["Endpoints"] == []


def test_a_version_can_say_with_which_reason_it_fails(studio: Studio) -> None:
    studio.deployable("v2", metadata={"sandbox.failure_reason": "CannotStartContainerError"})
    studio.serve("v1")
    studio.update("v2")
    studio.clock.advance(900)
    assert studio.verdict() == ("InService", "v1", "CannotStartContainerError")


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"])
def test_a_busy_endpoint_refuses_every_change(studio: Studio, status: str) -> None:
    studio.serve("v1")
    studio.hosting.force("fraud", status=status)
    for operation, request in (
        ("update_endpoint", {"EndpointConfigName": "v1"}),
        ("update_endpoint", {"EndpointConfigName": "none"}),
        (
            "update_endpoint_weights_and_capacities",
            {"DesiredWeightsAndCapacities": [{"VariantName": "AllTraffic", "DesiredInstanceCount": 3}]},
        ),
        ("delete_endpoint", {}),
    ):
        with pytest.raises(ClientError) as error:
            getattr(studio.api, operation)(EndpointName="fraud", **request)
        assert message(error) == f'Cannot update in-progress endpoint "{ARN}:endpoint/fraud".'
    with pytest.raises(ClientError, match="Cannot create already existing endpoint"):
        studio.api.create_endpoint(EndpointName="fraud", EndpointConfigName="v1")


@pytest.mark.parametrize("status", ["InService", "OutOfService", "UpdateRollbackFailed"])
def test_an_idle_endpoint_can_be_updated(studio: Studio, status: str) -> None:
    studio.serve("v1")
    studio.hosting.force("fraud", status=status)
    studio.update("v1")
    assert studio.verdict() == ("Updating", "v1", None)


def test_a_forced_status_is_an_event_and_ends_what_was_under_way(studio: Studio) -> None:
    studio.serve("v1")
    studio.update("v1")
    studio.hosting.force("fraud", status="OutOfService")
    scale(studio, 4)
    studio.hosting.force("fraud", status="OutOfService")
    studio.clock.advance(1000)
    assert studio.verdict() == ("OutOfService", "v1", None)
    assert studio.details("SageMaker Endpoint State Change")[-1]["EndpointStatus"] == "OUT_OF_SERVICE"
    with pytest.raises(KeyError):
        studio.hosting.force("other", status="InService")


@pytest.mark.parametrize(
    ("operation", "request_", "text"),
    [
        (
            "create_model",
            {"ModelName": "V1", "PrimaryContainer": {"Image": IMAGE}},
            f'Cannot create already existing model "{ARN}:model/v1".',
        ),
        (
            "create_endpoint_config",
            {"EndpointConfigName": "V1", "ProductionVariants": [VARIANT]},
            f'Cannot create already existing endpoint configuration "{ARN}:endpoint-config/v1".',
        ),
        (
            "create_endpoint",
            {"EndpointName": "Fraud", "EndpointConfigName": "v1"},
            f'Cannot create already existing endpoint "{ARN}:endpoint/fraud".',
        ),
        (
            "create_model",
            {"ModelName": "v2", "PrimaryContainer": {"ModelPackageName": f"{ARN}:model-package/Fraud/9"}},
            f"ModelPackage {ARN}:model-package/Fraud/9 does not exist.",
        ),
        ("describe_model", {"ModelName": "v2"}, f'Could not find model "{ARN}:model/v2".'),
        ("delete_model", {"ModelName": "v2"}, f'Could not find model "{ARN}:model/v2".'),
        (
            "create_endpoint_config",
            {"EndpointConfigName": "v2", "ProductionVariants": [VARIANT | {"ModelName": "v2"}]},
            f'Could not find model "{ARN}:model/v2".',
        ),
        (
            "create_endpoint",
            {"EndpointName": "other", "EndpointConfigName": "v2"},
            f'Could not find endpoint configuration "{ARN}:endpoint-config/v2".',
        ),
        (
            "update_endpoint",
            {"EndpointName": "fraud", "EndpointConfigName": "v2"},
            f'Could not find endpoint configuration "{ARN}:endpoint-config/v2".',
        ),
        (
            "update_endpoint",
            {"EndpointName": "other", "EndpointConfigName": "v1"},
            f'Could not find endpoint "{ARN}:endpoint/other".',
        ),
        ("describe_endpoint", {"EndpointName": "other"}, f'Could not find endpoint "{ARN}:endpoint/other".'),
        ("delete_endpoint", {"EndpointName": "other"}, f'Could not find endpoint "{ARN}:endpoint/other".'),
        *(
            (
                f"{verb}_endpoint_config",
                {"EndpointConfigName": "v2"},
                f'Could not find endpoint configuration "{ARN}:endpoint-config/v2".',
            )
            for verb in ("describe", "delete")
        ),
        ("list_tags", {"ResourceArn": f"{ARN}:endpoint/other"}, "Resource does not exist."),
        (
            "update_endpoint_weights_and_capacities",
            {"EndpointName": "fraud", "DesiredWeightsAndCapacities": [{"VariantName": "Other"}]},
            f'Could not find variant "Other" of endpoint "{ARN}:endpoint/fraud".',
        ),
        (
            "create_endpoint_config",
            {"EndpointConfigName": "v2", "ProductionVariants": [VARIANT | {"InstanceType": "m5.large"}]},
            "1 validation error detected: Value 'm5.large' at 'productionVariants.1.member.instanceType' failed",
        ),
        (
            "create_endpoint",
            {"EndpointName": "no_underscores", "EndpointConfigName": "v1"},
            "1 validation error detected: Value 'no_underscores' at 'endpointName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        ),
        (
            "create_endpoint",
            {"EndpointName": "e" * 64, "EndpointConfigName": "v1"},
            "2 validation errors detected: Value '" + "e" * 64,
        ),
    ],
)
def test_refusals(studio: Studio, operation: str, request_: dict[str, Any], text: str) -> None:
    studio.serve("v1")
    with pytest.raises(ClientError) as error:
        getattr(studio.api, operation)(**request_)
    assert message(error).startswith(text)


def test_an_endpoint_whose_config_was_deleted_can_be_updated_no_more(studio: Studio) -> None:
    studio.deployable("v2")
    studio.serve("v1")
    studio.api.delete_endpoint_config(EndpointConfigName="v1")
    with pytest.raises(ClientError) as error:
        studio.update("v2")
    assert message(error) == f'Could not find endpoint configuration "{ARN}:endpoint-config/v1".'


def scale(studio: Studio, count: int) -> None:
    studio.api.update_endpoint_weights_and_capacities(
        EndpointName="fraud",
        DesiredWeightsAndCapacities=[{"VariantName": "AllTraffic", "DesiredInstanceCount": count}],
    )


def test_scaling_out_takes_a_launch_and_scaling_in_a_teardown(studio: Studio) -> None:
    studio.serve("v1")

    def scaling(count: int) -> list[tuple[int, str, int, int]]:
        scale(studio, count)
        seen: list[tuple[int, str, int, int]] = []
        for second in range(130):
            endpoint = studio.endpoint()
            (variant,) = endpoint["ProductionVariants"]
            now = (endpoint["EndpointStatus"], variant["CurrentInstanceCount"], variant["DesiredInstanceCount"])
            if not seen or seen[-1][1:] != now:
                seen.append((second, *now))
            studio.clock.advance(1)
        return seen

    assert scaling(4) == [(0, "Updating", 2, 4), (120, "InService", 4, 4)]
    assert scaling(1) == [(0, "Updating", 4, 1), (30, "InService", 1, 1)]
    studio.sagemaker.set_capacity("ml.m5.large", 1)
    assert scaling(3) == [(0, "Updating", 1, 3), (120, "RollingBack", 1, 1)]
    studio.clock.advance(30)
    assert studio.verdict() == (
        "InService",
        "v1",
        "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.",
    )


def test_lists_are_newest_first_in_pages_of_ten(studio: Studio) -> None:
    for number in range(11):
        studio.clock.advance(1)
        studio.api.create_endpoint(EndpointName=f"e-{number}", EndpointConfigName="v1")
    first = studio.api.list_endpoints()
    assert [endpoint["EndpointName"] for endpoint in first["Endpoints"]] == [f"e-{n}" for n in range(10, 0, -1)]
    assert studio.api.list_endpoints(NextToken=first["NextToken"])["Endpoints"] == [
        {
            "EndpointName": "e-0",
            "EndpointArn": f"{ARN}:endpoint/e-0",
            "CreationTime": at(1),
            "LastModifiedTime": at(1),
            "EndpointStatus": "Creating",
        }
    ]
    assert studio.api.list_endpoints(StatusEquals="InService")["Endpoints"] == []
    assert len(studio.api.list_endpoints(NameContains="E-1")["Endpoints"]) == 2
    assert [m["ModelName"] for m in studio.api.list_models()["Models"]] == ["v1"]
    assert [c["EndpointConfigName"] for c in studio.api.list_endpoint_configs()["EndpointConfigs"]] == ["v1"]


def test_a_list_ends_before_the_time_asked_for(studio: Studio) -> None:
    studio.clock.advance(60)
    studio.deployable("v2")
    before = {"CreationTimeBefore": at(60)}
    assert [m["ModelName"] for m in studio.api.list_models(**before)["Models"]] == ["v1"]
    configs = studio.api.list_endpoint_configs(**before)["EndpointConfigs"]
    assert [c["EndpointConfigName"] for c in configs] == ["v1"]


def test_a_model_that_serves_may_be_deleted_with_its_tags_and_made_again(studio: Studio) -> None:
    studio.serve("v1")
    studio.api.add_tags(ResourceArn=f"{ARN}:model/v1", Tags=[{"Key": "team", "Value": "risk"}])
    studio.api.delete_model(ModelName="v1")
    assert studio.api.list_models()["Models"] == []
    with pytest.raises(ClientError, match="Resource does not exist"):
        studio.api.list_tags(ResourceArn=f"{ARN}:model/v1")
    studio.model("v1", f"{ARN}:model-package/Fraud/1")
    assert studio.verdict() == ("InService", "v1", None)


def test_a_deleted_endpoint_is_gone_after_half_a_minute_with_its_tags(studio: Studio) -> None:
    studio.serve("v1")
    arn = f"{ARN}:endpoint/fraud"
    studio.api.add_tags(ResourceArn=f"{ARN}:endpoint/Fraud", Tags=[{"Key": "team", "Value": "risk"}])
    studio.api.delete_endpoint(EndpointName="fraud")
    assert (studio.verdict()[0], studio.sagemaker.tags.of(arn)) == ("Deleting", {"team": "risk"})
    studio.clock.advance(30)
    with pytest.raises(ClientError, match="Could not find endpoint"):
        studio.endpoint()
    assert studio.sagemaker.tags.of(arn) == {}
    assert studio.details("SageMaker Endpoint State Change")[-1]["EndpointStatus"] == "DELETING"
