"""Links into the console of AWS. Pure.

AWS documents the hosts, and not what follows the # of a link. A link that the console does not know leads to the
service's first page.
https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html
"""

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from lambdas.gate import names

_HOSTS = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""Partition → host, which follows the Region."""


@dataclass(frozen=True)
class Console:
    """The console of a Region. `host`: that of its partition."""

    host: str
    region: str

    @classmethod
    def of(cls, arn: str) -> Self | None:
        """Return the console that shows the resource with this ARN; None if its partition's console is not known."""
        _, partition, _, region, *_ = arn.split(":")
        return cls(_HOSTS[partition], region) if partition in _HOSTS else None

    def endpoint(self, name: str) -> str:
        return self._link("sagemaker", f"/endpoints/{_encoded(name)}")

    def alarm(self, name: str) -> str:
        return self._link("cloudwatch", f"alarmsV2:alarm/{_encoded(name)}")

    def log_group(self, name: str) -> str:
        # The console encodes the name twice, the second time with $ for %.
        return self._link("cloudwatch", f"logsV2:log-groups/log-group/{_encoded(_encoded(name)).replace('%', '$')}")

    def dashboard(self) -> str:
        """Return the link to the dashboard of all endpoints."""
        return self._link("cloudwatch", f"dashboards:name={_encoded(names.dashboard(self.region))}")

    def _link(self, service: str, place: str) -> str:
        return f"https://{self.region}.{self.host}/{service}/home?region={self.region}#{place}"


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")
