"""botocore clients whose requests moto answers inside this process. CloudFormation creates resources with them."""

import functools
from typing import Any

import botocore.session
from botocore.config import Config
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import botocore_stubber

_CONFIG = Config(ignore_configured_endpoint_urls=True, retries={"total_max_attempts": 1})


class Services:
    """The clients of one account and Region.

    Their keys belong to no user or role, so IAM does not restrict them: CloudFormation acts with an administrator's
    role.
    """

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.client = functools.cache(self._client)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def _client(self, service: str) -> Any:
        client = _session().create_client(
            service,
            region_name=self.region,
            config=_CONFIG,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        client.meta.events.register_first("before-send", self._send)
        return client

    def _send(self, request: Any, event_name: str, **_: Any) -> Any:
        request.headers["x-moto-account-id"] = self.account
        if botocore_stubber.enabled:
            return None  # `mock_aws` answers every client of the process, so also this one.
        stubber = BotocoreStubber()
        stubber.enabled = True
        return stubber(event_name, request)


@functools.cache
def services(account: str, region: str) -> Services:
    return Services(account, region)


@functools.cache
def _session() -> Any:
    return botocore.session.get_session()
