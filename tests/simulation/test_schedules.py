"""A short, deterministic part of `make simulate`: the product's own code, with a fault at each of its calls."""

import pytest

from simulation import hunt, search
from simulation.mutants import MUTANTS
from simulation.schedule import Schedule

QUICK = ("pinned", "approved-again", "revoke-only", "revoke-both", "other-group", "package-failed", "unknown-status")
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


@pytest.mark.parametrize("scenario", QUICK)
def test_no_single_fault_breaks_an_invariant(scenario: str) -> None:
    tally = search.exhaust(Schedule(scenario), 1)
    assert tally.failures == {}
    assert tally.schedules > 100


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param("revoke-launching:16ca,24av", id="a config name was given again to another version"),
        pytest.param("rollback-failed:31rv,48av,59st", id="an answer from before the call closed the attempt"),
        pytest.param("by-hand:94hd", id="a change by hand right after the promotion"),
        pytest.param("while-updating:4pt,142fi,146al", id="an alarm between the promotion and the look that saw it"),
        pytest.param("adopted:2cb,8lo,11av", id="a late event of an older approval"),
        pytest.param("unlucky:4ie,45rv,50fi,54ie", id="an abort whose row was lost"),
        pytest.param("failed:74al,76ie,101lo,124cb", id="a revert that never reached SageMaker"),
        pytest.param("edit:30av,77fi,81al,149rv", id="a burning version whose replacement was aborted"),
        pytest.param(
            "revoke-at-once:9av,12rv,24hd,28av", id="the event of an approval since revoked dated the next one"
        ),
        pytest.param(
            "create-fails:12rv,13er,30av,34se,46av,53rv,75cb,81ad,89rv,123av,165av",
            id="the event of a revocation dated the next approval, which was overtaken",
        ),
        pytest.param(
            "revoke-creating/5:12av,30lo,33th,44cb,46th,58lo,78av,91st,92hd,100pa,113ad,114pa,130cb,132rv,134cb,136th,"
            "139rv,144lo,148ad,151av,156ie,157av,159al,160er,162ie,166th,177er,181ie,186pa,189pt",
            id="two approved anew, and the events of one came late",
        ),
        pytest.param("resize-errs:50pt,90hd,98av,106st,139ie", id="an answer from before a change by hand hid it"),
        pytest.param(
            "other-variant:26hd,35ie,43av,45pa,48pt", id="a patch after a change by hand that no look had seen"
        ),
        pytest.param(
            "late-event:211rv,226fi,245al,249cb,280pa,341al,384av",
            id="an alarm from before the version was approved again was held against it",
        ),
        pytest.param(
            "paused-way-back:4lo,20pt,53pt,57ca,65av,76ie,81ie,94ad,110pt,118el,123lo,142av,171pa,185pa,190se,193rv,"
            "201pt,287rv,310av,311ed,316lo,354al,405hd",
            id="a late event of an approval from before a change by hand",
        ),
        pytest.param(
            "burns:63hd,96av,179hd,183cb,185pa,187lo", id="a rollout undone by hand before a look saw it live"
        ),
        pytest.param("first:36av,67lt,71av,94st", id="an approval given while a late call was under way"),
        pytest.param(
            "delete-live:10ad,20av,27pt,35ie,58rv,89se,109th,151pt,164th", id="a way back that was given up aloud"
        ),
        pytest.param("resize-in-flight:8av,113al,199rv", id="an alarm between the look and the call that replaces"),
    ],
)
def test_a_schedule_that_once_broke_an_invariant_does_not_any_more(schedule: str) -> None:
    assert search.replay(Schedule.parse(schedule)) == ()


@pytest.mark.parametrize(
    "name",
    [
        "no intent before the call",
        "the approval is not read again before the call",
        "an old config is always a rollback",
        "InService is success",
        "only the first page of tags is read",
        "a revoked live version stays",
        "a change by hand is not noticed",
        "four eyes are two names",
        "who changed a version last has approved it",
        "what was pinned is read again before the call, and not compared",
        "what could not be pinned is taken as it is",
        "a condition that gives no boolean is met",
        "an override goes for every approval",
        "a freeze is in UTC",
        "a pause of all endpoints is not read",
    ],
)
def test_a_mutant_of_the_product_is_found(name: str) -> None:
    assert hunt.killer(BY_NAME[name]) is not None
