"""The plan's figures compared with the sandbox: the same rollout of a faulty version, with the product's own alarms.

The forecast uses the sandbox's times in place of its estimates of AWS's times. These differences remain: callers send
requests once a second, and a number of requests is whole.
"""

import math
import statistics
from dataclasses import dataclass

import pytest

from infra.forecast.forecast import forecast
from infra.forecast.outcomes import Case
from infra.forecast.steps import planned, rolled_back
from infra.forecast.times import Times
from lambdas.gate.rollout import alarms
from lambdas.gate.rollout.deployment_config import deployment_config
from lambdas.gate.spec.spec import Gate, RollbackOn, Rollout, Spec, Strategy, Variant
from sandbox.clock import Clock
from sandbox.server.traffic import Traffic
from tests.infra.forecast.cases import AT_ONCE, CANARY, LINEAR, ROLLING, case, instances, percent, rollout
from tests.sandbox.sagemaker.studio import ACCOUNT, REGION, Studio
from world.alarms.evaluator import DELIVERY_SECONDS
from world.call import Call
from world.hosting import guardrails
from world.hosting.guardrails import Status

LAUNCH, SHIFT, END = guardrails.LAUNCH_SECONDS, guardrails.ACTIVATION_SECONDS, guardrails.TEARDOWN_SECONDS
TIMES = Times(publishing=DELIVERY_SECONDS, launch=LAUNCH, shift=SHIFT, flip=0, end=END)
BAKING = (Status.BAKING,)


@pytest.mark.parametrize("count", [2, 4, 5])
@pytest.mark.parametrize(
    "rolled_out",
    [
        AT_ONCE,
        CANARY,
        rollout(Strategy.CANARY, instances(1), bake=0),
        LINEAR,
        rollout(Strategy.LINEAR, percent(30)),
        ROLLING,
        rollout(Strategy.ROLLING, instances(2), wait=60),
        rollout(Strategy.ROLLING, percent(50), back=percent(25)),
    ],
)
def test_the_steps_are_those_that_the_sandbox_takes_there_and_back(rolled_out: Rollout, count: int) -> None:
    config = deployment_config(rolled_out, ())
    phases, steps = guardrails.plan(config, count), planned(rolled_out, count, TIMES)
    assert [(p.seconds, round(p.share, 9), round(p.old, 9), p.status in BAKING) for p in phases] == [
        (s.seconds, round(s.share, 9), round(s.old, 9), s.bakes) for s in steps
    ]
    for phase, step in zip(phases, steps, strict=True):
        back = guardrails.rollback_plan(config, count, phase.share, phase.old)
        assert [(p.seconds, round(p.share, 9)) for p in back if p.share > 1e-9] == [
            (s.seconds, round(s.share, 9))
            for s in rolled_back(rolled_out, count, TIMES, step)
            if s.share > 1e-9 and s.seconds
        ]


@dataclass(frozen=True)
class Seen:
    """Seconds from the first traffic until SageMaker starts to roll back, and until the new fleet has no traffic; and
    the number of requests that the faulty version answered."""

    detected: float
    back: float
    answered: int


class World:
    """An endpoint `fraud` with callers, and a version that fails a share of its requests: evenly, or with a `seed` by
    chance, each fleet in its own way."""

    def __init__(self, clock: Clock, asked: Case, seed: str = "") -> None:
        self._clock, self._asked = clock, asked
        self._studio = studio = Studio(clock, measured=True)
        self._alarms = studio.cloudwatch.operations
        studio.group()
        studio.deployable("good", count=asked.instance_count)
        bad = {"sandbox.error_rate": str(asked.load.error_rate)} | ({"sandbox.seed": seed} if seed else {})
        studio.deployable("bad", count=asked.instance_count, metadata=bad)
        studio.serve("good")
        self._callers = Traffic(clock, studio.invocation, account=ACCOUNT, region=REGION)
        self._callers.set("fraud", asked.load.requests_per_second)

    def roll_out(self, phase: float) -> Seen | None:
        """Roll out with the first traffic `phase` seconds into a minute, then return the endpoint to the good version.

        Returns None if the faulty version went live.
        """
        self._wait_until((phase - LAUNCH) % 60)
        for alarm in alarms.rollout_alarms(SPEC, "bad"):
            self._alarms["PutMetricAlarm"](Call(alarm))
        names = alarms.rollout_names(SPEC, "bad")
        self._studio.update("bad", DeploymentConfig=deployment_config(self._asked.rollout, names))
        before = self._answered()
        start = self._clock.time() + LAUNCH
        turned: float | None = None
        while (endpoint := self._studio.hosting.endpoints["fraud"]).status != "InService":
            if endpoint.status == "RollingBack" and turned is None:
                turned = self._clock.time()
            if turned and not endpoint.share:
                break
            self._clock.advance(1)
        stopped = self._clock.time()
        answered = self._answered() - before
        self._clock.advance(600)
        self._alarms["DeleteAlarms"](Call({"AlarmNames": names}))
        if turned is None:
            self._studio.update("good")
            self._clock.advance(600)
            return None
        return Seen(turned - start, stopped - turned, answered)

    def _wait_until(self, second: float) -> None:
        self._clock.advance((second - self._clock.time()) % 60)

    def _answered(self) -> int:
        (observed,) = self._studio.invocation.observe()
        return sum(observed["served"].get("Fraud/2", {}).values())


SPEC = Spec(
    endpoint="fraud",
    model_package_group="Fraud",
    variant=Variant("AllTraffic", "ml.m5.large", 4),
    execution_role_arn="role",
    model_artifacts="s3://models/",
    rollout=CANARY,
    rollback_on=RollbackOn(error_rate_percent=1, p99_latency_ms=1000, alarms=(), watch_seconds=0),
    gate=Gate(),
)


@pytest.mark.parametrize("rolled_out", [AT_ONCE, CANARY, LINEAR, ROLLING], ids=lambda each: each.strategy.value)
def test_a_version_that_plainly_fails_is_seen_and_gone_when_the_plan_says(clock: Clock, rolled_out: Rollout) -> None:
    """The rollout begins at six phases of the minute. Their mean is 2.5 s later than that of the plan's twelve."""
    asked = case(rolled_out, per_second=8, error_rate=0.5)
    found = forecast(asked, TIMES, TIMES)
    assert found.detected
    assert found.detected.worst
    assert found.bad_requests
    assert found.bad_requests.worst
    world = World(clock, asked)
    seen = [each for phase in range(0, 60, 10) if (each := world.roll_out(phase))]
    detected, answered = [each.detected for each in seen], [each.answered for each in seen]
    slack = 5 * 8 * planned(rolled_out, 4, TIMES)[1].share  # the requests of 5 s
    assert (len(seen), {each.back for each in seen}) == (6, {0})
    assert statistics.mean(detected) == pytest.approx(found.detected.mean, abs=5)
    assert found.detected.worst - 5 <= max(detected) <= found.detected.worst
    assert statistics.mean(answered) == pytest.approx(found.bad_requests.mean, abs=slack)
    assert found.bad_requests.worst - slack <= max(answered) <= found.bad_requests.worst


RUNS = 48


@pytest.mark.parametrize("rolled_out", [CANARY, ROLLING], ids=lambda each: each.strategy.value)
def test_a_quiet_endpoint_sees_a_fault_as_often_as_the_plan_says(clock: Clock, rolled_out: Rollout) -> None:
    """Requests fail at random, from a fixed seed. Shares and means may differ by three of their standard errors."""
    asked = case(rolled_out, per_second=0.2, error_rate=0.3)
    found = forecast(asked, TIMES, TIMES)
    assert found.detected
    assert found.back
    assert found.bad_requests
    world = World(clock, asked, seed="1")
    seen = [each for run in range(RUNS) if (each := world.roll_out(run * 5 % 60))]
    first_wait = sum(each.detected <= SHIFT + 300 for each in seen)
    for share, chance in ((first_wait / RUNS, found.bakes[0].chance), (len(seen) / RUNS, found.chance)):
        _agree(share, chance, math.sqrt(chance * (1 - chance) / RUNS))
    for values, figure in (
        ([each.detected for each in seen], found.detected),
        ([each.back for each in seen], found.back),
        ([each.answered for each in seen], found.bad_requests),
    ):
        _agree(statistics.mean(values), figure.mean, statistics.stdev(values) / math.sqrt(len(values)))


def _agree(measured: float, told: float, standard_error: float) -> None:
    assert measured == pytest.approx(told, abs=3 * standard_error)
