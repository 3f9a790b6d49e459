"""Taking stock: which questions are asked, to the last page, and what is made of the answers."""

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from lambdas.gate import names
from lambdas.gate.aws.errors import Denied, Throttled
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.fact import Fact
from lambdas.gate.state.fact import Kind as Happened
from lambdas.janitor.inventory import Failure, Hosted, Inventory, Kind, Thing
from lambdas.janitor.policy import DAY, Mode, Policy
from lambdas.janitor.take_inventory import InventoryReader
from tests.lambdas.builders import NOW, SPEC, head, live
from tests.lambdas.fakes import begin
from tests.lambdas.stubbed import stubbed

POLICY = Policy(Mode.DRY_RUN, retention_days=30, keep_good=3, failed_endpoint_days=7)
OLD, YOUNG = NOW - 31 * DAY, NOW - 29 * DAY
WHERE = "arn:aws:sagemaker:us-east-1:123456789012:"


def time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class Script:
    """SageMaker's and CloudWatch's answers in the order in which they are asked for."""

    def __init__(self, sagemaker: Stubber, cloudwatch: Stubber, ledger: Ledger) -> None:
        self.sagemaker, self.cloudwatch, self.ledger = sagemaker, cloudwatch, ledger
        self.reader = InventoryReader(sagemaker.client, cloudwatch.client, ledger)

    def endpoints(self, *found: str) -> None:
        summaries = [
            {
                "EndpointName": name,
                "EndpointArn": f"{WHERE}endpoint/{name}",
                "CreationTime": time(OLD),
                "LastModifiedTime": time(OLD),
                "EndpointStatus": "InService",
            }
            for name in found
        ]
        self.sagemaker.add_response("list_endpoints", {"Endpoints": summaries}, {"MaxResults": 100})

    def endpoint(self, name: str, **fields: Any) -> None:
        answer = {
            "EndpointName": name,
            "EndpointArn": f"{WHERE}endpoint/{name}",
            "EndpointConfigName": "gate-live",
            "EndpointStatus": "InService",
            "CreationTime": time(OLD),
            "LastModifiedTime": time(OLD + 5),
        }
        self.sagemaker.add_response("describe_endpoint", answer | fields, {"EndpointName": name})

    def configs(self, *pages: dict[str, float]) -> None:
        self._listed("list_endpoint_configs", "EndpointConfig", "endpoint-config", pages, {})

    def models(self, *pages: dict[str, float]) -> None:
        before = {"CreationTimeBefore": time(NOW - 30 * DAY)}
        self._listed("list_models", "Model", "model", pages, before)

    def _listed(
        self, operation: str, kind: str, arn: str, pages: tuple[dict[str, float], ...], request: dict[str, Any]
    ) -> None:
        for number, page in enumerate(pages):
            summaries = [
                {f"{kind}Name": name, f"{kind}Arn": f"{WHERE}{arn}/{name}", "CreationTime": time(made_at)}
                for name, made_at in page.items()
            ]
            answer: dict[str, Any] = {f"{kind}s": summaries}
            asked: dict[str, Any] = {"NameContains": "gate-", "MaxResults": 100} | request
            if number + 1 < len(pages):
                answer["NextToken"] = str(number + 1)
            if number:
                asked["NextToken"] = str(number)
            self.sagemaker.add_response(operation, answer, asked)

    def alarms(self, *pages: dict[str, float]) -> None:
        for number, page in enumerate(pages):
            answer: dict[str, Any] = {
                "MetricAlarms": [
                    {"AlarmName": name, "AlarmConfigurationUpdatedTimestamp": time(put_at)}
                    for name, put_at in page.items()
                ]
            }
            asked: dict[str, Any] = {
                "AlarmNamePrefix": "approval-gate/",
                "AlarmTypes": ["MetricAlarm"],
                "MaxRecords": 100,
            }
            if number + 1 < len(pages):
                answer["NextToken"] = str(number + 1)
            if number:
                asked["NextToken"] = str(number)
            self.cloudwatch.add_response("describe_alarms", answer, asked)

    def tags(self, resource: str, **tags: str) -> None:
        listed = [{"Key": key.replace("_", "-"), "Value": value} for key, value in tags.items()]
        self.sagemaker.add_response("list_tags", {"Tags": listed}, {"ResourceArn": f"{WHERE}{resource}"})

    def config(self, name: str, *models: str, shadow: str | None = None) -> None:
        def variants(named: tuple[str, ...]) -> list[dict[str, Any]]:
            return [{"VariantName": f"V{number}", "ModelName": model} for number, model in enumerate(named)]

        answer: dict[str, Any] = {
            "EndpointConfigName": name,
            "EndpointConfigArn": f"{WHERE}endpoint-config/{name}",
            "CreationTime": time(OLD),
            "ProductionVariants": variants(models),
        }
        if shadow:
            answer["ShadowProductionVariants"] = variants((shadow,))
        self.sagemaker.add_response("describe_endpoint_config", answer, {"EndpointConfigName": name})

    def gone(self, operation: str, what: str, **asked: str) -> None:
        self.sagemaker.add_client_error(
            operation, "ValidationException", f"Could not find {what}.", expected_params=asked
        )

    def take(self) -> Inventory:
        return self.reader.take(POLICY, NOW)


@pytest.fixture
def script(emptied: Any) -> Any:
    with ExitStack() as stack:
        sagemaker, cloudwatch = (stack.enter_context(stubbed(service)) for service in ("sagemaker", "cloudwatch"))
        yield Script(sagemaker, cloudwatch, Ledger(emptied, names.LEDGER))


def hosted(name: str, **fields: Any) -> Hosted:
    defaults: dict[str, Any] = {
        "arn": f"{WHERE}endpoint/{name}",
        "status": "InService",
        "config": "gate-live",
        "made_at": OLD,
        "modified_at": OLD + 5,
    }
    return Hosted(name, **defaults | fields)


def test_an_account_without_anything_costs_four_calls(script: Script) -> None:
    script.endpoints()
    script.configs({})
    script.models({})
    script.alarms({})
    assert script.take() == Inventory()


def test_endpoints_are_described_with_what_is_on_its_way_and_what_guards_it(script: Script) -> None:
    script.endpoints("churn", "fraud-detection", "gone")
    script.endpoint("churn", EndpointStatus="Updating", PendingDeploymentSummary={"EndpointConfigName": "gate-next"})
    guards = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}, {"AlarmName": "kpi"}]}}
    script.endpoint("fraud-detection", LastDeploymentConfig=guards)
    script.gone("describe_endpoint", 'endpoint "gone"', EndpointName="gone")
    script.configs({})
    script.models({})
    script.alarms({})
    written = begin(script.ledger, head(endpoint="churn"))
    assert script.take() == Inventory(
        endpoints=(
            hosted("churn", status="Updating", pending_config="gate-next"),
            hosted("fraud-detection", alarms=("a", "kpi"), is_updated=True),
        ),
        heads={"churn": written, "fraud-detection": None},
    )


@pytest.mark.parametrize("stored", ["", "[]", "{}", '{"endpoint":1}', '{"more":1}', "[" * 100_000])
def test_what_the_ledger_has_of_one_endpoint_and_nobody_can_read_is_no_fault_of_another(
    script: Script, emptied: Any, stored: str
) -> None:
    script.endpoints("churn", "fraud-detection")
    for name in ("churn", "fraud-detection"):
        script.endpoint(name)
    script.configs({})
    script.models({})
    script.alarms({})
    written = begin(script.ledger, head(endpoint="fraud-detection"))
    key = {"pk": {"S": "endpoint#churn"}, "sk": {"S": "head"}}
    emptied.put_item(TableName=names.LEDGER, Item=key | {"revision": {"N": "1"}, "head": {"S": stored or "x"}})
    stock = script.take()
    assert (stock.heads, list(stock.unread)) == ({"churn": None, "fraud-detection": written}, ["churn"])


def test_lists_are_read_to_the_last_page_and_names_by_their_beginning(script: Script) -> None:
    script.endpoints()
    script.configs({"gate-a": OLD, "my-gate-b": OLD, "gate-young": YOUNG}, {"gate-c": OLD})
    script.models({"gate-m": OLD}, {"aggregate-m": OLD, "gate-n": OLD})
    alarm = "approval-gate/{}/{}/5xx"
    script.alarms(
        {alarm.format("churn", "gate-a"): OLD, alarm.format("churn", "standing"): OLD},
        {alarm.format("churn", "gate-young"): YOUNG, alarm.format("fraud-detection", "gate-c"): OLD},
    )
    script.tags("endpoint-config/gate-a", approval_gate="managed", approval_gate_endpoint="churn")
    script.tags("endpoint-config/gate-c")
    script.tags("model/gate-m", approval_gate_endpoint="churn")
    script.gone("list_tags", "resource", ResourceArn=f"{WHERE}model/gate-n")
    script.config("gate-a", "gate-m")
    script.config("gate-c", "gate-m", "theirs", shadow="gate-shadow")
    script.gone("describe_endpoint_config", "endpoint configuration", EndpointConfigName="gate-young")
    assert script.take() == Inventory(
        things=(
            Thing(Kind.ALARM, "approval-gate/churn/gate-a/5xx", OLD, "churn"),
            Thing(Kind.ALARM, "approval-gate/fraud-detection/gate-c/5xx", OLD, "fraud-detection"),
            Thing(Kind.CONFIG, "gate-a", OLD, "churn"),
            Thing(Kind.CONFIG, "gate-c", OLD, None),
            Thing(Kind.MODEL, "gate-m", OLD, "churn"),
            Thing(Kind.MODEL, "gate-n", OLD, None),
        ),
        heads={"churn": None, "fraud-detection": None},
        named_models=frozenset({"gate-m", "theirs", "gate-shadow"}),
    )


def test_models_are_asked_for_of_what_is_served_by_any_name(script: Script) -> None:
    script.endpoints("churn")
    script.endpoint("churn", EndpointConfigName="by-hand", PendingDeploymentSummary={"EndpointConfigName": "gate-next"})
    script.configs({"gate-next": YOUNG})
    script.models({"gate-m": OLD})
    script.alarms({})
    script.tags("model/gate-m", approval_gate_endpoint="churn")
    script.config("by-hand", "gate-m")
    script.config("gate-next", "gate-n")
    assert script.take().named_models == {"gate-m", "gate-n"}


def test_models_are_asked_for_of_what_an_endpoint_goes_back_to_though_no_list_tells_of_it(script: Script) -> None:
    goes_back = head(live=live(2), good=(live(1),), previous_config="gate-before")
    begin(script.ledger, goes_back)
    script.endpoints(SPEC.endpoint)
    script.endpoint(SPEC.endpoint, EndpointConfigName="gate-v2")
    script.configs({})
    script.models({"gate-m": OLD})
    script.alarms({})
    script.tags("model/gate-m", approval_gate_endpoint=SPEC.endpoint)
    for config, model in (("gate-before", "gate-m"), ("gate-v1", "gate-n"), ("gate-v2", "gate-o")):
        script.config(config, model)
    assert script.take().named_models == {"gate-m", "gate-n", "gate-o"}


def _failed(script: Script, **fields: Any) -> None:
    script.endpoints(SPEC.endpoint)
    script.endpoint(SPEC.endpoint, **{"EndpointStatus": "Failed", "EndpointConfigName": "gate-v1"} | fields)
    script.configs({})
    script.models({})
    script.alarms({})


def test_of_an_endpoint_that_failed_the_rows_the_tag_and_the_requests_are_read(script: Script) -> None:
    facts = tuple(Fact(Happened.ALERT, NOW, f"{number}") for number in (1, 2))
    script.ledger.write(None, head(rows=0, hash=""), facts)
    _failed(script)
    script.tags(f"endpoint/{SPEC.endpoint}", approval_gate="managed")
    script.config("gate-v1", "m", "n")
    for variant, sums in (("V0", [3.0, 4.0]), ("V1", [])):
        script.cloudwatch.add_response(
            "get_metric_statistics",
            {"Datapoints": [{"SampleCount": each} for each in sums]},
            {
                "Namespace": "AWS/SageMaker",
                "MetricName": "ModelLatency",
                "Dimensions": [
                    {"Name": "EndpointName", "Value": SPEC.endpoint},
                    {"Name": "VariantName", "Value": variant},
                ],
                "StartTime": time(OLD // DAY * DAY),
                "EndTime": time(NOW),
                "Period": DAY,
                "Statistics": ["SampleCount"],
            },
        )
    assert script.take().failures == {
        SPEC.endpoint: Failure(script.ledger.rows(SPEC.endpoint), is_opted_in=True, requests=7)
    }
    assert [row.fact.summary for row in script.ledger.rows(SPEC.endpoint)] == ["1", "2"]


def test_of_one_that_is_not_opted_in_that_is_said(script: Script) -> None:
    begin(script.ledger, head())
    _failed(script)
    script.tags(f"endpoint/{SPEC.endpoint}", approval_gate="off")
    script.gone("describe_endpoint_config", "endpoint configuration", EndpointConfigName="gate-v1")
    assert script.take().failures == {
        SPEC.endpoint: Failure(script.ledger.rows(SPEC.endpoint), is_opted_in=False, requests=0)
    }


@pytest.mark.parametrize(
    ("fields", "live_version"),
    [({"LastModifiedTime": time(NOW - 6.9 * DAY)}, None), ({"EndpointStatus": "InService"}, None), ({}, 1)],
)
def test_nothing_more_is_asked_about_an_endpoint_that_stays_anyway(
    script: Script, fields: dict[str, Any], live_version: int | None
) -> None:
    begin(script.ledger, head(live=live(live_version) if live_version else None))
    _failed(script, **fields)
    assert script.take().failures == {}


@pytest.mark.parametrize(("code", "error"), [("ThrottlingException", Throttled), ("AccessDeniedException", Denied)])
def test_what_cannot_be_read_leaves_no_stock(script: Script, code: str, error: type[Exception]) -> None:
    script.endpoints()
    script.sagemaker.add_client_error("list_endpoint_configs", code, "Rate exceeded")
    with pytest.raises(error):
        script.take()
