"""A model package's model card, described without the content that its key may protect."""

import json
from typing import Any, Final

_KEPT: Final = (
    ("model_overview", "model_id"),
    ("model_overview", "model_name"),
    ("intended_uses", "risk_rating"),
    ("model_package_details", "model_package_group_name"),
    ("model_package_details", "model_package_arn"),
)


def metadata_only(card: dict[str, Any]) -> dict[str, Any]:
    """Return the card for IncludedData=MetadataOnly: its status, and only a few fields of its content.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html
    """
    content = json.loads(card["ModelCardContent"])
    kept: dict[str, dict[str, Any]] = {}
    for section, key in _KEPT:
        if key in content.get(section, {}):
            kept.setdefault(section, {})[key] = content[section][key]
    return card | {"ModelCardContent": json.dumps(kept)}
