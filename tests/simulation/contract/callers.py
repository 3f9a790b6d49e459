"""Who calls AWS: boto3 sessions whose clients outlive a sandbox, for to make them takes longer than a test does."""

import functools
from typing import Any

import botocore.loaders
import botocore.session
from botocore.config import Config

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


class Caller:
    """Somebody with keys, which may be others from one sandbox to the next."""

    def __init__(self, name: str) -> None:
        self._session = botocore.session.get_session()
        self._session.register_component("data_loader", _loader())
        self._session.set_credentials(name, name, name)
        self._clients: dict[tuple[str, str], Any] = {}

    def hold(self, keys: dict[str, str]) -> None:
        credentials = self._session.get_credentials()
        credentials.access_key, credentials.secret_key = keys["AccessKeyId"], keys["SecretAccessKey"]
        credentials.token = keys.get("SessionToken")

    def client(self, service: str, url: str, region: str) -> Any:
        if (service, url) not in self._clients:
            made = self._session.create_client(service, endpoint_url=url, region_name=region, config=ONCE)
            self._clients[service, url] = made
        return self._clients[service, url]

    def hang_up(self) -> None:
        """A connection that is kept alive would go on to the sandbox that is over."""
        for client in self._clients.values():
            client.close()


@functools.cache
def caller(name: str) -> Caller:
    return Caller(name)


@functools.cache
def _loader() -> Any:
    """It keeps the service models."""
    return botocore.loaders.create_loader()
