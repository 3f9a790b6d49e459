"""`doctor` against the sandbox: all well, each finding from a real breakage, and the assumptions about AWS. The
sandbox gives the likelier answers, and measures no durations."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from click.testing import CliRunner

from lambdas.gate import names
from lambdas.gate.timing import VISIBILITY_TIMEOUT
from ops.cli import cli
from sandbox.app.deployment import ACCOUNT, REGION, operator_environment
from tests.e2e import command_line
from tests.e2e.conftest import JANITORS_RULE, Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.world import AUDITOR, ON_CALL, VIEWER, World

NAME = "checked"
HOUR = 3_600
ASSUMED = "What is assumed about AWS"
OFF = f"the schedule {JANITORS_RULE} is enabled"
"""It differs in every scenario that is not about the janitor."""


def _ask(world: World, *arguments: str, by: str = AUDITOR) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the findings."""
    key = world.control("principals")[by]
    environment = operator_environment(world.url) | {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    result = CliRunner().invoke(cli, ["doctor", *arguments, "--output", "json"], env=environment)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def _wrong(world: World) -> dict[str, str]:
    """What differs, and its fix."""
    _, found = _ask(world, NAME)
    unread = [each for each in found if each["verdict"] == "not read"]
    assert unread == []
    return {each["expected"]: each["fix"] for each in found if each["verdict"] == "differs" and each["expected"] != OFF}


@contextmanager
def _rule_off(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    rule = names.rule(NAME)
    world.client("events").disable_rule(Name=rule)
    yield {"the endpoint's rule is enabled and has a schedule": f"aws events enable-rule --name {rule}"}
    world.client("events").enable_rule(Name=rule)


@contextmanager
def _sweep_off(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    rule = f"{names.PREFIX}-sweep.outbox"
    world.client("events").disable_rule(Name=rule)
    yield {f"the schedule {rule} is enabled": f"aws events enable-rule --name {rule}"}
    world.client("events").enable_rule(Name=rule)


@contextmanager
def _stopped(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    function = {"FunctionName": names.DEPLOYER}
    world.client("lambda").put_function_concurrency(**function, ReservedConcurrentExecutions=0)
    fix = "To let it run: aws lambda delete-function-concurrency --function-name approval-gate-deployer"
    yield {"the deployer is not stopped": fix}
    world.client("lambda").delete_function_concurrency(**function)


@contextmanager
def _inbox_off(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    """Nobody takes messages out of the inbox any more, so they grow old, and the endpoint is not reconciled."""
    functions = world.client("lambda")
    mappings = functions.list_event_source_mappings(FunctionName=names.DEPLOYER)["EventSourceMappings"]
    (mapping,) = (each["UUID"] for each in mappings if each["EventSourceArn"].endswith(f":{names.INBOX}"))
    with world.late(names.INBOX):
        world.advance(HOUR + 600)
        yield {
            "approval-gate-deployer gets the messages of its sources": (
                f"aws lambda update-event-source-mapping --uuid {mapping} --enabled"
            ),
            "no message waits too long in approval-gate-inbox": (
                "Read the deployer's log: aws logs tail /aws/lambda/approval-gate-deployer --since 1h"
            ),
            "it is reconciled by its schedule": f"approval-gate reconcile {NAME} --reason WHY",
        }
    world.advance(600)


@contextmanager
def _dead_letter(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    world.as_function(names.DEPLOYER, "sqs").send_message(QueueUrl=world.inbox(), MessageBody="poison")
    world.advance(6 * VISIBILITY_TIMEOUT)
    yield {"approval-gate-dead-letters is empty": "approval-gate dead-letters"}
    command_line.run(world, "dead-letters", "purge", "--all", "--yes", by=ON_CALL)


@contextmanager
def _alarm_gone(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    cloudwatch, name = world.client("cloudwatch"), names.standing_alarm(NAME, "model-errors")
    (before,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    cloudwatch.delete_alarms(AlarmNames=[name])
    template = "aws cloudformation get-template --stack-name ApprovalGate-checked"
    yield {"its standing alarms can fire": f"Make it again as the template of its stack has it: {template}"}
    kept = (
        *("AlarmName", "AlarmActions", "OKActions", "Metrics", "EvaluationPeriods", "DatapointsToAlarm"),
        *("Threshold", "ComparisonOperator", "TreatMissingData"),
    )
    cloudwatch.put_metric_alarm(**{key: before[key] for key in kept if key in before})


@contextmanager
def _role_of_another(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    iam, role = world.client("iam"), names.execution_role(REGION, NAME)
    before = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    other = {"Version": "2012-10-17", "Statement": [trust]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(other))
    template = "aws cloudformation get-template --stack-name ApprovalGate-checked"
    yield {
        "SageMaker may assume its execution role": f"Make it again as the template of its stack has it: {template}",
    }
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(before))


@contextmanager
def _outsider(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    iam, user = world.client("iam"), {"UserName": "outsider"}
    everything = {"Effect": "Allow", "Action": ["sagemaker:*", "cloudwatch:*"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.create_user(**user)
    iam.put_user_policy(**user, PolicyName="all", PolicyDocument=policy)
    yield {
        "nobody else may change a managed endpoint": (
            "Attach the policy to them, or to the account as a service control policy: "
            "approval-gate doctor --print-guard"
        ),
        "nobody else may put metrics into AWS/SageMaker, which judge a version": (
            "Bound their permission by the condition key cloudwatch:namespace."
        ),
    }
    guard = command_line.run(world, "doctor", "--print-guard")
    iam.put_user_policy(**user, PolicyName="guard", PolicyDocument=guard)
    assert "nobody else may change a managed endpoint" not in _wrong(world)
    for name in ("all", "guard"):
        iam.delete_user_policy(**user, PolicyName=name)
    iam.delete_user(**user)


@contextmanager
def _nobody_told(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    sns, topic = world.client("sns"), f"arn:aws:sns:{REGION}:{ACCOUNT}:{names.TOPIC}"
    (told,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=told["SubscriptionArn"])
    subscribe = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint you@example.com"
    yield {"somebody gets the notifications": subscribe}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=told["Endpoint"])


@contextmanager
def _unpublished(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    """The publisher cannot publish, so rows wait in the outbox, and their batches are dead letters."""
    iam, role = world.client("iam"), names.function_role(REGION, names.PUBLISHER)
    denial = {"Effect": "Deny", "Action": "events:PutEvents", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=policy)
    command_line.run(world, "pause", NAME, "--reason", "why")
    command_line.run(world, "resume", NAME)
    world.advance(1_200)
    log = "aws logs filter-log-events --log-group-name /aws/lambda/approval-gate-publisher"
    published = f"Fix what the publisher's log names, and the rest follows: {log} --filter-pattern '\"not published\"'"
    yield {"each row is published soon": published, "approval-gate-dead-letters is empty": "approval-gate dead-letters"}
    iam.delete_role_policy(RoleName=role, PolicyName="denied")
    world.advance(600)
    command_line.run(world, "dead-letters", "purge", "--all", "--yes", by=ON_CALL)


@contextmanager
def _artifact_gone(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    """The last breakage: another object would not be what was approved."""
    version = endpoint.describe()
    assert version is not None
    world.client("s3").delete_object(Bucket="e2e-models", Key=f"{NAME}/model.tar.gz")
    world.advance(600)
    yield {
        "what is live is what was approved": "Restore the object or image that it names, or approve another version.",
    }


@contextmanager
def _config_gone(world: World, endpoint: Endpoint) -> Iterator[dict[str, str]]:
    sagemaker = world.client("sagemaker")
    config = sagemaker.describe_endpoint(EndpointName=NAME)["EndpointConfigName"]
    described = sagemaker.describe_endpoint_config(EndpointConfigName=config)
    sagemaker.delete_endpoint_config(EndpointConfigName=config)
    yield {
        "SageMaker can start its fleet again, as a patch does": (
            "Approve another version: its rollout makes a new endpoint config."
        ),
    }
    kept = ("EndpointConfigName", "ProductionVariants")
    sagemaker.create_endpoint_config(**{key: described[key] for key in kept})


Breakage = Callable[[World, Endpoint], AbstractContextManager[dict[str, str]]]
BREAKAGES: dict[str, Breakage] = {
    "rule disabled": _rule_off,
    "sweep disabled": _sweep_off,
    "deployer stopped": _stopped,
    "inbox without its function": _inbox_off,
    "dead letter": _dead_letter,
    "alarm deleted": _alarm_gone,
    "role of another": _role_of_another,
    "outsider": _outsider,
    "nobody told": _nobody_told,
    "rows unpublished": _unpublished,
    "config deleted": _config_gone,
    "artifact deleted": _artifact_gone,
}


def test_the_sandbox_agrees_after_a_rollback(take: Take, world: World) -> None:
    endpoint = take(NAME)
    endpoint.serving()
    endpoint.traffic(2)
    endpoint.approve(endpoint.register(error_rate="0.5"))
    endpoint.settle()
    command_line.run(world, "dead-letters", "purge", "--all", "--yes", by=ON_CALL)
    code, found = _ask(world, NAME)
    assert (code, [each["expected"] for each in found if each["verdict"] in ("differs", "not read")]) == (0, [OFF])
    assert {each["expected"]: each["verdict"] for each in found if each["section"] == ASSUMED} == {
        "the deployer's timeout is shorter than its lock": "agrees",
        "Lambda ends the deployer at its timeout, before its lock expires": "not seen",
        "the deployer runs where Lambda enforces its timeout": "agrees",
        "the inbox hides a message for at least six timeouts of the deployer": "agrees",
        "only the messages that failed are delivered again, not their whole batch": "agrees",
        "the ledger's table has its keys, its stream and deletion protection": "agrees",
        "the metrics of one fleet have the dimension EndpointConfigName": "agrees",
        "the endpoint is RollingBack while it rolls back": "agrees",
        "FailureReason is set after a rollback by an alarm": "agrees",
        "a rollback moves LastModifiedTime": "agrees",
        "LastDeploymentConfig is that of the update that was rolled back": "agrees",
        "SageMaker takes a rollout's alarms with metric math": "agrees",
        "SageMaker acts on a rollout's alarms with metric math": "agrees",
        "the old fleet's metrics have the dimension EndpointConfigName during a rollout": "not seen",
        "CloudWatch answers percentile ranks of ModelLatency": "not seen",
        "SageMaker takes guardrails when a shadow comes or goes": "not seen",
        "a shadow's metrics have the dimension EndpointConfigName": "not seen",
        "the live version is launched anew when only its shadow changes": "not seen",
        "a rolled-back update leaves the shadow of the config before": "not seen",
        "an approval's event has UpdatedModelPackageFields and LastModifiedTime": "agrees",
        "LastModifiedBy is the approver that CloudTrail names": "agrees",
    }
    others = {each["expected"]: each["verdict"] for each in found if each["section"] != ASSUMED}
    assert {text for text, verdict in others.items() if verdict == "not seen"} == {
        "the key of the seals can be used",
        "a revert finds a good version",
        "the quota is enough for a second fleet",
    }


def test_each_breakage_is_found_with_its_fix(take: Take, world: World) -> None:
    endpoint = take(NAME)
    assert _wrong(world) == {}
    for name, breakage in BREAKAGES.items():
        with breakage(world, endpoint) as expected:
            assert (name, _wrong(world)) == (name, expected)
        if breakage is not _artifact_gone:
            assert (name, _wrong(world)) == (name, {})


@pytest.mark.parametrize(
    ("person", "unread", "code"),
    [(ON_CALL, {"Others"}, 0), (VIEWER, {"The gate", f"The endpoint {NAME}", "Others"}, 9)],
)
def test_what_one_may_not_read_is_a_line_and_the_rest_goes_on(
    take: Take, world: World, person: str, unread: set[str], code: int
) -> None:
    take(NAME)
    ended, found = _ask(world, NAME, by=person)
    hidden = [each for each in found if each["verdict"] == "not read"]
    assert {each["section"] for each in hidden} - {ASSUMED} == unread
    assert all(each["seen"].startswith("You do not have the permission ") for each in hidden)
    assert all("The managed policy approval-gate-" in each["seen"] for each in hidden)
    assert any(each["verdict"] == "agrees" for each in found)
    assert ended in (code, 1)
