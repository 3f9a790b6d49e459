"""What the demo deploys: the endpoints.yaml that ships, and a second endpoint, whose versions are shadows first."""

import shutil
from pathlib import Path

SHADOWED = "credit-limits"
_ENTRY = f"""
  {SHADOWED}:
    model_package_group: CreditLimitsGroup
    variant: {{instance_type: ml.m5.large, instance_count: 1}}
    model_artifacts: s3://example-models/credit/
    rollout: {{strategy: all-at-once, bake_seconds: 300}}
    shadow:
      percent: 50
      hours: 1
      min_requests: 1000
      differ: {{at: score, within: {{absolute: 0.01}}, max_percent: 1}}
    serving: {{data_capture: {{percent: 0, destination: s3://example-models/captured/}}}}
    evidence: {{otherwise: revert}}
"""


def written(repository: Path, folder: Path) -> Path:
    """Return the file, which is written into a folder with the golden requests that it names."""
    folder.mkdir(parents=True)
    shutil.copytree(repository / "golden", folder / "golden")
    file = folder / "endpoints.yaml"
    file.write_text((repository / "endpoints.yaml").read_text(encoding="utf-8") + _ENTRY, encoding="utf-8")
    return file
