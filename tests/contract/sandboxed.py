"""The sandbox's side of the contract: its server in this process, asked by boto3's own clients.

The calls are the deployer's, under a policy that asks for the tag; people's acts are those of an administrator.
"""

import functools
import json
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.pattern import event_pattern
from lambdas.gate import alarms, names
from sandbox.aws.pattern import Pattern
from sandbox.server import Sandbox
from simulation.alarms import REASON
from simulation.assumptions import Assumptions
from simulation.hosting import IMAGE, Quality
from simulation.registry import ACCOUNT, ARN, REGION
from simulation.world import GROUP, KPI, NAME, SPEC, arn
from tests.contract.simulated import LIMIT

HOUR = 3600
STEP = 5.0
"""No phase of an endpoint is shorter."""
KEYS = {"AccessKeyId": "testing", "SecretAccessKey": "testing"}
_TAGGED = [("UpdateEndpoint", "aws:ResourceTag"), ("CreateEndpoint", "aws:RequestTag")]
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
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})
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
    def __init__(self, folder: Path, assumptions: Assumptions) -> None:
        self.sandbox = Sandbox(port=0, speed=0, folder=folder)
        clock = self.sandbox.clock
        clock.advance(HOUR - clock.time() % HOUR)
        self._admin = _Clients(self.client)
        self._pattern = Pattern.parse(json.dumps(event_pattern(ACCOUNT, NAME, GROUP, [KPI])))
        self._heard = 0
        known = self.sandbox.hosting.assumptions
        known.status_while_rolling_back = "RollingBack" if assumptions.rolling_back_shows else "Updating"
        known.alarm_rollback_has_reason = assumptions.rollback_gives_reason
        known.rollback_moves_last_modified = assumptions.rollback_moves_modified
        known.alarms_count_from_launch = assumptions.alarms_from_launch
        known.missing_alarm_is_refused = assumptions.burning_alarm_refused

    def prepare(self) -> None:
        """What a world of the simulation begins with."""
        s3 = self._admin["s3"]
        s3.create_bucket(Bucket="example-models")
        s3.put_object(Bucket="example-models", Key="fraud/model.tar.gz", Body=b"weights")
        self._admin["sagemaker"].create_model_package_group(ModelPackageGroupName=GROUP)
        for name in (KPI, *alarms.standing_names(SPEC)):
            self._admin["cloudwatch"].put_metric_alarm(AlarmName=name, **STATIC_ALARM)
        self._admin["dynamodb"].create_table(
            TableName=names.LEDGER,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        self._admin["sqs"].create_queue(QueueName=names.INBOX)
        self._admin["sns"].create_topic(Name=names.TOPIC)
        keys = self._assume(names.DEPLOYER, DEPLOYER_POLICY)
        self.clients = _Clients(lambda service: self.client(service, keys))
        self.start = self.sandbox.clock.time()

    def client(self, service: str, keys: dict[str, str] | None = None) -> Any:
        keys = keys or KEYS
        return _session().client(
            service,
            endpoint_url=self.sandbox.url,
            region_name=REGION,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=ONCE,
        )

    def now(self) -> float:
        return self.sandbox.clock.time()

    def call(self, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.clients[service], method)(**request)
        del answer["ResponseMetadata"]
        return answer

    def advance(self, seconds: float) -> None:
        self.sandbox.clock.advance(seconds)

    def advance_until(self, status: str | None) -> None:
        """None: until the endpoint is gone."""
        end = self.now() + LIMIT
        while self._status() != status:
            assert self.now() < end, f"the endpoint is {self._status()} for {LIMIT} s"
            self.advance(STEP)

    def heard(self) -> list[dict[str, Any]]:
        """By the endpoint's own rule."""
        log = self.sandbox.events.log
        heard = [event for event in log[self._heard :] if self._pattern.matches(event)]
        self._heard = len(log)
        return heard

    def _status(self) -> str | None:
        return next((str(one["status"]) for one in self.sandbox.hosting.observe_endpoints()), None)

    # -- what people and AWS do

    def register(self, number: int, quality: Quality) -> None:
        """A version that is sick has no model data."""
        data = f"{SPEC.model_artifacts}{'none' if quality is Quality.SICK else 'model'}.tar.gz"
        self._person("data-scientist").create_model_package(
            ModelPackageGroupName=GROUP,
            InferenceSpecification={
                "Containers": [{"Image": IMAGE, "ModelDataUrl": data}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )

    def review(self, number: int, status: str, comment: str | None = None) -> None:
        said = {} if comment is None else {"ApprovalDescription": comment}
        self._person("reviewer").update_model_package(ModelPackageArn=arn(number), ModelApprovalStatus=status, **said)

    def edit(self, number: int) -> None:
        tool = self.client("sagemaker", self._assume("tool", [{"Action": "sagemaker:*", "Resource": "*"}]))
        tool.update_model_package(ModelPackageArn=arn(number), CustomerMetadataProperties={"a": "b"})

    def delete_version(self, number: int) -> None:
        self._admin["sagemaker"].delete_model_package(ModelPackageName=arn(number))

    def write_spec(self) -> None:
        self._admin["ssm"].put_parameter(
            Name=names.spec_parameter(NAME), Value=SPEC.to_json(), Type="String", Overwrite=True
        )

    def set_alarm(self, name: str, state: str) -> None:
        self._admin["cloudwatch"].set_alarm_state(AlarmName=name, StateValue=state, StateReason=REASON)

    def update_by_hand(self, config: str) -> None:
        self._admin["sagemaker"].update_endpoint(EndpointName=NAME, EndpointConfigName=config)

    def create_by_hand(self, config: str, tags: list[dict[str, str]]) -> None:
        self._admin["sagemaker"].create_endpoint(EndpointName=NAME, EndpointConfigName=config, Tags=tags)

    def create_model_by_hand(self, name: str) -> None:
        self._admin["sagemaker"].create_model(
            ModelName=name, ExecutionRoleArn=SPEC.execution_role_arn, PrimaryContainer={"Image": IMAGE}
        )

    def patch(self) -> None:
        self.force("SystemUpdating")

    def force(self, status: str) -> None:
        self.sandbox.hosting.force_status(NAME, status)

    def delete_endpoint(self) -> None:
        self._admin["sagemaker"].delete_endpoint(EndpointName=NAME)

    def autoscale(self) -> None:
        self._admin["application-autoscaling"].register_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=f"endpoint/{NAME}/variant/{SPEC.variant.name}",
            ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            MinCapacity=1,
            MaxCapacity=4,
        )

    def tag(self, key: str, value: str) -> None:
        self._admin["sagemaker"].add_tags(ResourceArn=f"{ARN}:endpoint/{NAME}", Tags=[{"Key": key, "Value": value}])

    def _person(self, name: str) -> Any:
        return self.client("sagemaker", self.sandbox.principals[name])

    def _assume(self, name: str, statements: list[dict[str, Any]]) -> dict[str, str]:
        """The keys of a session of the role's own name."""
        iam = self._admin["iam"]
        iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=_policy([{"Principal": "*", "Action": "sts:AssumeRole"}])
        )
        iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_policy(statements))
        role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        keys: dict[str, str] = self._admin["sts"].assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
        return keys


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | each for each in statements]})


class _Clients(dict[str, Any]):
    """By service, made when first asked for."""

    def __init__(self, make: Any) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, service: str) -> Any:
        self[service] = client = self._make(service)
        return client


@functools.cache
def _session() -> Any:
    """It keeps the service models, which take longer to read than a test does."""
    return boto3.session.Session()
