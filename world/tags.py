"""The tags of SageMaker's resources, by ARN."""

from typing import Any

from world.call import Call, Operation
from world.listing import page
from world.refusal import invalid
from world.surroundings import Surroundings

_MOST = 50
"""https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html"""

_Pairs = tuple[tuple[str, str], ...]


class Tags:
    """Also answers AddTags, ListTags and DeleteTags. Names in ARNs are not case-sensitive."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._tags: dict[str, _Pairs] = {}

    def copy(self, surroundings: Surroundings) -> "Tags":
        other = Tags(surroundings)
        other._tags = self._tags.copy()
        return other

    def state(self) -> object:
        return list(self._tags.items())

    def operations(self) -> dict[str, Operation]:
        return {"AddTags": self._add_tags, "ListTags": self._list_tags, "DeleteTags": self._delete_tags}

    def of(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource; {} if it has none or does not exist."""
        return dict(self._tags.get(arn.lower(), ()))

    def create(self, arn: str, tags: list[dict[str, str]]) -> None:
        """Record that the resource exists, with these tags."""
        self._tags[arn.lower()] = tuple((tag["Key"], tag["Value"]) for tag in tags)

    def delete(self, arn: str) -> None:
        self._tags.pop(arn.lower(), None)

    def _add_tags(self, call: Call) -> dict[str, Any]:
        added = dict(self._existing(call)) | {tag["Key"]: tag["Value"] for tag in call.request["Tags"]}
        if len(added) > _MOST:
            raise invalid(f"A resource can have up to {_MOST} tags.")
        self._put(call, added)
        return {"Tags": _listed(added)}

    def _list_tags(self, call: Call) -> dict[str, Any]:
        limit = self._surroundings.page_limit("ListTags", call.request)
        return page(call.request, _listed(dict(self._existing(call))), "Tags", size=_MOST, limit=limit)

    def _delete_tags(self, call: Call) -> dict[str, Any]:
        removed = call.request["TagKeys"]
        self._put(call, {key: value for key, value in self._existing(call) if key not in removed})
        return {}

    def _existing(self, call: Call) -> _Pairs:
        arn = call.request["ResourceArn"]
        if arn.lower() not in self._tags:
            raise invalid("Resource does not exist.")
        return self._tags[arn.lower()]

    def _put(self, call: Call, tags: dict[str, str]) -> None:
        self._tags[call.request["ResourceArn"].lower()] = tuple(tags.items())


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
