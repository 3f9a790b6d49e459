"""Service models cut down to what is called."""

import io
import json
from pathlib import Path
from typing import Any

import botocore.loaders
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, UnknownRegionError
from botocore.model import ServiceModel
from botocore.regions import EndpointResolver
from urllib3 import HTTPResponse

from infra.asset.service_models import data_files, service_models, trim
from lambdas.gate.aws.clients import OPERATIONS


def test_a_model_keeps_what_its_operations_reach_and_loses_the_documentation() -> None:
    model = {
        "metadata": {"apiVersion": "1"},
        "documentation": "<p>all</p>",
        "operations": {
            "Put": {
                "name": "Put",
                "input": {"shape": "In"},
                "output": {"shape": "Out"},
                "errors": [{"shape": "Oops"}],
                "documentation": "puts",
            },
            "Get": {"name": "Get", "output": {"shape": "Unused"}},
        },
        "shapes": {
            "In": {"type": "structure", "members": {"documentation": {"shape": "Text"}, "tags": {"shape": "Map"}}},
            "Out": {"type": "boolean"},
            "Map": {"type": "map", "key": {"shape": "Key"}, "value": {"shape": "List"}},
            "List": {"type": "list", "member": {"shape": "In"}},
            "Text": {"type": "string", "documentation": "words"},
            "Key": {"type": "string"},
            "Oops": {"type": "structure", "members": {}, "exception": True},
            "Unused": {"type": "string"},
        },
    }
    assert trim(model, ["Put"]) == {
        "metadata": {"apiVersion": "1"},
        "operations": {
            "Put": {"name": "Put", "input": {"shape": "In"}, "output": {"shape": "Out"}, "errors": [{"shape": "Oops"}]}
        },
        "shapes": {
            "In": {"type": "structure", "members": {"documentation": {"shape": "Text"}, "tags": {"shape": "Map"}}},
            "Out": {"type": "boolean"},
            "Map": {"type": "map", "key": {"shape": "Key"}, "value": {"shape": "List"}},
            "List": {"type": "list", "member": {"shape": "In"}},
            "Text": {"type": "string"},
            "Key": {"type": "string"},
            "Oops": {"type": "structure", "members": {}, "exception": True},
        },
    }


def test_s3s_client_parameters_keep_the_documentation_that_botocore_reads() -> None:
    (text,) = service_models({"s3": ["HeadObject"]}).values()
    parameters = json.loads(text)["clientContextParams"]
    assert [name for name in parameters if "documentation" not in parameters[name]] == []
    assert "DisableS3ExpressSessionAuth" in parameters


def test_botocores_own_model_is_cut_to_one_operation_with_its_whole_request() -> None:
    files = service_models({"sagemaker": ["UpdateEndpoint"]})
    ((path, text),) = files.items()
    assert path == "sagemaker/2017-07-24/service-2.json"
    model = ServiceModel(json.loads(text), "sagemaker")
    assert list(model.operation_names) == ["UpdateEndpoint"]
    assert sorted(model.operation_model("UpdateEndpoint").input_shape.members) == [
        "DeploymentConfig",
        "EndpointConfigName",
        "EndpointName",
        "ExcludeRetainedVariantProperties",
        "RetainAllVariantProperties",
        "RetainDeploymentConfig",
    ]


def test_a_client_of_s3_on_the_cut_model_sends_its_call(tmp_path: Path) -> None:
    """botocore has S3's rules for endpoints itself, and reads the documentation of the options that they take."""
    for path, text in service_models({"s3": ["HeadObject"]}).items():
        place = tmp_path / path
        place.parent.mkdir(parents=True)
        place.write_bytes(text)
    session = botocore.session.get_session()
    session.register_component("data_loader", botocore.loaders.create_loader(str(tmp_path)))
    s3 = session.create_client("s3", "eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")
    sent: list[str] = []

    def answer(request: Any, **_: Any) -> Any:
        sent.append(f"{request.method} {request.url}")
        return AWSResponse(request.url, 404, {}, HTTPResponse(io.BytesIO()))

    s3.meta.events.register("before-send.s3.HeadObject", answer)
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket="example-models", Key="fraud/1.tar.gz")
    assert s3.meta.service_model.operation_names == ["HeadObject"]
    assert sent == ["HEAD https://example-models.s3.eu-west-1.amazonaws.com/fraud/1.tar.gz"]


def test_the_cut_list_of_endpoints_answers_as_the_full_one_in_every_partition_and_region() -> None:
    loader = botocore.loaders.Loader()
    full = loader.load_data("endpoints")
    cut = json.loads(data_files(OPERATIONS)["endpoints.json"])
    prefixes = {loader.load_service_model(each, "service-2")["metadata"]["endpointPrefix"] for each in OPERATIONS}
    regions = {"eu-new-1", *(region for each in full["partitions"] for region in each["regions"])}

    def answers(stored: Any) -> Any:
        resolver = EndpointResolver(stored)
        partitions = {region: _partition(resolver, region) for region in regions}
        endpoints = {
            (prefix, region, *flags): resolver.construct_endpoint(
                prefix, region, use_fips_endpoint=flags[0], use_dualstack_endpoint=flags[1]
            )
            for prefix in prefixes
            for region in regions
            for flags in ((False, False), (True, False))
        }
        return partitions, endpoints, resolver.get_available_partitions()

    assert answers(cut) == answers(full)
    assert len(json.dumps(cut)) * 3 < len(json.dumps(full))


def _partition(resolver: EndpointResolver, region: str) -> Any:
    try:
        return resolver.get_partition_for_region(region)
    except UnknownRegionError:
        return None
