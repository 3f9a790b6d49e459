"""SSM's parameters."""

from dataclasses import dataclass
from typing import Any

from world.call import Call
from world.refusal import Refusal
from world.timestamps import timestamp

DEPLOYMENT = (
    "arn:aws:sts::123456789012:assumed-role/cdk-hnb659fds-cfn-exec-role-123456789012-us-east-1/AWSCloudFormation"
)
"""Who writes a parameter when CloudFormation deploys."""
KEPT = 100
"""How many versions SSM keeps."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """`modified` is in seconds since 1970. `before` is its former version. `by` is the ARN of who wrote it."""

    value: str
    version: int
    modified: float
    before: "Parameter | None" = None
    by: str = DEPLOYMENT

    def edited(self, value: str, now: float, by: str = DEPLOYMENT) -> "Parameter":
        return Parameter(value, self.version + 1, now, self, by)

    def describe(self, name: str) -> dict[str, Any]:
        at = timestamp(self.modified)
        return {"Name": name, "Value": self.value, "Version": self.version, "LastModifiedDate": at}


class Parameters(dict[str, Parameter]):
    """The parameters by name."""

    def copy(self) -> "Parameters":
        return Parameters(self)

    def get_parameter(self, call: Call) -> dict[str, Any]:
        name = call.request["Name"]
        if name not in self:
            raise Refusal("ParameterNotFound", "")
        return {"Parameter": self[name].describe(name)}

    def get_parameter_history(self, call: Call) -> dict[str, Any]:
        """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html"""
        name, most = call.request["Name"], call.request.get("MaxResults", 50)
        if name not in self:
            raise Refusal("ParameterNotFound", "")
        found, versions = self.get(name), []
        while found is not None:
            versions.append(found.describe(name) | {"LastModifiedUser": found.by})
            found = found.before
        versions = versions[:KEPT][::-1]
        start = int(call.request.get("NextToken", 0))
        more = {"NextToken": str(start + most)} if len(versions) > start + most else {}
        return {"Parameters": versions[start : start + most], **more}
