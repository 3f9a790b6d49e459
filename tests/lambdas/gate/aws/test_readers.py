"""Which role reads what an endpoint loads: the deployer's own if it names the place, else the endpoint's reader."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdas.gate.aws.clients import Credentials
from lambdas.gate.aws.errors import Temporary, Unreadable
from lambdas.gate.aws.readers import ANY, Named, Readers
from lambdas.gate.settings import bucket_mark
from lambdas.gate.spec.serving import Variable
from tests.lambdas.builders import SPEC as A_SPEC
from tests.lambdas.stubbed import stubbed

SPEC = dataclasses.replace(
    A_SPEC,
    model_artifacts="s3://models/fraud/",
    gate=dataclasses.replace(A_SPEC.gate, reports=("s3://reports/",)),
    serving=dataclasses.replace(
        A_SPEC.serving, environment=(Variable("CODE", "s3://code/a.tar.gz"), Variable("B", "s3://*/b"))
    ),
)
NOW, AN_HOUR = 1_800_000_000.0, 3600.0
ROLE = "arn:aws:iam::123456789012:role/approval-gate-us-east-1.reader-"
ACCOUNT, OTHER = "123456789012", "210987654321"


def session(number: int = 1) -> dict[str, Any]:
    return {
        "Credentials": {
            "AccessKeyId": f"0123456789-key-{number}",
            "SecretAccessKey": "secret",
            "SessionToken": "token",
            "Expiration": datetime.fromtimestamp(NOW + number * AN_HOUR, UTC),
        }
    }


class Account:
    """`assumed`: the roles that were assumed. `refusal`: STS's answer instead. `now`: the time."""

    def __init__(self) -> None:
        self.assumed: list[str] = []
        self.refusal: ClientError | None = None
        self.now = NOW

    def assume_role(self, **request: str) -> dict[str, Any]:
        if self.refusal:
            raise self.refusal
        self.assumed.append(request["RoleArn"])
        return session(len(self.assumed))

    def client(self, service: str, config: Config, credentials: Credentials | None = None) -> Any:
        return self if service == "sts" else (service, credentials.key[11:] if credentials else "own")

    def readers(self, buckets: tuple[str, ...] = (), registries: tuple[str, ...] = ()) -> Readers:
        named = Named(frozenset(map(bucket_mark, buckets)), frozenset(registries), ROLE)
        return Readers(self.client, named, lambda: self.now)


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "because"}}, "AssumeRole")


def test_the_deployer_reads_itself_what_its_role_names() -> None:
    account = Account()
    readers = account.readers(("models", "elsewhere"), (ACCOUNT,))
    assert readers.s3(SPEC, "models") == readers.s3(SPEC, "elsewhere") == ("s3", "own")
    assert readers.ecr(SPEC, ACCOUNT) == ("ecr", "own")
    assert account.readers(registries=(ANY,)).ecr(SPEC, OTHER) == ("ecr", "own")
    assert account.assumed == []


@pytest.mark.parametrize("bucket", ["models", "reports", "code"])
def test_the_endpoint_s_reader_reads_what_only_its_entry_names(bucket: str) -> None:
    account = Account()
    assert account.readers(("elsewhere",)).s3(SPEC, bucket) == ("s3", "key-1")
    assert account.assumed == [f"{ROLE}fraud-detection"]


def test_the_reader_reads_images_of_other_registries() -> None:
    account = Account()
    assert account.readers(registries=(ACCOUNT,)).ecr(SPEC, OTHER) == ("ecr", "key-1")
    assert account.readers().ecr(SPEC, OTHER) == ("ecr", "key-2")


@pytest.mark.parametrize("bucket", ["elsewhere", "*"])
def test_a_bucket_that_no_role_names_is_held_with_the_command(bucket: str) -> None:
    account = Account()
    with pytest.raises(Unreadable, match=r"deployed entry of fraud-detection names.* make deploy$") as told:
        account.readers(("models",)).s3(SPEC, bucket)
    assert type(told.value) is Unreadable
    assert account.assumed == []


def test_a_session_serves_one_endpoint_until_it_nears_its_end() -> None:
    account = Account()
    readers = account.readers()
    for now, key in ((NOW, "key-1"), (NOW + AN_HOUR - 301, "key-1"), (NOW + AN_HOUR - 300, "key-2")):
        account.now = now
        assert readers.s3(SPEC, "models") == ("s3", key)
        assert readers.ecr(SPEC, ACCOUNT) == ("ecr", key)
    readers.s3(dataclasses.replace(SPEC, endpoint="churn"), "models")
    assert account.assumed == [f"{ROLE}fraud-detection", f"{ROLE}fraud-detection", f"{ROLE}churn"]


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_missing_reader_is_no_fault_of_the_version(code: str) -> None:
    """A stack of an earlier release has none. STS does not tell a missing role from a denied one."""
    account = Account()
    account.refusal = refused(code)
    with pytest.raises(
        Unreadable,
        match=r"fraud-detection cannot be assumed: deploy the stack ApprovalGate-fraud-detection again: make deploy; "
        r"if its entry was removed while the stack stands, put the entry back and deploy, or delete the stack$",
    ) as told:
        account.readers().s3(SPEC, "models")
    assert type(told.value) is Unreadable


@pytest.mark.parametrize("code", ["Throttling", "InternalFailure"])
def test_a_busy_sts_is_asked_again(code: str) -> None:
    account = Account()
    readers = account.readers()
    account.refusal = refused(code)
    with pytest.raises(Temporary, match=r"^the bucket models as .* could not be read"):
        readers.s3(SPEC, "models")
    account.refusal = None
    assert readers.s3(SPEC, "models") == ("s3", "key-1")


def test_sts_is_asked_as_its_model_says() -> None:
    with stubbed("sts") as stub:
        stub.add_response(
            "assume_role", session(), {"RoleArn": f"{ROLE}fraud-detection", "RoleSessionName": "approval-gate-deployer"}
        )
        named = Named(frozenset(), frozenset(), ROLE)
        made: dict[str, Any] = {"sts": stub.client, "s3": "client"}
        readers = Readers(lambda service, config, credentials=None: made[service], named, lambda: NOW)
        assert readers.s3(SPEC, "models") == "client"


def test_credentials_are_not_shown() -> None:
    assert repr(Credentials("key", "secret", "token")) == "Credentials(key='key')"
