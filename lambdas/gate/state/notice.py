"""A notice: what a hold or an alert is about. Its key tells whether it was reported already, whatever its sentence."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from lambdas.gate.text import encodable

MAXIMUM_SUBJECT = 300
"""How many characters of a subject a key keeps as they are."""


class Code(StrEnum):
    """Why an endpoint is on hold or needs a person. Every code has an underscore, which no model package group has."""

    ENDPOINT_PAUSED = "endpoint_paused"
    """An operator paused the endpoint. Subject: the operator's reason."""
    ALL_PAUSED = "all_paused"
    """An operator paused all endpoints. Subject: the operator's reason."""
    CHECKS_FAILED = "checks_failed"
    """The gate holds an approval. Subject: the approval's order, and each check that did not pass."""
    VERSION_UNREADABLE = "version_unreadable"
    """The approved version was not described. Subject: its ARN."""
    OTHER_VARIANTS = "other_variants"
    """The endpoint's variants are not the spec's. Subject: the endpoint's variants, and the spec's."""
    OTHER_KIND = "other_kind"
    """The endpoint is of another kind than the spec's: serverless, on instances, asynchronous. Subject: which way."""
    NOT_OPTED_IN = "not_opted_in"
    """The endpoint lacks the tag that allows Approval Gate to change it."""
    ALARMS_UNFIT = "alarms_unfit"
    """The user's alarms are missing or in ALARM, so they cannot guard a rollout. Subject: these alarms."""
    BACKGROUND_ABOVE = "background_above"
    """The live version has always failed more than the hard stop allows. Subject: that share in percent."""
    ADOPTION_INCOMPLETE = "adoption_incomplete"
    """The entry lacks settings of the live config, which Approval Gate did not make. Subject: these settings."""
    AUTOSCALED_ELSEWHERE = "autoscaled_elsewhere"
    """AWS refuses another instance type while somebody else autoscales the variant. Subject: the instance type."""
    AUTOSCALING_STAYS = "autoscaling_stays"
    """The autoscaling has to be deregistered before the rollout, and AWS refused that. Subject: AWS's answer."""
    ROLLOUT_NOT_PREPARED = "rollout_not_prepared"
    """AWS refused the model, the endpoint config or the alarms. Subject: AWS's answer."""
    ENDPOINT_DELETED = "endpoint_deleted"
    """Somebody deleted the endpoint. Subject: what it served."""
    NOT_IN_SERVICE = "not_in_service"
    """The endpoint needs a person. Subject: its status, its config and SageMaker's reason."""
    NO_GOOD_VERSION = "no_good_version"
    """The live version should be replaced, and no good version is known. Subject: why, and the live version."""
    SETTINGS_UNKNOWN = "settings_unknown"
    """The live version is to get its former settings back, and nobody knows them any more. Subject: its ARN."""
    REVOCATION_UNCONFIRMED = "revocation_unconfirmed"
    """Somebody who is no approver revoked or deleted the live version. Subject: its ARN, and which of the two."""
    APPROVER_DISPUTED = "approver_disputed"
    """AWS names two approvers of the live version. Subject: its ARN, and the approval's order."""
    ROLLOUT_OVERDUE = "rollout_overdue"
    """A rollout goes on after its time limit. Subject: the attempt's number."""
    LIVE_NOT_LAUNCHABLE = "live_not_launchable"
    """A shadow cannot come or go, because the live version cannot be launched anew. Subject: its ARN, and why."""
    ATTEMPT_ENDED = "attempt_ended"
    """The end of an attempt that people must know of. Subject: the attempt's number."""


@dataclass(frozen=True)
class Notice:
    """`subject` tells notices of one code apart. It holds names, numbers and texts of AWS or of operators, and no
    sentence of ours."""

    code: Code
    subject: str = ""

    @property
    def key(self) -> str:
        """The key that the head stores. It never changes for the same notice. The end of a long subject is a digest."""
        subject = self.subject
        if len(subject) > MAXIMUM_SUBJECT:
            subject = f"{subject[:MAXIMUM_SUBJECT]} {hashlib.sha256(encodable(subject).encode()).hexdigest()}"
        return f"{self.code.value}/{subject}"

    def besides(self, more: str) -> Self:
        """Return this notice with one more subject."""
        return type(self)(self.code, f"{self.subject}; {more}")

    def is_known_by(self, stored: str) -> bool:
        """True if what was stored when a notice was reported is this notice's key.

        Earlier releases stored the sentence. It says the code only, so the subject is taken to be this one.
        """
        return stored == self.key if stored.partition("/")[0] in set(Code) else code_of(stored) is self.code


_SENTENCES = {
    r"paused: ": Code.ENDPOINT_PAUSED,
    r"all endpoints are paused: ": Code.ALL_PAUSED,
    r"\S+/\d+ is held: ": Code.CHECKS_FAILED,
    r"\S+/\d+ could not be read": Code.VERSION_UNREADABLE,
    r"the endpoint's variants are ": Code.OTHER_VARIANTS,
    r"the endpoint is .*; give it an entry, and an endpoint, of its own": Code.OTHER_KIND,
    r"the endpoint is not opted in: ": Code.NOT_OPTED_IN,
    r"(the rollout would end at once|your alarms could not guard it): ": Code.ALARMS_UNFIT,
    r"the instance type changes to ": Code.AUTOSCALED_ELSEWHERE,
    r"the autoscaling of \S+ could not be changed: ": Code.AUTOSCALING_STAYS,
    r"AWS refused to prepare the rollout: ": Code.ROLLOUT_NOT_PREPARED,
    r"the endpoint, which served \S+, was deleted by hand": Code.ENDPOINT_DELETED,
    r"the endpoint (is (Failed|UpdateRollbackFailed|OutOfService)|has a status unknown)": Code.NOT_IN_SERVICE,
    r"\S+ is live and .*; there is no good version to go back to": Code.NO_GOOD_VERSION,
    r"\S+ is still on its way after the time limit": Code.ROLLOUT_OVERDUE,
}
"""How the sentences of earlier releases begin → what they were about. Any other was about the end of an attempt."""


def code_of(sentence: str) -> Code:
    """Return what a sentence of an earlier release was about."""
    found = (code for start, code in _SENTENCES.items() if re.match(start, sentence, re.DOTALL))
    return next(found, Code.ATTEMPT_ENDED)
