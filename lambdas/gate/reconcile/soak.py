"""Soaking: how long a version has been live on another endpoint, and whether an alarm fired there."""

from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.errors import Unreadable, reading
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.spec_parameters import SpecParameters
from lambdas.gate.rollout import alarms
from lambdas.gate.spec.spec import Soak, SpecError
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.evidence import Soaked
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.pin import is_what_runs
from lambdas.gate.text import unreadable


class SoakReader:
    def __init__(self, ledger: Ledger, specs: SpecParameters, cloudwatch: CloudWatch) -> None:
        self._ledger = ledger
        self._specs = specs
        self._cloudwatch = cloudwatch

    def soaked(self, soak: Soak, approval: Approval, *, pinned: bool) -> Soaked:
        """Return when the approved content was live on the other endpoint, and what fired there. Raises Unreadable.

        This comes from the other endpoint's head and from the history of its standing alarms. A version is not quiet if
        it was quarantined, if one of these alarms fired while it was live, or if one is in ALARM while it is live. If
        one does not exist, nothing says that the version was quiet. `pinned`: True if the artifacts have to be the same
        too, and not only the version.
        """
        head = self._head(soak.endpoint)
        if head is None:
            raise Unreadable(f"{soak.endpoint} is not an endpoint of Approval Gate")
        if approval.pin is None:
            raise Unreadable("what was approved has not been read yet")
        found = _found(head, approval, pinned)
        if found is None:
            return Soaked()
        until = None
        if found is not head.live:
            # Heads of earlier releases do not say until when.
            until = found.since if found.until is None else found.until
        fired = (*_quarantined(head, found), *self._fired(soak.endpoint, found.served_since, until))
        return Soaked(found.served_since, until, fired)

    def _head(self, endpoint: str) -> Head | None:
        try:
            return self._ledger.head(endpoint)
        except (KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"the head of {endpoint} could not be read: {unreadable(error)}") from error

    def _fired(self, endpoint: str, since: float, until: float | None) -> tuple[str, ...]:
        """Return the names of the standing alarms that fired in that time. `until`: None for now."""
        with reading(f"what fired on {endpoint}"):
            standing = self._standing(endpoint)
            states = self._cloudwatch.states(standing)
            history = self._cloudwatch.fired_since(standing, since)
        if missing := [name for name in standing if name not in states]:
            raise Unreadable(f"nothing says whether {endpoint} was quiet: there is no alarm {', '.join(missing)}")
        fired = [alarm.name for alarm in history if until is None or alarm.at <= until]
        fired += [alarm.name for alarm in states.values() if alarm is not None and until is None]
        return tuple(dict.fromkeys(fired))

    def _standing(self, endpoint: str) -> tuple[str, ...]:
        try:
            stored = self._specs.read(endpoint)
        except SpecError as error:
            raise Unreadable(f"the spec of {endpoint} could not be read: {error}") from error
        if stored is None:
            raise Unreadable(f"{endpoint} has no stack any more")
        return alarms.standing_names(stored.spec)


def _found(head: Head, approval: Approval, pinned: bool) -> Live | None:
    """Return the live or former version of the head that has the approved content; None if there is none. What a person
    put there is not known, whatever version it names."""
    # SageMaker writes names in lower case into some ARNs.
    version = approval.version.lower()
    made = (entry for entry in (head.live, *head.good) if entry and entry.by_hand_at is None)
    entries = (e for e in made if e.approval and e.approval.version.lower() == version)
    return next((e for e in entries if e.approval and is_what_runs(e.approval.pin, approval.pin, pinned=pinned)), None)


def _quarantined(head: Head, entry: Live) -> tuple[str, ...]:
    """Return why the version was quarantined; empty if it was not."""
    order = entry.approval.order if entry.approval else None
    return tuple(q.reason for q in head.quarantined if (q.approval.order, q.approval.version) == (order, entry.version))
