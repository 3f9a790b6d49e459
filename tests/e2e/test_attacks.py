"""What people with ordinary rights might try, so that something runs that nobody approved: the real deployment, with
IAM on. Each attempt ends refused, on hold or denied, with a reason that says why, and the live version stays.

docs/security.md lists the attacks. One endpoint serves for all of them.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.gate.state.fact import Kind
from sandbox.demo.people import IMAGE
from tests.e2e.conftest import Take
from tests.e2e.endpoint import Endpoint
from tests.e2e.governed import BUCKET
from tests.e2e.world import CONTRIBUTOR, REVIEWER, SCHEDULE_SECONDS, World

REGISTER_ANEW = "register a new version"
GOOD, BAD = 0.9, 0.5


class Attack:
    """A contributor, a colleague who may write to the bucket, and a reviewer who looks at the version and approves it.
    Each attack has files of its own."""

    def __init__(self, world: World, endpoint: Endpoint, name: str) -> None:
        self.world, self.endpoint, self.name = world, endpoint, name
        self.version = 0

    def uri(self, file: str) -> str:
        return f"{self.endpoint.artifacts}{self.name}/{file}"

    def write(self, file: str, content: str) -> None:
        self.world.client("s3").put_object(Bucket=BUCKET, Key=self._key(file), Body=content.encode())

    def remove_newest(self, file: str) -> None:
        """Delete the newest version of the object for good, so that the one before is the current one."""
        s3, place = self.world.client("s3"), {"Bucket": BUCKET, "Key": self._key(file)}
        s3.delete_object(**place, VersionId=s3.head_object(**place)["VersionId"])

    def quality(self, f1: float) -> str:
        return json.dumps({"binary_classification_metrics": {"f1": {"value": f1}}})

    def register(self, digest: str = "", report: bool = True, by: str = CONTRIBUTOR, **container: Any) -> int:
        """Register a version with a good report, and let a reconcile see it."""
        self.write("model.tar.gz", "reviewed")
        if report:
            self.write("report.json", self.quality(GOOD))
        source = {"ContentType": "application/json", "S3Uri": self.uri("report.json")}
        source |= {"ContentDigest": digest} if digest else {}
        specification = self.specification(**container)
        answer = self.world.client("sagemaker", by).create_model_package(
            ModelPackageGroupName=self.endpoint.group,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification=specification,
            ModelMetrics={"ModelQuality": {"Statistics": source}},
        )
        self.version = int(answer["ModelPackageArn"].rsplit("/", 1)[1])
        self.world.advance(60)
        return self.version

    def specification(self, more: tuple[dict[str, Any], ...] = (), **container: Any) -> dict[str, Any]:
        first = {"Image": IMAGE, "ModelDataUrl": self.uri("model.tar.gz")} | container
        return {
            "Containers": [first, *more],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        }

    def edit(self, by: str = CONTRIBUTOR, **fields: Any) -> None:
        arn = self.endpoint.arn(self.version)
        self.world.client("sagemaker", by).update_model_package(ModelPackageArn=arn, **fields)
        self.world.advance()

    def _key(self, file: str) -> str:
        return self.uri(file).removeprefix(f"s3://{BUCKET}/")


@pytest.fixture
def attack(take_governed: Take, governed_world: World, request: pytest.FixtureRequest) -> Attack:
    """A version is live on the endpoint. The first attack puts it there."""
    endpoint = take_governed("attacked")
    made = Attack(governed_world, endpoint, request.node.callspec.id if hasattr(request.node, "callspec") else "denied")
    if endpoint.live() is None:
        first = Attack(governed_world, endpoint, "first")
        first.register()
        endpoint.publish(first.version)
    return made


def _swapped_report(attack: Attack) -> None:
    attack.write("report.json", attack.quality(BAD))
    attack.register(report=False)
    attack.write("report.json", attack.quality(GOOD))


def _uncovered_report(attack: Attack) -> None:
    attack.write("report.json", attack.quality(GOOD))
    attack.write("report.json", attack.quality(BAD))
    attack.register(report=False)
    attack.remove_newest("report.json")


def _late_report(attack: Attack) -> None:
    attack.register(report=False)
    attack.write("report.json", attack.quality(GOOD))


def _report_with_another_digest(attack: Attack) -> None:
    other = hashlib.sha256(attack.quality(BAD).encode()).hexdigest()
    attack.register(digest=f"sha256:{other}")


def _report_with_a_number_twice(attack: Attack) -> None:
    attack.write("report.json", '{"binary_classification_metrics": {"f1": {"value": 0.1, "value": 0.9}}}')
    attack.register(report=False)


def _uncovered_weights(attack: Attack) -> None:
    attack.write("model.tar.gz", "older")
    attack.register()
    attack.remove_newest("model.tar.gz")


def _rewritten_weights(attack: Attack) -> None:
    attack.register()
    attack.write("model.tar.gz", "reviewed")


def _swapped_code_in_a_list(attack: Attack) -> None:
    for file in ("a.tar.gz", "b.tar.gz"):
        attack.write(file, "reviewed")
    attack.register(Environment={"MODULES": json.dumps([attack.uri("a.tar.gz"), attack.uri("b.tar.gz")])})
    attack.write("b.tar.gz", "another")


def _swapped_weights_of_the_second_container(attack: Attack) -> None:
    attack.write("second.tar.gz", "reviewed")
    attack.register(more=({"Image": IMAGE, "ModelDataUrl": attack.uri("second.tar.gz")},))
    attack.write("second.tar.gz", "another")


def _edited_by_the_approver(attack: Attack) -> None:
    attack.register()
    changed = attack.specification(Environment={"SAGEMAKER_PROGRAM": "other.py"})
    attack.edit(REVIEWER, InferenceSpecification=changed, ModelApprovalStatus="Approved")


def _a_branch_of_a_hub(attack: Attack) -> None:
    attack.register(Environment={"OPTION_MODEL_ID": "example/bert", "OPTION_REVISION": "refs/heads/main"})


def _a_prefix_as_an_additional_source(attack: Attack) -> None:
    source = {"S3Uri": attack.uri("adapters/"), "S3DataType": "S3Prefix", "CompressionType": "None"}
    attack.register(AdditionalModelDataSources=[{"ChannelName": "adapters", "S3DataSource": source}])


def _weights_beside_the_prefix(attack: Attack) -> None:
    attack.world.client("s3").put_object(Bucket=BUCKET, Key="attacked-by/model.tar.gz", Body=b"weights")
    attack.register(ModelDataUrl=f"s3://{BUCKET}/attacked-by/model.tar.gz")


def _a_foreign_image(attack: Attack) -> None:
    attack.register(Image=f"{IMAGE.partition('/')[0]}/foreign:1")


ATTACKS: dict[str, tuple[Callable[[Attack], None], Kind, str]] = {
    "swapped-report": (
        _swapped_report,
        Kind.HELD,
        f"it was replaced since the version was first seen; {REGISTER_ANEW}",
    ),
    "uncovered-report": (
        _uncovered_report,
        Kind.HELD,
        f"it was replaced since the version was first seen; {REGISTER_ANEW}",
    ),
    "late-report": (
        _late_report,
        Kind.HELD,
        f"it could not be read when the version was first seen; {REGISTER_ANEW}",
    ),
    "other-digest": (_report_with_another_digest, Kind.HELD, "and the version's ContentDigest is sha256:"),
    "number-twice": (_report_with_a_number_twice, Kind.HELD, "is no JSON: a key is there twice"),
    "uncovered-weights": (_uncovered_weights, Kind.APPROVAL_REFUSED, REGISTER_ANEW),
    "rewritten-weights": (_rewritten_weights, Kind.APPROVAL_REFUSED, REGISTER_ANEW),
    "code-in-a-list": (_swapped_code_in_a_list, Kind.APPROVAL_REFUSED, REGISTER_ANEW),
    "second-container": (_swapped_weights_of_the_second_container, Kind.APPROVAL_REFUSED, REGISTER_ANEW),
    "approving-edit": (_edited_by_the_approver, Kind.APPROVAL_REFUSED, REGISTER_ANEW),
    "branch-of-a-hub": (_a_branch_of_a_hub, Kind.HELD, "the model example/bert of OPTION_MODEL_ID without a commit"),
    "additional-prefix": (_a_prefix_as_an_additional_source, Kind.HELD, "is no single object"),
    "beside-the-prefix": (_weights_beside_the_prefix, Kind.HELD, f"wanted model data under s3://{BUCKET}/attacked/"),
    "foreign-image": (_a_foreign_image, Kind.HELD, f"wanted one of {IMAGE}"),
}


@pytest.mark.parametrize("name", ATTACKS, ids=ATTACKS)
def test_what_was_not_reviewed_does_not_go_live(attack: Attack, name: str) -> None:
    prepare, kind, reason = ATTACKS[name]
    endpoint, before = attack.endpoint, attack.endpoint.live()
    prepare(attack)
    for _ in range(2):  # Approving it again changes nothing.
        endpoint.approve(attack.version)
        endpoint.settle()
        attack.world.advance(60)
    rows = [row.fact for row in endpoint.rows() if row.fact.version == endpoint.arn(attack.version)]
    assert Kind.ATTEMPT_OPENED not in [fact.kind for fact in rows]
    stopped = [fact.summary for fact in rows if fact.kind in (Kind.HELD, Kind.APPROVAL_REFUSED)]
    assert next(fact.kind for fact in rows if fact.summary in stopped) is kind
    assert [summary for summary in stopped if reason not in summary] == []
    assert endpoint.live() == before
    endpoint.reject(attack.version)


@pytest.mark.parametrize("act", ["register-approved", "approve", "reject-the-live-one", "delete-the-live-one"])
def test_iam_denies_a_contributor_whatever_decides(attack: Attack, act: str) -> None:
    sagemaker, live = attack.world.client("sagemaker", CONTRIBUTOR), attack.endpoint.live()
    assert live is not None
    assert live[1] is not None
    arn = attack.endpoint.arn(live[1])
    acts: dict[str, Callable[[], Any]] = {
        "register-approved": lambda: sagemaker.create_model_package(
            ModelPackageGroupName=attack.endpoint.group,
            ModelApprovalStatus="Approved",
            InferenceSpecification=attack.specification(),
        ),
        "approve": lambda: sagemaker.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus="Approved", InferenceSpecification=attack.specification()
        ),
        "reject-the-live-one": lambda: sagemaker.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus="Rejected"
        ),
        "delete-the-live-one": lambda: sagemaker.delete_model_package(ModelPackageName=arn),
    }
    with pytest.raises(ClientError, match="AccessDenied"):
        acts[act]()
    attack.world.advance(60)
    assert attack.endpoint.live() == live


def test_a_change_under_the_live_version_is_reported_once_and_nothing_else_follows(attack: Attack) -> None:
    """The last attack, because it changes the version that the others leave live."""
    endpoint, world = attack.endpoint, attack.world
    before, updates = endpoint.live(), endpoint.updates()
    live = Attack(world, endpoint, "first")
    live.write("model.tar.gz", "another")
    world.advance(4 * SCHEDULE_SECONDS)
    (alert,) = endpoint.summaries(Kind.ALERT)
    assert f"{live.uri('model.tar.gz')} was changed" in alert
    assert (endpoint.live(), endpoint.updates()) == (before, updates)
