"""The tags of SageMaker's resources, by ARN."""

from typing import Any

from moto.sagemaker.exceptions import ValidationError

from sandbox.sagemaker.listing import page
from sandbox.sagemaker.operations import Call, Operation

_MOST = 50
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html"""


class Tags:
    """Also answers AddTags, ListTags and DeleteTags. Names in ARNs are not case-sensitive."""

    def __init__(self) -> None:
        self._tags: dict[str, dict[str, str]] = {}

    def operations(self) -> dict[str, Operation]:
        return {"AddTags": self._add_tags, "ListTags": self._list_tags, "DeleteTags": self._delete_tags}

    def of(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource; {} if it has none or does not exist."""
        return dict(self._tags.get(arn.lower(), {}))

    def create(self, arn: str, tags: list[dict[str, str]]) -> None:
        """Record that the resource exists, with these tags."""
        self._tags[arn.lower()] = {tag["Key"]: tag["Value"] for tag in tags}

    def delete(self, arn: str) -> None:
        self._tags.pop(arn.lower(), None)

    def _add_tags(self, call: Call) -> dict[str, Any]:
        tags = self._existing(call)
        added = tags | {tag["Key"]: tag["Value"] for tag in call.request["Tags"]}
        if len(added) > _MOST:
            raise ValidationError(f"A resource can have up to {_MOST} tags.")
        tags.update(added)
        return {"Tags": _listed(tags)}

    def _list_tags(self, call: Call) -> dict[str, Any]:
        return page(call.request, _listed(self._existing(call)), "Tags", size=_MOST)

    def _delete_tags(self, call: Call) -> dict[str, Any]:
        tags = self._existing(call)
        for key in call.request["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _existing(self, call: Call) -> dict[str, str]:
        arn = call.request["ResourceArn"]
        if arn.lower() not in self._tags:
            raise ValidationError("Resource does not exist.")
        return self._tags[arn.lower()]


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
