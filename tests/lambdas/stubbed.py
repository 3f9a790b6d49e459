"""A botocore client that answers from a script. Every request is held against botocore's whole model, see
`request_model`; every answer too, by the Stubber."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import botocore.session
from botocore.stub import Stubber

from tests.lambdas.request_model import violations


@cache
def client(service: str, name: str = "") -> Any:
    """One client per service and `name`; making one takes a tenth of a second."""
    made = botocore.session.get_session().create_client(
        service, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    made.meta.events.register("provide-client-params.*", _strictly)
    return made


@contextmanager
def stubbed(service: str, name: str = "") -> Iterator[Stubber]:
    """A Stubber whose `client` is the scripted client; fails where an answer of the script was never asked for."""
    with Stubber(client(service, name)) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def _strictly(params: Mapping[str, Any], model: Any, **_: Any) -> None:
    found = violations(model.service_model.service_name, model.name, params)
    assert not found, found
