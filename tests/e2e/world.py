"""The deployed app in its sandbox, as people, operators and tests reach it: over HTTP, with keys and a clock."""

import functools
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lambdas.gate import names
from sandbox.app.deployment import ACCOUNT, REGION, Deployment, client

OPERATOR = "operator"
SCIENTIST = "data-scientist"
REVIEWER = "reviewer"
CONTRIBUTOR = "contributor"
ON_CALL = "on-call"
VIEWER = "viewer"
AUDITOR = "auditor"
Entries = dict[str, dict[str, Any]]
"""The endpoints of an endpoints.yaml."""
DAY_SECONDS = 86_400
SCHEDULE_SECONDS = 300
"""The period of the endpoints' rules. All began at one moment, for the clock stood during the deployment."""
TOLD = "told"
"""The queue that subscribes to the topic, as a person's mailbox would."""


class World:
    """One sandbox for many scenarios. Its clock stands unless a scenario advances it. `entries` is what is deployed."""

    def __init__(self, deployment: Deployment, entries: Entries) -> None:
        self.deployment = deployment
        self.entries = entries
        self.url = deployment.endpoint_url
        self.client = functools.cache(self._client)
        self._told: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []
        self._mailbox = ""
        self._begun = 0.0

    def _client(self, service: str, person: str = OPERATOR) -> Any:
        if person == OPERATOR:
            return client(service, self.url)
        key = self.control("principals")[person]
        return client(service, self.url, key["AccessKeyId"], key["SecretAccessKey"])

    def as_function(self, function: str, service: str) -> Any:
        """A client with the function's own role."""
        role = self.client("lambda").get_function_configuration(FunctionName=function)["Role"]
        keys = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return client(service, self.url, keys["AccessKeyId"], keys["SecretAccessKey"])

    def control(self, path: str, body: object = None, method: str | None = None) -> Any:
        """The sandbox's own interface."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)

    def now(self) -> float:
        """Simulated seconds since 1970."""
        return float(self.control("time"))

    def advance(self, seconds: float = 0) -> None:
        """Returns when all that became due has been handled."""
        self.control(f"advance?seconds={seconds}", method="POST")

    def fault(self, **fault: Any) -> None:
        self.control("faults", fault)

    def alarm_of_the_shop(self, name: str, metric: str, value: float) -> None:
        """A user's own, which burns while its metric is above 0 and keeps its state until that says otherwise."""
        cloudwatch = self.client("cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="Shop",
            MetricName=metric,
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
        cloudwatch.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": metric, "Value": value}])

    @contextmanager
    def late(self, queue: str) -> Iterator[None]:
        """The deployer is not run for this queue meanwhile; what it is to hear of waits there."""
        functions = self.client("lambda")
        mappings = functions.list_event_source_mappings(FunctionName=names.DEPLOYER)["EventSourceMappings"]
        (mapping,) = (each["UUID"] for each in mappings if each["EventSourceArn"].endswith(f":{queue}"))
        functions.update_event_source_mapping(UUID=mapping, Enabled=False)
        try:
            yield
        finally:
            functions.update_event_source_mapping(UUID=mapping, Enabled=True)

    def mend(self) -> None:
        """No fault is ordered any more."""
        self.control("faults", method="DELETE")

    def calls(self, function: str = names.DEPLOYER) -> list[dict[str, Any]]:
        """Every run of the function so far, with its AWS calls."""
        runs: list[dict[str, Any]] = self.control(f"invocation-calls?function={function}")
        return runs

    def events(self, source: str) -> Iterator[dict[str, Any]]:
        """Those put on the bus so far."""
        self._events += self.control(f"events?after={len(self._events)}")
        return (event for event in self._events if event["source"] == source)

    def begin(self) -> None:
        """Once the app is deployed: a mailbox for its notifications, and the schedules begin to count."""
        self._begun = self.now()
        self._subscribe()
        self.advance()

    def pass_days(self, days: float) -> None:
        """Without what only repairs, which would be run hundreds of times."""
        events = self.client("events")
        rules = [rule["Name"] for rule in events.list_rules(NamePrefix=names.PREFIX)["Rules"]]
        on = [name for name in rules if events.describe_rule(Name=name)["State"] == "ENABLED"]
        for name in on:
            events.disable_rule(Name=name)
        self.advance(days * DAY_SECONDS)
        for name in on:
            events.enable_rule(Name=name)

    def clean(self) -> list[dict[str, Any]]:
        """One run of the janitor, as its schedule would start it; the lines that it logged."""
        payload = json.dumps({"sweep": names.GARBAGE})
        answer = self.client("lambda").invoke(FunctionName=names.JANITOR, Payload=payload, LogType="Tail")
        assert "FunctionError" not in answer, answer["Payload"].read()
        self.advance()
        logs = self.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{names.JANITOR}")["events"]
        (run,) = (call["request_id"] for call in self.calls(names.JANITOR)[-1:])
        lines = (json.loads(event["message"]) for event in logs if event["message"].startswith("{"))
        return [line for line in lines if line.get("function_request_id") == run]

    def pass_schedules(self) -> None:
        """A little after every schedule has looked, so that it is a while until the next look."""
        self.advance(SCHEDULE_SECONDS + 10 - (self.now() - self._begun) % SCHEDULE_SECONDS)

    def _subscribe(self) -> None:
        url = self.client("sqs").create_queue(QueueName=TOLD)["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{TOLD}"
        topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:{names.TOPIC}"
        self.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self._mailbox = url

    def told(self) -> list[dict[str, Any]]:
        """Every notification of the topic so far."""
        sqs = self.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self._mailbox, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._told.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self._mailbox, ReceiptHandle=message["ReceiptHandle"])
        return self._told

    def inbox(self) -> str:
        """The URL of the deployer's queue."""
        url: str = self.client("sqs").get_queue_url(QueueName=names.INBOX)["QueueUrl"]
        return url
