"""The refusals that any call may meet: the sandbox's are the same, and the product knows what they mean.

The sandbox is asked over HTTP, with a generated request for each operation.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.aws import errors
from lambdas.gate.aws.clients import ONCE
from sandbox.server.gateway import Gateway
from sandbox.server.refusal import throttled
from sandbox.server.sandbox import Sandbox
from sandbox.server.signed_request import SignedRequest
from simulation.world import refusals
from simulation.world.example import BYSTANDER
from simulation.world.hosting import make_config, put_in_service
from simulation.world.operations import operations
from simulation.world.registry import ACCOUNT, REGION
from simulation.world.world import World
from tests.simulation.contract.shapes import SERVICES, minimal_request
from world.assumptions import Assumptions

Ask = Callable[[str], ClientError]
QUEUE = {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/x"}
NEEDED: dict[str, dict[str, Any]] = {
    "ChangeMessageVisibility": QUEUE,
    "Publish": {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:x"},
    "SendMessage": QUEUE,
    "TransactWriteItems": {"TransactItems": [{"Put": {"TableName": "xxx", "Item": {}}}]},
}
"""What IAM needs to know of a request, though botocore does not require it."""


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Return what asks the sandbox as the deployer, with a role that may do nothing, and returns the refusal."""
    with Sandbox(port=0, speed=0, folder=tmp_path_factory.mktemp("sandbox")) as sandbox:

        def client(service: str, keys: dict[str, str]) -> Any:
            session = botocore.session.get_session()
            session.set_credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"))
            return session.create_client(service, REGION, endpoint_url=sandbox.url, config=ONCE)

        anybody = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
        administrator = {"AccessKeyId": "testing", "SecretAccessKey": "testing"}
        iam, sts = client("iam", administrator), client("sts", administrator)
        name = names.function_role(REGION, names.DEPLOYER)
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        keys = sts.assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
        clients = {service: client(service, keys) for service in set(SERVICES.values())}

        def ask(operation: str) -> ClientError:
            request = minimal_request(operation) | NEEDED.get(operation, {})
            with pytest.raises(ClientError) as caught:
                getattr(clients[SERVICES[operation]], xform_name(operation))(**request)
            return caught.value

        yield ask


def seen(error: ClientError) -> tuple[str, str, str]:
    """Return what the product can tell from an error. The simulation denies every call for the resource `*`."""
    message = re.sub(r"on resource: \S+ because", "on resource: * because", error.response["Error"]["Message"])
    return error.operation_name, error.response["Error"]["Code"], message


@pytest.mark.parametrize("operation", SERVICES)
def test_a_role_that_may_do_nothing_is_denied(refused: Ask, operation: str) -> None:
    assert seen(refused(operation)) == seen(refusals.denied(operation))


@pytest.mark.parametrize("operation", ["CreateEndpoint", "DeleteEndpoint", "UpdateEndpoint"])
@pytest.mark.parametrize("name", [BYSTANDER, "none"])
def test_a_call_without_the_tag_is_denied_whatever_else_is_wrong(operation: str, name: str) -> None:
    world = World(Assumptions())
    put_in_service(world, BYSTANDER, make_config(world, "churn-1"), tagged=False)
    _, call = operations(world)["sagemaker"][xform_name(operation)]
    with pytest.raises(ClientError) as caught:
        call({"EndpointName": name, "EndpointConfigName": "none"}, world.now)
    assert seen(caught.value) == seen(refusals.denied(operation))


@pytest.mark.parametrize("operation", SERVICES)
def test_a_throttle(refused: Ask, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def throttle(gateway: Gateway, environ: dict[str, Any]) -> Any:
        request = SignedRequest.read(environ)
        assert request is not None
        return throttled(environ, request.service)

    monkeypatch.setattr(Gateway, "_answer", throttle)
    assert seen(refused(operation)) == seen(refusals.throttled(operation))


@pytest.mark.parametrize("operation", SERVICES)
def test_the_product_knows_what_they_mean(operation: str) -> None:
    assert meaning(refusals.throttled(operation)) is errors.Throttled
    if operation != "Publish":  # The publisher treats all its refusals alike.
        assert meaning(refusals.denied(operation)) is errors.Denied
    assert meaning(refusals.internal(operation)) is ClientError


def meaning(error: ClientError) -> type[Exception]:
    with pytest.raises((errors.AwsError, ClientError)) as caught, errors.translated():
        raise error
    return caught.type
