"""What is kept of the ledger outside of it: the write-once copy, and the word in the registry."""

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.gate import names
from lambdas.gate.aws import ledger
from lambdas.gate.state import chain
from lambdas.gate.state.fact import Kind
from sandbox.app.deployment import ACCOUNT, REGION, client
from tests.e2e import command_line
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.lines import FIRST, deployed
from tests.e2e.world import ON_CALL, World

COPY = names.copy_bucket(ACCOUNT, REGION)


def test_every_row_has_a_copy_that_nobody_rewrites_and_that_tells_what_was_changed_since(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("copied")
    endpoint.serving()
    s3 = world.client("s3")
    copies = s3.list_object_versions(Bucket=COPY, Prefix="copied/")["Versions"]
    assert [copy["Key"] for copy in copies] == [f"copied/{row.number:010d}.json" for row in endpoint.rows()]
    first = {"Bucket": COPY, "Key": copies[0]["Key"]}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**first, VersionId=copies[0]["VersionId"])
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(**first, Body=b"{}", IfNoneMatch="*")

    dynamodb = world.as_function(names.DEPLOYER, "dynamodb")  # Nobody else writes the table.
    row = _item(world, ledger.row_key(2))
    dynamodb.put_item(TableName=names.LEDGER, Item=row | {"summary": {"S": "Nothing happened"}})
    with pytest.raises(AssertionError, match="row 2"):
        command_line.run(world, "verify", "copied", "--copy", COPY)
    dynamodb.put_item(TableName=names.LEDGER, Item=row)
    command_line.run(world, "verify", "copied", "--copy", COPY)


def test_a_changed_head_stops_its_endpoint_until_an_operator_restores_it(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("copied")
    endpoint.publish(endpoint.register())
    (_, live), story = endpoint.live() or ("", None), endpoint.story()
    version, item = endpoint.register(), _item(world, ledger.HEAD)
    changed = json.loads(item["head"]["S"]) | {"good": []}
    dynamodb = world.as_function(names.DEPLOYER, "dynamodb")
    dynamodb.put_item(TableName=names.LEDGER, Item=item | {"head": {"S": json.dumps(changed)}})
    with pytest.raises(AssertionError, match="was changed without a row"):
        command_line.run(world, "verify", "copied")
    endpoint.approve(version)
    world.advance(600)
    assert (endpoint.live(), endpoint.story()) == (("InService", live), story)

    told = command_line.run(world, "restore", "copied", "--reason", "somebody edited the head")
    assert "restored what decides from its rows: good" in told
    world.advance(300)
    endpoint.settle()
    assert endpoint.live() == ("InService", version)
    assert endpoint.story() == [*story, (Kind.RESTORED, None, None), *deployed(version)]


def test_every_row_has_a_seal_that_only_the_functions_can_make(take_governed: Take, governed_world: World) -> None:
    """Somebody who writes rows and head anew, as the role of a function may, cannot make the seals anew."""
    world, endpoint = governed_world, take_governed("copied")
    assert all(row.seal for row in endpoint.rows())
    assert "Every row has a seal that fits." in command_line.run(world, "verify", "copied")
    request = {"KeyId": names.SEAL_KEY, "MacAlgorithm": "HMAC_SHA_256", "Message": b"approval-gate row 0"}
    on_call = world.client("kms", ON_CALL)
    with pytest.raises(ClientError, match="KMSInvalidMac"):
        on_call.verify_mac(**request, Mac=b"0" * 32)
    for kms in (on_call, _administrator(world, "kms"), world.as_function(names.PUBLISHER, "kms")):
        with pytest.raises(ClientError, match="AccessDenied"):
            kms.generate_mac(**request)

    last = endpoint.rows()[-1]
    forged = dataclasses.replace(last, fact=dataclasses.replace(last.fact, summary="Nothing happened"))
    forged = dataclasses.replace(forged, hash=chain.row_hash(forged))
    head = _item(world, ledger.HEAD)
    anew = head | {"head": {"S": json.dumps(json.loads(head["head"]["S"]) | {"hash": forged.hash})}}
    row, dynamodb = _item(world, ledger.row_key(last.number)), world.as_function(names.DEPLOYER, "dynamodb")
    for item in (ledger.row_item(forged), anew):
        dynamodb.put_item(TableName=names.LEDGER, Item=item)
    for command in ("verify", "audit"):
        assert f"the seal of row {last.number} does not fit" in command_line.run(world, command, "copied", code=1)
    unsealed = ledger.row_item(dataclasses.replace(forged, seal=None))
    dynamodb.put_item(TableName=names.LEDGER, Item=unsealed)
    told = command_line.run(world, "verify", "copied", code=1)
    assert f"row {last.number} has no seal, and row 1 has one" in told
    for item in (row, head):
        dynamodb.put_item(TableName=names.LEDGER, Item=item)


def test_no_row_is_written_while_kms_does_not_seal_it(take_governed: Take, governed_world: World) -> None:
    world, endpoint = governed_world, take_governed("copied")
    version, before = endpoint.register(), len(endpoint.rows())
    world.fault(
        function_call={"function": names.DEPLOYER, "effect": "throttle", "action": "kms:GenerateMac", "count": 3}
    )
    endpoint.approve(version)
    assert len(endpoint.rows()) == before
    endpoint.settle()
    world.advance(600)
    endpoint.settle()
    assert endpoint.live() == ("InService", version)
    assert all(row.seal for row in endpoint.rows())


def _administrator(world: World, service: str) -> Any:
    """A client of somebody whose own policies allow everything."""
    iam = world.client("iam")
    iam.create_user(UserName="administrator")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="administrator", PolicyName="all", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="administrator")["AccessKey"]
    return client(service, world.url, key["AccessKeyId"], key["SecretAccessKey"])


def _item(world: World, key: str) -> dict[str, Any]:
    """What the table has of the endpoint `copied`."""
    keys = {"pk": {"S": ledger.partition("copied")}, "sk": {"S": key}}
    item: dict[str, Any] = world.client("dynamodb").get_item(TableName=names.LEDGER, Key=keys)["Item"]
    return item


def test_studio_shows_where_a_version_is_live_and_the_word_itself_starts_nothing(
    take_governed: Take, governed_world: World
) -> None:
    endpoint = take_governed("shown")
    endpoint.serving(versions=2)
    assert _shown(governed_world, endpoint, 1).startswith("live since ")
    endpoint.publish(2)
    governed_world.advance(1800)
    assert _shown(governed_world, endpoint, 2).startswith("live since ")
    assert _shown(governed_world, endpoint, 1).startswith("was live from ")
    assert (endpoint.story(), endpoint.updates()) == ([*FIRST, *deployed(2)], 1)


def _shown(world: World, endpoint: Endpoint, version: int) -> str:
    package: dict[str, Any] = world.client("sagemaker").describe_model_package(ModelPackageName=endpoint.arn(version))
    return str(package["CustomerMetadataProperties"][f"approval-gate.{endpoint.name}"])


def test_an_auditor_is_told_what_is_live_who_approved_it_and_what_the_gate_found(
    take_governed: Take, governed_world: World
) -> None:
    world, endpoint = governed_world, take_governed("audited")
    endpoint.register(fields={"MetadataProperties": {"CommitId": "4f2a1b9"}})
    endpoint.register()
    endpoint.publish(1)
    first_was_live = world.now()
    endpoint.publish(2)

    now = json.loads(command_line.run(world, "audit", "audited", "--output", "json"))
    assert [served["period"]["version"] for served in now["served"]] == [endpoint.arn(2)]
    on = datetime.fromtimestamp(first_was_live, UTC).isoformat()
    then = json.loads(command_line.run(world, "audit", "audited", "--on", on, "--output", "json"))
    (served,) = then["served"]
    assert served["period"]["version"] == endpoint.arn(1)
    (consent,) = served["consents"]
    assert (consent["by"].rsplit("/", 1)[1], consent["comment"]) == ("reviewer", "Approved for the test")
    checks = {check["name"]: check["result"] for check in served["judged"]["gate"]["checks"]}
    assert checks == {"four_eyes": "passed", "containers": "passed", "artifacts": "passed", "pin": "passed"}
    provenance = served["judged"]["gate"]["provenance"]
    assert provenance["metadata_properties"]["CommitId"] == "4f2a1b9"

    page = command_line.run(world, "audit", "audited", "--version", "audited-models/1")
    assert page.startswith("# audited-models/1 on audited\n")
    sheet = command_line.run(world, "audit", "audited", "--format", "csv")
    assert endpoint.arn(2) in sheet
