"""The story, step by step: what the people do, and what must come of it."""

from lambdas.gate.alarms import GOLDEN
from lambdas.gate.approval import version_number
from lambdas.gate.attempt import Outcome
from lambdas.gate.fact import Kind
from ops.render.text import short_names
from sandbox.demo.people import DataScientist, Reviewer
from sandbox.demo.play import Look, Play
from sandbox.demo.record import Record
from sandbox.demo.scene import Scene
from sandbox.demo.snapshot import Snapshot

REQUESTS_PER_SECOND = 5
ROLLOUT_LIMIT = 3600
"""Simulated seconds within which any rollout of the story has ended, with ample room."""
SOON = 600
FOUR_EYES = "four_eyes"
PENDING_SECONDS = 90
"""How long the reviewer takes, and how long a registered version has for what it must not do."""


class Story:
    """One endpoint's first four versions. Each method is a step."""

    def __init__(self, play: Play, scene: Scene, record: Record, scientist: DataScientist, reviewer: Reviewer) -> None:
        self._play = play
        self._scene = scene
        self._record = record
        self._scientist = scientist
        self._reviewer = reviewer
        self._versions: dict[int, str] = {}

    def run(self) -> None:
        """Raises StepFailed."""
        self.first_version()
        self.second_version()
        self.faulty_version()
        self.wrong_version()
        self.rejection()
        self.ledger()

    def first_version(self) -> None:
        self._play.step(1, "v1 is registered, and nothing happens; approved, the endpoint is created and serves")
        self._register(1, "first model")
        self._play.throughout(
            "no endpoint exists, and none is attempted, while v1 is pending",
            lambda s: (s.status, self._record.attempted()),
            (None, []),
            seconds=PENDING_SECONDS,
        )
        self._approve(1, "AUC 0.91 on the holdout set")
        self._play.until("the endpoint serves v1", _serving, ("InService", 1), within=ROLLOUT_LIMIT)
        self._play.check("a caller is answered with 200", self._scene.call(), 200)
        self._call(REQUESTS_PER_SECOND)
        self._play.say("callers", f"send {REQUESTS_PER_SECOND} requests a second from now on")
        self._play.until("callers are answered by v1", lambda s: s.by(1).answered > 100, True, within=SOON)
        self._closed(1, Outcome.SUCCEEDED)

    def second_version(self) -> None:
        self._play.step(2, "v2 is approved by who made it, and held; by the reviewer: canary, bake, live")
        self._register(2, "retrained on November's payments")
        self._play.say("data scientist", "approves v2 too, in a hurry")
        self._scientist.approve(self._versions[2], "In a hurry")
        self._play.until("the gate is shut: four_eyes", self._gate(Kind.HELD), (2, "failed"), within=SOON)
        self._show_evidence(Kind.HELD)
        self._play.throughout("v1 stays live", _serving, ("InService", 1), seconds=PENDING_SECONDS)
        before = self._scene.snapshot()
        self._approve(2, "AUC 0.93, no regression by segment")
        self._play.until("the gate is open: four_eyes", self._gate(Kind.ATTEMPT_OPENED), (2, "passed"), within=SOON)
        self._show_evidence(Kind.ATTEMPT_OPENED)
        self._play.until("part of the traffic is on v2's canary", lambda s: 0 < s.share < 1, True, within=ROLLOUT_LIMIT)
        self._play.until(
            "all of it is on v2, v1's fleet kept while it bakes", _baking, (1, 2, 1.0), within=ROLLOUT_LIMIT
        )
        after = self._play.until("v2 is live", _serving, ("InService", 2), within=ROLLOUT_LIMIT)
        self._closed(2, Outcome.SUCCEEDED)
        self._play.check(
            f"{after.answered - before.answered:,} requests during the rollout, both versions answering",
            after.by(1).answered > before.by(1).answered and after.by(2).answered > 0,
            True,
        )
        self._play.check("callers saw no error", after.errors - before.errors, 0)

    def faulty_version(self) -> None:
        self._play.step(3, "v3 is approved and is faulty: its alarm fires, v2 has the traffic back, v3 is quarantined")
        self._register(3, "new feature pipeline", {"sandbox.error_rate": "0.3"})
        self._unchanged_while_pending(3, live=2)
        self._approve(3, "AUC 0.95")
        self._play.until("part of the traffic is on v3's canary", lambda s: 0 < s.share < 1, True, within=ROLLOUT_LIMIT)
        self._play.until("v3's requests fail", lambda s: s.by(3).errors > 0, True, within=SOON)
        config = self._record.config(3)
        self._play.until(
            "an alarm of v3's fleet, on its own metrics, goes to ALARM",
            lambda _: bool(self._scene.fired(config)),
            True,
            within=ROLLOUT_LIMIT,
        )
        signal, reason = next(iter(self._scene.fired(config).items()))
        self._play.say("CloudWatch", f"{signal}: {reason}")
        self._play.until("v2 is live and has all the traffic", _serving, ("InService", 2), within=ROLLOUT_LIMIT)
        self._closed(3, Outcome.ROLLED_BACK)
        self._play.check("v3 is quarantined", self._record.quarantined(), [3])
        period = self._scene.schedule_seconds()
        self._play.throughout(
            f"v3 is not tried again (the schedule looks every {period:.0f} s)",
            lambda s: (*_serving(s), self._record.attempted()),
            ("InService", 2, [1, 2, 3]),
            seconds=period + 60,
        )

    def wrong_version(self) -> None:
        self._play.step(4, "nobody calls; v4 answers 200 with wrong numbers: golden requests roll it back")
        self._call(0)
        self._play.say("callers", "send nothing any more: the endpoint is quiet")
        self._register(4, "features normalised twice", {"sandbox.wrong_rate": "1"})
        before = self._scene.snapshot()
        self._approve(4, "AUC 0.94")
        self._play.until("its rollout begins", lambda _: self._record.attempted()[-1:], [4], within=SOON)
        config = self._record.config(4)
        self._play.until(
            "the alarm of golden requests goes to ALARM, and no other of v4's fleet",
            lambda _: [*self._scene.fired(config)],
            [GOLDEN],
            within=ROLLOUT_LIMIT,
        )
        after = self._play.until("v2 is live and has all the traffic", _serving, ("InService", 2), within=ROLLOUT_LIMIT)
        self._closed(4, Outcome.ROLLED_BACK)
        self._play.check(
            "v4 answered, each time with 200",
            (after.by(4).answered > 0, after.errors - before.errors),
            (True, 0),
        )
        wrong = self._record.answered_wrong(4)
        for request, found, wanted in wrong:
            self._play.say("ledger", f"{request}: found {found}, wanted {wanted}")
        self._play.check("the ledger says what was answered wrong", bool(wrong), True)
        self._play.check("v3 and v4 are quarantined", self._record.quarantined(), [3, 4])
        self._call(REQUESTS_PER_SECOND)
        self._play.say("callers", f"send {REQUESTS_PER_SECOND} requests a second again")

    def rejection(self) -> None:
        self._play.step(5, "v2 is rejected: v1 is back")
        before = self._scene.snapshot()
        self._play.say("reviewer", "rejects v2: chargebacks rose since it went live")
        self._reviewer.reject(self._versions[2], "Chargebacks rose since it went live")
        after = self._play.until("v1 is live", _serving, ("InService", 1), within=ROLLOUT_LIMIT)
        self._closed(1, Outcome.SUCCEEDED)
        self._play.check("callers saw no error", after.errors - before.errors, 0)

    def ledger(self) -> None:
        self._play.step(6, "the endpoint's story, from the ledger: who, what, when, why")
        rows = self._record.rows()
        self._play.tell(rows)
        self._play.check(
            "every attempt is there with its outcome",
            self._record.outcomes(),
            [(1, "succeeded"), (2, "succeeded"), (3, "rolled_back"), (4, "rolled_back"), (1, "succeeded")],
        )
        self._play.check(
            "every approval, the one that was not enough too, and the rejection is there with who gave it",
            (self._record.deciders(Kind.APPROVAL_SEEN), self._record.deciders(Kind.APPROVAL_REVOKED)),
            (
                [(1, "reviewer"), (2, "data-scientist"), (2, "reviewer"), (3, "reviewer"), (4, "reviewer")],
                [(2, "reviewer")],
            ),
        )
        self._play.check(
            "every line says who, and why", [r.number for r in rows if not (r.fact.who and r.fact.summary)], []
        )
        self._play.check("the chain of hashes is whole", self._record.misfit(), None)
        self._play.until(
            "every line was published as an event",
            lambda _: self._scene.published(),
            [row.number for row in rows],
            within=SOON,
        )

    def _register(self, number: int, description: str, behaviour: dict[str, str] | None = None) -> None:
        self._play.say("data scientist", f"registers v{number}: {description}")
        self._versions[number] = self._scientist.register(f"v{number}", description, behaviour)
        self._play.check(f"it is version {number} of the group", version_number(self._versions[number]), number)

    def _call(self, requests_per_second: float) -> None:
        """The load of the callers from now on."""
        load = {"endpoint": self._scene.endpoint, "requests_per_second": requests_per_second}
        self._scene.control("traffic", load)

    def _approve(self, number: int, why: str) -> None:
        self._play.say("reviewer", f"approves v{number}: {why}")
        self._reviewer.approve(self._versions[number], why)

    def _gate(self, kind: Kind) -> Look:
        """Version and result of the four eyes in the newest row of this kind."""
        return lambda _: (self._record.check(kind, FOUR_EYES) or ())[:2]

    def _show_evidence(self, kind: Kind) -> None:
        if evidence := self._record.check(kind, FOUR_EYES):
            _, _, found, wanted = evidence
            self._play.say("ledger", f"found: {short_names(found)}; wanted: {wanted}")

    def _unchanged_while_pending(self, number: int, *, live: int) -> None:
        self._play.throughout(
            f"v{live} stays live while v{number} is pending", _serving, ("InService", live), seconds=PENDING_SECONDS
        )

    def _closed(self, number: int, outcome: Outcome) -> None:
        """The ledger's newest attempt has ended so."""
        self._play.until(
            f"the ledger says: v{number} {outcome.replace('_', ' ')}",
            lambda _: self._record.outcomes()[-1:],
            [(number, outcome)],
            within=SOON,
        )


def _serving(snapshot: Snapshot) -> tuple[str | None, int | None]:
    return snapshot.status, snapshot.live


def _baking(snapshot: Snapshot) -> tuple[int | None, int | None, float]:
    return snapshot.live, snapshot.coming, snapshot.share
