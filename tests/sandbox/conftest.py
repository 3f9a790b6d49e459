"""A clock and fresh moto backends for each test. The clock starts at a round time."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from moto.core.authorization import ActionAuthenticatorMixin

from sandbox.clock import Clock

START = 1_800_000_000.0
"""2027-01-15T08:00:00Z"""

_UNBOUND = {
    name: getattr(ActionAuthenticatorMixin, name)
    for name in ("_authenticate_and_authorize_normal_action", "_authenticate_and_authorize_s3_action")
}
"""moto's own checks. An earlier test may have installed IAM."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, check in _UNBOUND.items():
        monkeypatch.setattr(ActionAuthenticatorMixin, name, check)
    simulated = Clock(START)
    simulated.install()
    with mock_aws():
        yield simulated
