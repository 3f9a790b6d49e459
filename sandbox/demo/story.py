"""The steps of the demo: what the people do, and what must follow."""

from typing import NamedTuple

from lambdas.gate.rollout.alarms import ABORT, GOLDEN
from lambdas.gate.state.approval import version_number
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.fact import Kind
from ops.render.text import short_names
from sandbox.demo.endpoint_client import EndpointClient
from sandbox.demo.ledger_client import LedgerClient
from sandbox.demo.people import DataScientist, Reviewer
from sandbox.demo.snapshot import Snapshot
from sandbox.demo.steps import Reading, Steps

REQUESTS_PER_SECOND = 5
MANY_REQUESTS_PER_SECOND = 50
"""So many that a fault in 50 requests instead of 200 shows within the minutes of a canary."""
NOISE = {"sandbox.error_rate": "0.005"}
"""How often v1 and v2 fail, by chance, as models do that get bad input."""
ROLLOUT_LIMIT = 3600
"""Simulated seconds within which any rollout of the demo ends, with ample room."""
SOON = 600
FOUR_EYES = "four_eyes"
PENDING_SECONDS = 90
"""How long the reviewer takes. During that time nothing may happen to a registered version."""


class Beside(NamedTuple):
    """A second endpoint, whose versions are shadows first. What happens there takes long, so it runs beside the other
    steps."""

    endpoint: EndpointClient
    ledger: LedgerClient
    scientist: DataScientist


class Story:
    """The first five versions of one endpoint, and two of a second one. Each public method is a step."""

    def __init__(
        self,
        steps: Steps,
        endpoint: EndpointClient,
        ledger: LedgerClient,
        scientist: DataScientist,
        reviewer: Reviewer,
        beside: Beside,
    ) -> None:
        self._steps = steps
        self._endpoint = endpoint
        self._ledger = ledger
        self._scientist = scientist
        self._reviewer = reviewer
        self._beside = beside
        self._versions: dict[int, str] = {}

    def run(self) -> None:
        """Run all steps. Raises StepFailed."""
        self.first_version()
        self.second_version()
        self.faulty_version()
        self.wrong_version()
        self.worse_version()
        self.shadow()
        self.rejection()
        self.ledger()

    def first_version(self) -> None:
        self._steps.step(1, "v1 is registered: nothing happens. v1 is approved: the endpoint is created with it")
        self._register(1, "first model", NOISE | {"sandbox.seed": "v1"})
        self._steps.throughout(
            "while v1 is pending, no endpoint exists and no attempt is made",
            lambda s: (s.status, self._ledger.attempted()),
            (None, []),
            seconds=PENDING_SECONDS,
        )
        second = self._beside.scientist.register("v1", "first model")
        self._approve(1, "AUC 0.91 on the holdout set")
        self._steps.until("the endpoint serves v1", _serving, ("InService", 1), within=ROLLOUT_LIMIT)
        self._call(REQUESTS_PER_SECOND)
        self._steps.say("callers", f"send {REQUESTS_PER_SECOND} requests a second from now on")
        self._reviewer.approve(second, "The first model of credit-limits")
        self._steps.until("v1 answers the callers", lambda s: s.by(1).answered > 100, True, within=SOON)
        self._closed(1, Outcome.SUCCEEDED)
        self._begin_beside()

    def second_version(self) -> None:
        self._steps.step(2, "v2 is held when its author approves it. The reviewer approves it: canary, bake, live")
        self._register(2, "retrained on November's payments", NOISE | {"sandbox.seed": "v2"})
        self._unchanged_while_pending(2, live=1)
        self._steps.say("data scientist", "approves their own v2, in a hurry")
        self._scientist.approve(self._versions[2], "In a hurry")
        self._steps.until("v2 is held: four_eyes failed", self._gate(Kind.HELD), (2, "failed"), within=SOON)
        self._show_evidence(Kind.HELD)
        self._steps.throughout("v1 stays live", _serving, ("InService", 1), seconds=PENDING_SECONDS)
        before = self._endpoint.snapshot()
        self._approve(2, "AUC 0.93, no regression by segment")
        self._steps.until(
            "v2 may be rolled out: four_eyes passed", self._gate(Kind.ATTEMPT_OPENED), (2, "passed"), within=SOON
        )
        self._show_evidence(Kind.ATTEMPT_OPENED)
        self._steps.until("v2's canary gets part of the traffic", lambda s: 0 < s.share < 1, True, within=ROLLOUT_LIMIT)
        self._steps.until(
            "v2 gets all the traffic, and v1's fleet is kept during the bake",
            _baking,
            (1, 2, 1.0),
            within=ROLLOUT_LIMIT,
        )
        after = self._steps.until("v2 is live", _serving, ("InService", 2), within=ROLLOUT_LIMIT)
        self._closed(2, Outcome.SUCCEEDED)
        self._steps.check(
            f"{after.answered - before.answered:,} requests during the rollout, answered by both versions",
            after.by(1).answered > before.by(1).answered and after.by(2).answered > 0,
            True,
        )
        self._steps.check("no request was refused", after.refused - before.refused, 0)
        verdict = self._ledger.verdict(2)
        self._steps.say("judge", verdict)
        spared = verdict.startswith("the judge did not find it worse")
        self._steps.check("the judge does not blame v2 for failing now and then, as v1 does", spared, True)

    def faulty_version(self) -> None:
        self._steps.step(3, "v3 is approved but faulty: its alarm fires, v2 gets the traffic back, v3 is quarantined")
        self._register(3, "new feature pipeline", {"sandbox.error_rate": "0.3"})
        self._unchanged_while_pending(3, live=2)
        self._approve(3, "AUC 0.95")
        self._steps.until("v3's canary gets part of the traffic", lambda s: 0 < s.share < 1, True, within=ROLLOUT_LIMIT)
        self._steps.until("v3's requests fail", lambda s: s.by(3).errors > 0, True, within=SOON)
        config = self._ledger.config(3)
        self._steps.until(
            "an alarm on the metrics of v3's fleet fires",
            lambda _: bool(self._endpoint.fired(config)),
            True,
            within=ROLLOUT_LIMIT,
        )
        signal, reason = next(iter(self._endpoint.fired(config).items()))
        self._steps.say("CloudWatch", f"{signal}: {reason}")
        self._steps.until("v2 is live and gets all the traffic", _serving, ("InService", 2), within=ROLLOUT_LIMIT)
        self._closed(3, Outcome.ROLLED_BACK)
        self._steps.check("v3 is quarantined", self._ledger.quarantined(), [3])
        period = self._endpoint.schedule_seconds()
        self._steps.throughout(
            f"v3 is not rolled out again (the schedule reconciles every {period:.0f} s)",
            lambda s: (*_serving(s), self._ledger.attempted()),
            ("InService", 2, [1, 2, 3]),
            seconds=period + 60,
        )

    def wrong_version(self) -> None:
        self._steps.step(4, "without callers, v4 answers 200 with wrong numbers: golden requests roll it back")
        self._call(0)
        self._steps.say("callers", "send no more requests")
        self._register(4, "features normalised twice", {"sandbox.wrong_rate": "1"})
        self._unchanged_while_pending(4, live=2)
        self._approve(4, "AUC 0.94")
        self._steps.until("v4's rollout starts", lambda _: self._ledger.attempted()[-1:], [4], within=SOON)
        config = self._ledger.config(4)
        self._steps.until(
            "the alarm of the golden requests fires, and no other alarm of v4's fleet",
            self._fired(config),
            [GOLDEN],
            within=ROLLOUT_LIMIT,
        )
        after = self._steps.until(
            "v2 is live and gets all the traffic", _serving, ("InService", 2), within=ROLLOUT_LIMIT
        )
        self._closed(4, Outcome.ROLLED_BACK)
        self._steps.check(
            "v4 answered, always with 200",
            (after.by(4).answered > 0, after.by(4).errors),
            (True, 0),
        )
        wrong = self._ledger.answered_wrong(4)
        for request, found, wanted in wrong:
            self._steps.say("ledger", f"{request}: found {found}, wanted {wanted}")
        self._steps.check("the ledger shows the wrong answers", bool(wrong), True)
        self._steps.check("v3 and v4 are quarantined", self._ledger.quarantined(), [3, 4])
        self._call(REQUESTS_PER_SECOND)
        self._steps.say("callers", f"send {REQUESTS_PER_SECOND} requests a second again")

    def worse_version(self) -> None:
        self._steps.step(5, "v5 fails a few requests more than v2, and no threshold fires: the judge stops it, twice")
        self._call(MANY_REQUESTS_PER_SECOND)
        self._steps.say("callers", f"send {MANY_REQUESTS_PER_SECOND} requests a second")
        self._register(5, "a faster tokeniser", {"sandbox.error_rate": "0.02"})
        self._unchanged_while_pending(5, live=2)
        self._approve(5, "AUC 0.93, at half the latency")
        for fleet, again in (("first", "v5 is tried once more, 15 minutes later"), ("second", "")):
            self._steps.until(f"v5's {fleet} fleet shares v2's traffic", _shares(5), True, within=ROLLOUT_LIMIT)
            config = self._ledger.config(5)
            self._steps.until(
                "the judge stops the rollout, and no other alarm of v5's fleet fires",
                self._fired(config),
                [ABORT],
                within=ROLLOUT_LIMIT,
            )
            self._steps.until("v2 gets all the traffic", _serving, ("InService", 2), within=ROLLOUT_LIMIT)
            self._closed(5, Outcome.ROLLED_BACK)
            self._steps.say("judge", self._ledger.verdict(5))
            self._steps.check(again or "v5 is quarantined", 5 in self._ledger.quarantined(), not again)
        self._call(REQUESTS_PER_SECOND)
        self._steps.say("callers", f"send {REQUESTS_PER_SECOND} requests a second again")

    def shadow(self) -> None:
        name, second = self._beside.endpoint.endpoint, self._beside
        self._steps.step(
            6, "meanwhile, v2 of credit-limits answered 3 % of the requests otherwise: its shadow is stopped"
        )
        self._steps.until(
            f"the shadow of v2 of {name} ended: its answers differ",
            lambda _: [(version, end) for version, end, _ in second.ledger.shadows()],
            [(2, "differing")],
            within=2 * ROLLOUT_LIMIT,
        )
        self._steps.say("ledger", second.ledger.shadows()[-1][2])
        self._steps.until(
            f"v1 of {name} is live without a shadow",
            lambda _: (_serving(second.endpoint.snapshot()), second.ledger.outcomes()[-1:]),
            (("InService", 1), [(1, "succeeded")]),
            within=ROLLOUT_LIMIT,
        )
        after = second.endpoint.snapshot()
        self._steps.say("callers", f"v1 answered {after.answered:,} requests, v2 {second.endpoint.copied():,} copies")
        self._steps.check("no caller saw an answer of v2", (sorted(after.served), after.errors), ([1], 0))
        self._steps.check(f"v2 of {name} is quarantined", second.ledger.quarantined(), [2])

    def rejection(self) -> None:
        self._steps.step(7, "v2 is rejected: v1 is live again")
        before = self._endpoint.snapshot()
        self._steps.say("reviewer", "rejects v2: chargebacks rose since it went live")
        self._reviewer.reject(self._versions[2], "Chargebacks rose since it went live")
        after = self._steps.until("v1 is live", _serving, ("InService", 1), within=ROLLOUT_LIMIT)
        self._closed(1, Outcome.SUCCEEDED)
        self._steps.check("no request was refused", after.refused - before.refused, 0)

    def ledger(self) -> None:
        self._steps.step(8, "the ledger: who did what, when and why")
        rows = self._ledger.rows()
        self._steps.show_rows(rows)
        self._steps.check(
            "every attempt has a row with its outcome",
            self._ledger.outcomes(),
            [
                (1, "succeeded"),
                (2, "succeeded"),
                *((version, "rolled_back") for version in (3, 4, 5, 5)),
                (1, "succeeded"),
            ],
        )
        self._steps.check(
            "every approval, also the held one, and the rejection have a row with the person",
            (self._ledger.people(Kind.APPROVAL_SEEN), self._ledger.people(Kind.APPROVAL_REVOKED)),
            (
                [(1, "reviewer"), (2, "data-scientist"), *((version, "reviewer") for version in (2, 3, 4, 5))],
                [(2, "reviewer")],
            ),
        )
        self._steps.check(
            "every row says who and why", [r.number for r in rows if not (r.fact.who and r.fact.summary)], []
        )
        self._steps.check("the hash chain verifies", self._ledger.first_error(), None)
        self._steps.until(
            "every row was published as an event",
            lambda _: self._endpoint.published(),
            [row.number for row in rows],
            within=SOON,
        )

    def _begin_beside(self) -> None:
        """Let v2 of the second endpoint be the shadow of v1, and callers call it."""
        name, second = self._beside.endpoint.endpoint, self._beside
        self._steps.until(
            f"{name}, whose versions are shadows first, serves v1",
            lambda _: _serving(second.endpoint.snapshot()),
            ("InService", 1),
            within=ROLLOUT_LIMIT,
        )
        second.endpoint.control("traffic", {"endpoint": name, "requests_per_second": REQUESTS_PER_SECOND})
        version = second.scientist.register("v2", "a new tokeniser", {"sandbox.wrong_rate": "0.03"})
        self._steps.throughout(
            f"v2 of {name} is registered and waits",
            lambda _: second.ledger.attempted(),
            [1],
            seconds=PENDING_SECONDS,
        )
        self._steps.say("reviewer", f"approves v2 of {name}: it becomes the shadow of v1")
        self._reviewer.approve(version, "Accuracy 0.97")

    def _register(self, number: int, description: str, behaviour: dict[str, str] | None = None) -> None:
        self._steps.say("data scientist", f"registers v{number}: {description}")
        self._versions[number] = self._scientist.register(f"v{number}", description, behaviour)
        self._steps.check(f"the group numbers it {number}", version_number(self._versions[number]), number)

    def _call(self, requests_per_second: float) -> None:
        """Set the callers' load."""
        load = {"endpoint": self._endpoint.endpoint, "requests_per_second": requests_per_second}
        self._endpoint.control("traffic", load)

    def _approve(self, number: int, why: str) -> None:
        self._steps.say("reviewer", f"approves v{number}: {why}")
        self._reviewer.approve(self._versions[number], why)

    def _gate(self, kind: Kind) -> Reading:
        """Return a function that reads version and four_eyes result from the newest row of this kind."""
        return lambda _: (self._ledger.check(kind, FOUR_EYES) or ())[:2]

    def _fired(self, config: str) -> Reading:
        """Return a function that reads which alarms of a rollout have fired."""
        return lambda _: [*self._endpoint.fired(config)]

    def _show_evidence(self, kind: Kind) -> None:
        if evidence := self._ledger.check(kind, FOUR_EYES):
            _, _, found, wanted = evidence
            self._steps.say("ledger", f"found: {short_names(found)}; wanted: {wanted}")

    def _unchanged_while_pending(self, number: int, *, live: int) -> None:
        self._steps.throughout(
            f"v{live} stays live while v{number} is pending", _serving, ("InService", live), seconds=PENDING_SECONDS
        )

    def _closed(self, number: int, outcome: Outcome) -> None:
        """Expect that the newest attempt in the ledger has this version and outcome."""
        self._steps.until(
            f"the ledger: v{number} {outcome.replace('_', ' ')}",
            lambda _: self._ledger.outcomes()[-1:],
            [(number, outcome)],
            within=SOON,
        )


def _serving(snapshot: Snapshot) -> tuple[str | None, int | None]:
    return snapshot.status, snapshot.live


def _shares(version: int) -> Reading:
    """Return a function that says whether a version has a part of the traffic."""
    return lambda snapshot: snapshot.coming == version and 0 < snapshot.share < 1


def _baking(snapshot: Snapshot) -> tuple[int | None, int | None, float]:
    return snapshot.live, snapshot.coming, snapshot.share
