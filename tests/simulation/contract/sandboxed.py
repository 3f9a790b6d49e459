"""The sandbox's side of the contract: its server in this process, asked by boto3's own clients.

The calls are the deployer's, under a policy that asks for the tag; people's acts are those of an administrator.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from infra.event_patterns import event_pattern
from lambdas.gate import names
from lambdas.gate.rollout import alarms
from sandbox.events.pattern import Pattern
from sandbox.server.sandbox import Sandbox
from simulation.world.example import GROUP, KPI, NAME, SPEC, arn
from simulation.world.registry import ACCOUNT, ARN, REGION
from simulation.world.resources import IMAGE, Quality
from simulation.world.world import FIRED
from tests.simulation.contract.callers import caller
from tests.simulation.contract.simulated import CONTENT_TYPES, LIMIT
from world.assumptions import Assumptions

HOUR = 3600
STEP = 10.0
"""No phase of an endpoint is shorter."""
ADMIN, TOOL = "administrator", "tool"
KEYS = {"AccessKeyId": "testing", "SecretAccessKey": "testing"}
_TAGGED = [
    ("UpdateEndpoint", "aws:ResourceTag"),
    ("CreateEndpoint", "aws:RequestTag"),
    ("DeleteEndpoint", "aws:ResourceTag"),
]
_CALLS = [f"sagemaker:{operation}" for operation, _ in _TAGGED]
DEPLOYER_POLICY: list[dict[str, Any]] = [
    {"NotAction": _CALLS, "Resource": "*"},
    {"Action": _CALLS, "Resource": f"{ARN}:endpoint-config/*"},
    *(
        {
            "Action": f"sagemaker:{operation}",
            "Resource": f"{ARN}:endpoint/*",
            "Condition": {"StringEquals": {f"{key}/{names.TAG_KEY}": names.TAG_VALUE}},
        }
        for operation, key in _TAGGED
    ),
]
STATIC_ALARM = {
    "Namespace": "Business",
    "MetricName": "Sales",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "LessThanThreshold",
    "TreatMissingData": "ignore",
}
"""One that stays in the state that it is put into."""


class Sandboxed:
    port = 0
    """Of the first; the others take it again, so that the clients can be used again."""

    def __init__(self, folder: Path, assumptions: Assumptions) -> None:
        self.sandbox = Sandbox(port=Sandboxed.port, speed=0, folder=folder)
        Sandboxed.port = int(self.sandbox.url.rpartition(":")[2])
        clock = self.sandbox.aws.clock
        clock.advance(HOUR - clock.time() % HOUR)
        self.start = clock.time()
        self._pattern = Pattern.parse(
            json.dumps(event_pattern(ACCOUNT, arn(1).rpartition(GROUP)[0], NAME, GROUP, [KPI]))
        )
        self._heard = 0
        self._prepared: set[str] = set()
        known = self.sandbox.aws.hosting.assumptions
        known.status_while_rolling_back = "RollingBack" if assumptions.rolling_back_shows else "Updating"
        known.alarm_rollback_has_reason = assumptions.rollback_gives_reason
        known.rollback_moves_last_modified = assumptions.rollback_moves_modified
        known.alarms_count_from_launch = assumptions.alarms_from_launch
        known.missing_alarm_is_refused = assumptions.firing_alarm_refused
        known.account_has_trail = False

    def __enter__(self) -> Self:
        self.sandbox.__enter__()
        caller(ADMIN).hold(KEYS)
        for person, keys in self.sandbox.aws.principals.items():
            caller(person).hold(keys)
        self._assume(names.DEPLOYER, DEPLOYER_POLICY)
        return self

    def __exit__(self, *error: Any) -> None:
        for name in (ADMIN, TOOL, names.DEPLOYER, *self.sandbox.aws.principals):
            caller(name).hang_up()
        self.sandbox.__exit__(*error)

    def client(self, service: str, name: str = names.DEPLOYER) -> Any:
        """A client of somebody's, of a service that has what a world of the simulation begins with."""
        if service not in self._prepared:
            self._prepared.add(service)
            _PREPARATIONS.get(service, lambda client: None)(caller(ADMIN).client(service, self.sandbox.url, REGION))
        return caller(name).client(service, self.sandbox.url, REGION)

    def allow_nothing(self) -> None:
        """To the deployer."""
        self.client("iam", ADMIN).delete_role_policy(RoleName=names.DEPLOYER, PolicyName=names.DEPLOYER)

    def now(self) -> float:
        return self.sandbox.aws.clock.time()

    def call(self, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.client(service), method)(**request)
        del answer["ResponseMetadata"]
        return answer

    def advance(self, seconds: float) -> None:
        self.sandbox.aws.clock.advance(seconds)
        self.sandbox.background.raise_errors()

    def advance_until(self, status: str | None) -> None:
        """None: until the endpoint is gone."""
        end = self.now() + LIMIT
        while self._status() != status:
            assert self.now() < end, f"the endpoint is {self._status()} for {LIMIT} s"
            self.advance(STEP)

    def heard(self) -> list[dict[str, Any]]:
        """By the endpoint's own rule."""
        log = self.sandbox.aws.events.log
        heard = [event for event in log[self._heard :] if self._pattern.matches(event)]
        self._heard = len(log)
        return heard

    def _status(self) -> str | None:
        return next((str(one["status"]) for one in self.sandbox.aws.hosting.observe_endpoints()), None)

    # -- what people and AWS do

    def register(self, number: int, quality: Quality) -> None:
        """A version that is sick has no model data."""
        self.client("s3")
        data = f"{SPEC.model_artifacts}{'none' if quality is Quality.SICK else 'model'}.tar.gz"
        self.client("sagemaker", "data-scientist").create_model_package(
            ModelPackageGroupName=GROUP,
            InferenceSpecification={
                "Containers": [{"Image": IMAGE, "ModelDataUrl": data}],
                **CONTENT_TYPES,
            },
        )

    def have_trail(self) -> None:
        self.sandbox.aws.hosting.assumptions.account_has_trail = True

    def promote(self, number: int, stage: str, status: str) -> None:
        self.client("sagemaker", "reviewer").update_model_package(
            ModelPackageArn=arn(number), ModelLifeCycle={"Stage": stage, "StageStatus": status}
        )

    def specify(self, number: int, **container: Any) -> None:
        client = self.client("sagemaker", "data-scientist")
        specification = client.describe_model_package(ModelPackageName=arn(number))["InferenceSpecification"]
        specification["Containers"][0] |= container
        client.update_model_package(ModelPackageArn=arn(number), InferenceSpecification=specification)

    def write_object(self, uri: str, content: str) -> None:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        self.client("s3", ADMIN).put_object(Bucket=bucket, Key=key, Body=content.encode())

    def tag_image(self, repository: str, tag: str) -> None:
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
        ecr = self.client("ecr", ADMIN)
        ecr.create_repository(repositoryName=repository)
        ecr.put_image(repositoryName=repository, imageManifest=json.dumps(manifest), imageTag=tag)

    def review(self, number: int, status: str, comment: str | None = None) -> None:
        said = {} if comment is None else {"ApprovalDescription": comment}
        self.client("sagemaker", "reviewer").update_model_package(
            ModelPackageArn=arn(number), ModelApprovalStatus=status, **said
        )

    def edit(self, number: int) -> None:
        self._assume(TOOL, [{"Action": "sagemaker:*", "Resource": "*"}])
        self.client("sagemaker", TOOL).update_model_package(
            ModelPackageArn=arn(number), CustomerMetadataProperties={"seen": "yes"}
        )

    def delete_version(self, number: int) -> None:
        self.client("sagemaker", ADMIN).delete_model_package(ModelPackageName=arn(number))

    def write_spec(self) -> None:
        self.client("ssm", ADMIN).put_parameter(
            Name=names.spec_parameter(NAME), Value=SPEC.to_json(), Type="String", Overwrite=True
        )

    def set_alarm(self, name: str, state: str) -> None:
        self.client("cloudwatch", ADMIN).set_alarm_state(AlarmName=name, StateValue=state, StateReason=FIRED)

    def update_manually(self, config: str) -> None:
        self.client("sagemaker", ADMIN).update_endpoint(EndpointName=NAME, EndpointConfigName=config)

    def create_by_hand(self, config: str, tags: list[dict[str, str]]) -> None:
        self.client("sagemaker", ADMIN).create_endpoint(EndpointName=NAME, EndpointConfigName=config, Tags=tags)

    def create_model_by_hand(self, name: str) -> None:
        self.client("sagemaker", ADMIN).create_model(
            ModelName=name, ExecutionRoleArn=SPEC.execution_role_arn, PrimaryContainer={"Image": IMAGE}
        )

    def patch(self) -> None:
        self.force("SystemUpdating")

    def force(self, status: str) -> None:
        self.sandbox.aws.hosting.force_status(NAME, status)

    def delete_endpoint(self) -> None:
        self.client("sagemaker", ADMIN).delete_endpoint(EndpointName=NAME)

    def autoscale(self) -> None:
        self.client("application-autoscaling", ADMIN).register_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=f"endpoint/{NAME}/variant/{SPEC.variant.name}",
            ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            MinCapacity=1,
            MaxCapacity=4,
        )

    def tag(self, key: str, value: str) -> None:
        self.client("sagemaker", ADMIN).add_tags(
            ResourceArn=f"{ARN}:endpoint/{NAME}", Tags=[{"Key": key, "Value": value}]
        )

    def _assume(self, name: str, statements: list[dict[str, Any]]) -> None:
        """From now on the caller of this name has the role of this name, in a session of this name."""
        iam = self.client("iam", ADMIN)
        iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=_policy([{"Principal": "*", "Action": "sts:AssumeRole"}])
        )
        iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_policy(statements))
        role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        caller(name).hold(self.client("sts", ADMIN).assume_role(RoleArn=role, RoleSessionName=name)["Credentials"])


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | each for each in statements]})


def _bucket(s3: Any) -> None:
    s3.create_bucket(Bucket="example-models")
    s3.put_object(Bucket="example-models", Key="fraud/model.tar.gz", Body=b"weights")


def _alarms(cloudwatch: Any) -> None:
    for name in (KPI, *alarms.standing_names(SPEC)):
        cloudwatch.put_metric_alarm(AlarmName=name, **STATIC_ALARM)


def _table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName=names.LEDGER,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )


_PREPARATIONS: dict[str, Callable[[Any], None]] = {
    "s3": _bucket,
    "sagemaker": lambda sagemaker: sagemaker.create_model_package_group(ModelPackageGroupName=GROUP),
    "cloudwatch": _alarms,
    "dynamodb": _table,
    "sqs": lambda sqs: sqs.create_queue(QueueName=names.INBOX),
    "sns": lambda sns: sns.create_topic(Name=names.TOPIC),
}
"""What a world of the simulation begins with, by service."""
