"""The sandbox answers to its own names only, so that no page in a browser reaches it."""

import pytest

from sandbox.server.gateway import _is_own


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"HTTP_HOST": "127.0.0.1:4566"}, True),
        ({"HTTP_HOST": "localhost:4566"}, True),
        ({"HTTP_HOST": "[::1]:4566"}, True),
        ({"HTTP_HOST": "bucket.localhost:4566"}, True),
        ({"HTTP_HOST": "localhost:4566", "HTTP_ORIGIN": "http://localhost:3000"}, True),
        ({"HTTP_HOST": "rebound.example.com:4566"}, False),
        ({"HTTP_HOST": "localhost.example.com"}, False),
        ({"HTTP_HOST": "127.0.0.1.example.com"}, False),
        ({"HTTP_HOST": "localhost:4566", "HTTP_ORIGIN": "https://example.com"}, False),
        ({"HTTP_HOST": "localhost:4566", "HTTP_ORIGIN": "null"}, False),
        ({"HTTP_HOST": ""}, False),
    ],
)
def test_only_this_machine_s_names_are_answered(headers: dict[str, str], expected: bool) -> None:
    assert _is_own(headers) is expected
