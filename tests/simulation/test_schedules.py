"""A short, deterministic part of `make simulate`: the product's own code, with a fault at each of its calls."""

import pytest

from simulation import hunt, search
from simulation.mutants import MUTANTS
from simulation.schedule import Schedule

QUICK = ("approved-again", "revoke-only", "revoke-both", "other-group", "package-failed", "unknown-status")
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
    ],
)
def test_a_mutant_of_the_product_is_found(name: str) -> None:
    assert hunt.killer(BY_NAME[name]) is not None
