"""Service models cut down to what is called."""

import json

from botocore.model import ServiceModel

from infra.aws_models import service_models, trim


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
