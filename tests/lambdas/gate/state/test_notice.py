"""What a notice is known by: its key, and in a ledger of an earlier release a sentence, which tells its code."""

import pytest

from lambdas.gate.state.notice import Code, Notice

SENTENCES = {
    "paused: 2 is held: release freeze": Code.ENDPOINT_PAUSED,
    "all endpoints are paused: release freeze": Code.ALL_PAUSED,
    "FraudDetectionGroup/2 is held: the gate is shut: freeze failed: found a freeze, wanted none": Code.CHECKS_FAILED,
    "FraudDetectionGroup/2 is held: the gate is shut: found f1.json could not be read": Code.CHECKS_FAILED,
    "FraudDetectionGroup/2 could not be read": Code.VERSION_UNREADABLE,
    "the endpoint's variants are blue, but the spec's is AllTraffic: guardrails need the same": Code.OTHER_VARIANTS,
    "the endpoint is serverless, but the spec's variant has instances: AWS takes no way back from that; give it an "
    "entry, and an endpoint, of its own": Code.OTHER_KIND,
    "the endpoint is not opted in: aws sagemaker add-tags --resource-arn arn": Code.NOT_OPTED_IN,
    "the rollout would end at once: alarm kpi is in ALARM": Code.ALARMS_UNFIT,
    "your alarms could not guard it: alarm kpi does not exist": Code.ALARMS_UNFIT,
    "the instance type changes to ml.m5.xlarge on an autoscaled variant; AWS refuses that": Code.AUTOSCALED_ELSEWHERE,
    "the autoscaling of AllTraffic could not be changed: not authorized": Code.AUTOSCALING_STAYS,
    "AWS refused to prepare the rollout: model data could not be read": Code.ROLLOUT_NOT_PREPARED,
    "the endpoint, which served FraudDetectionGroup/1, was deleted by hand; approve": Code.ENDPOINT_DELETED,
    "the endpoint is Failed; AWS allows nothing but to delete it": Code.NOT_IN_SERVICE,
    "the endpoint is UpdateRollbackFailed (no\ncapacity) and serves a mixed fleet": Code.NOT_IN_SERVICE,
    "the endpoint is OutOfService and takes no requests": Code.NOT_IN_SERVICE,
    "the endpoint has a status unknown to this version of Approval Gate: Hibernating": Code.NOT_IN_SERVICE,
    "FraudDetectionGroup/1 is live and kpi fired: 1 datapoint\nwas over; there is no good version to go back to, so it "
    "keeps serving": Code.NO_GOOD_VERSION,
    "gate-v2 is still on its way after the time limit of 3600 s: ask AWS Support why": Code.ROLLOUT_OVERDUE,
    "FraudDetectionGroup/2 is given up after 4 tries: no capacity": Code.ATTEMPT_ENDED,
    "the endpoint was deleted by hand during the attempt": Code.ATTEMPT_ENDED,
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_an_earlier_sentence_is_known_by_its_code_and_no_other(sentence: str) -> None:
    assert [code for code in Code if Notice(code, "whatever").is_known_by(sentence)] == [SENTENCES[sentence]]


def test_there_is_an_earlier_sentence_of_each_code_that_earlier_releases_had() -> None:
    later = {
        Code.REVOCATION_UNCONFIRMED,
        Code.ADOPTION_INCOMPLETE,
        Code.APPROVER_DISPUTED,
        Code.BACKGROUND_ABOVE,
        Code.SETTINGS_UNKNOWN,
        Code.LIVE_NOT_LAUNCHABLE,
    }
    assert set(SENTENCES.values()) == set(Code) - later


@pytest.mark.parametrize("code", Code)
def test_a_key_is_known_by_code_and_subject(code: Code) -> None:
    notice = Notice(code, "2: freeze")
    assert notice.is_known_by(notice.key)
    assert not notice.is_known_by(notice.besides("endpoint deleted").key)
    assert not any(Notice(other, notice.subject).is_known_by(notice.key) for other in Code if other is not code)


def test_a_long_subject_is_cut_in_the_key_and_its_end_still_counts() -> None:
    one, other = (Notice(Code.CHECKS_FAILED, 10_000 * "a" + end) for end in ("b", "c"))
    assert len(one.key) < 400
    assert one.key != other.key
