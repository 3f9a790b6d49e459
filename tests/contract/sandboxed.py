"""The sandbox's side of the contract: its server in this process, asked by boto3's own clients."""

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
from simulation.hosting import Quality
from simulation.registry import ACCOUNT, REGION
from simulation.world import GROUP, KPI, NAME, SPEC, arn
from tests.contract.simulated import LIMIT

HOUR = 3600
STEP = 5.0
"""No phase of an endpoint is shorter."""
KEYS = {"AccessKeyId": "testing", "SecretAccessKey": "testing"}
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
        self.clients = _Clients(self.client)
        self._pattern = Pattern.parse(json.dumps(event_pattern(ACCOUNT, NAME, GROUP, [])))
        self._heard = 0
        known = self.sandbox.hosting.assumptions
        known.status_while_rolling_back = "RollingBack" if assumptions.rolling_back_shows else "Updating"
        known.alarm_rollback_has_reason = assumptions.rollback_gives_reason
        known.rollback_moves_last_modified = assumptions.rollback_moves_modified
        known.alarms_count_from_launch = assumptions.alarms_from_launch
        known.missing_alarm_is_refused = assumptions.burning_alarm_refused

    def prepare(self) -> None:
        """What a world of the simulation begins with."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket="example-models")
        s3.put_object(Bucket="example-models", Key="fraud/model.tar.gz", Body=b"weights")
        self.client("sagemaker").create_model_package_group(ModelPackageGroupName=GROUP)
        for name in (KPI, *alarms.standing_names(SPEC)):
            self.client("cloudwatch").put_metric_alarm(AlarmName=name, **STATIC_ALARM)
        self.client("dynamodb").create_table(
            TableName=names.LEDGER,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        self.client("sqs").create_queue(QueueName=names.INBOX)
        self.client("sns").create_topic(Name=names.TOPIC)
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
        self._person("data-scientist").create_model_package(
            ModelPackageGroupName=GROUP,
            InferenceSpecification={
                "Containers": [
                    {
                        "Image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/xgboost:1.7-1",
                        "ModelDataUrl": f"{SPEC.model_artifacts}{'none' if quality is Quality.SICK else 'model'}.tar.gz",
                    }
                ],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )

    def review(self, number: int, status: str, comment: str | None = None) -> None:
        said = {} if comment is None else {"ApprovalDescription": comment}
        self._person("reviewer").update_model_package(ModelPackageArn=arn(number), ModelApprovalStatus=status, **said)

    def edit(self, number: int) -> None:
        self._tool().update_model_package(ModelPackageArn=arn(number), CustomerMetadataProperties={"a": "b"})

    def delete_version(self, number: int) -> None:
        self.clients["sagemaker"].delete_model_package(ModelPackageName=arn(number))

    def write_spec(self) -> None:
        self.clients["ssm"].put_parameter(
            Name=names.spec_parameter(NAME), Value=SPEC.to_json(), Type="String", Overwrite=True
        )

    def set_alarm(self, name: str, state: str) -> None:
        self.clients["cloudwatch"].set_alarm_state(AlarmName=name, StateValue=state, StateReason=REASON)

    def update_by_hand(self, config: str) -> None:
        self.clients["sagemaker"].update_endpoint(EndpointName=NAME, EndpointConfigName=config)

    def patch(self) -> None:
        self.force("SystemUpdating")

    def force(self, status: str) -> None:
        self.sandbox.hosting.force_status(NAME, status)

    def delete_endpoint(self) -> None:
        self.clients["sagemaker"].delete_endpoint(EndpointName=NAME)

    def autoscale(self) -> None:
        self.clients["application-autoscaling"].register_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=f"endpoint/{NAME}/variant/{SPEC.variant.name}",
            ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            MinCapacity=1,
            MaxCapacity=4,
        )

    def tag(self, key: str, value: str) -> None:
        self.clients["sagemaker"].add_tags(
            ResourceArn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{NAME}", Tags=[{"Key": key, "Value": value}]
        )

    def _person(self, name: str) -> Any:
        return self.client("sagemaker", self.sandbox.principals[name])

    def _tool(self) -> Any:
        iam = self.client("iam")
        everyone = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
        iam.create_role(
            RoleName="tool", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everyone]})
        )
        anything = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}],
        }
        iam.put_role_policy(RoleName="tool", PolicyName="tool", PolicyDocument=json.dumps(anything))
        role = f"arn:aws:iam::{ACCOUNT}:role/tool"
        keys = self.client("sts").assume_role(RoleArn=role, RoleSessionName="tool")["Credentials"]
        return self.client("sagemaker", keys)


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
