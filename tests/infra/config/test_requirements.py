"""What the entries of a file require of the GateStack."""

import json

from infra.config.load import parse_configuration
from infra.config.requirements import buckets
from tests.infra.conftest import ROOT


def test_the_deployer_s_role_names_the_buckets_of_artifacts_reports_and_the_environment() -> None:
    """A variable may have any text: `*` is no bucket, and would allow every one."""
    environment = {
        "SAGEMAKER_SUBMIT_DIRECTORY": "s3://our-code/serve.tar.gz",
        "MODULES": json.dumps(["s3://our-modules/a.tar.gz", "s3://*/b.tar.gz"]),
        "LEVEL": "20",
    }
    condition = {"name": "auc", "that": "metrics.ModelQuality.Statistics.auc > `0.9`"}
    entry = {
        "model_package_group": "FraudDetectionGroup",
        "variant": {"instance_type": "ml.m5.large"},
        "model_artifacts": "s3://our-models/fraud/",
        "gate": {"reports": ["s3://our-reports/fraud/"], "require": [condition]},
        "serving": {"environment": environment},
    }
    text = json.dumps({"endpoints": {"fraud-detection": entry}})
    found = parse_configuration(str(ROOT / "endpoints.yaml"), text)
    assert buckets(each.entry for each in found.endpoints) == ["our-code", "our-models", "our-modules", "our-reports"]
