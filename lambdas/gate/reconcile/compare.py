"""Comparing the live version, and the good versions that a revert takes, with what was approved.

SageMaker loads artifacts and images again for each new instance, and a revert loads all of them. So what was
overwritten or deleted is found here, before it is needed. A comparison that AWS does not answer says nothing: the next
reconcile repeats it.
"""

from contextlib import suppress
from dataclasses import dataclass

from lambdas.gate.aws.errors import Unreadable
from lambdas.gate.decide.action import Create, RollOut, Update
from lambdas.gate.decide.revert import candidates
from lambdas.gate.reconcile.gather_evidence import EvidenceReader
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.head import Head
from lambdas.gate.state.observed import Observed
from lambdas.gate.transitions import live_content, revert_targets
from lambdas.gate.transitions.promotion import promoted
from lambdas.gate.transitions.transition import Transition, with_failing_version

MOST = 3
"""How many good versions a reconcile compares. Usually it is the first. The next is compared if that one is lost."""


@dataclass(frozen=True)
class Comparison:
    """`observed`: what the reconcile read. `now`: its time, in seconds since 1970."""

    evidence: EvidenceReader
    spec: Spec
    observed: Observed
    now: float

    def settled(self, head: Head) -> Transition:
        """Return the head that knows what differs, and what people need to know, for a reconcile that begins no
        rollout. Of a good version only S3 and ECR are asked, so that it costs no call of SageMaker. A version that is
        known to differ is described too, because its specification may be what differs."""
        before, facts = self._with_live(head)
        after = self._with_good(before, before, described=False)
        return after, (*facts, *revert_targets.reported(self.spec.settings, before, after, self.now))

    def before_rollout(self, head: Head, decision: RollOut, attempt: Attempt) -> Transition:
        """Return the head that knows what differs of the versions that a revert takes after this rollout, and what
        people need to know. The first of them is the version that is live now, unless only a shadow comes. A revert
        itself is compared right before its call."""
        if isinstance(decision, Create) or attempt.purpose.is_back:
            return head, ()
        if attempt.purpose.keeps_live:
            return self._with_live(head)
        found, facts = self._with_live(head)
        found = self._with_good(found, self._after(found, decision, attempt), described=True)
        after, settings = self._after(found, decision, attempt), self.spec.settings
        reported = revert_targets.reported(settings, head, found, self.now)
        found, alone = revert_targets.at_rollout(settings, found, after, attempt.approval, self.now)
        # One notification is enough. The alert about the rollout says what became of each version.
        return found, alone or (*facts, *reported)

    def _with_live(self, head: Head) -> Transition:
        live, endpoint = head.live, self.observed.endpoint
        if live is None or live.approval is None or endpoint is None or endpoint.config != live.config:
            return head, ()
        try:
            differs = self.evidence.live_difference(self.spec, live.approval, self.observed.packages)
        except Unreadable:
            return head, ()
        return live_content.compared(head, differs, endpoint, self.now)

    def _with_good(self, head: Head, ordered: Head, *, described: bool) -> Head:
        """Return the head that knows what differs of the first good versions, up to one that a revert takes. Versions
        that are known to differ are compared again. `ordered`: the head whose order counts."""
        left, is_found = MOST, False
        for good in candidates(self.spec.settings, ordered, ordered.live):
            is_skipped = is_found and good.differs is None
            if good.approval is None or is_skipped or left == 0:
                continue
            if head.live and good.version == head.live.version:
                is_found = good.differs is None
                continue
            left, differs = left - 1, good.differs
            with suppress(Unreadable):
                differs = self.evidence.good_difference(
                    self.spec, good.approval, self.observed.packages, described=described or differs is not None
                )
            head = head.with_difference(good.approval.version, differs)
            is_found = is_found or differs is None
        return head

    def _after(self, head: Head, decision: RollOut, attempt: Attempt) -> Head:
        """Return the head as it will be once the rollout's version is live."""
        failing = with_failing_version(head, decision) if isinstance(decision, Update) else head
        return promoted(failing, attempt, self.observed.endpoint, None, self.now)
