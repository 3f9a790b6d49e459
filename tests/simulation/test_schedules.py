"""A short, deterministic part of `make simulate`: the product's own code, with a fault at each of its calls."""

import pytest

from simulation import hunt, search
from simulation.mutant import Mutant
from simulation.mutants import MUTANTS
from simulation.mutation import mutated
from simulation.schedule import Schedule

QUICK = (
    "pinned",
    "approved-again",
    "revoke-only",
    "revoke-both",
    "other-group",
    "package-failed",
    "unknown-status",
    "cleaned",
)
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


@pytest.mark.parametrize("scenario", QUICK)
def test_no_single_fault_breaks_an_invariant(scenario: str) -> None:
    tally = search.exhaust(Schedule(scenario), 1)
    assert tally.failures == {}
    assert tally.schedules > 100


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param("revoke-launching:17ca,25av", id="a config name was given again to another version"),
        pytest.param("rollback-failed:35rv,52av,63st", id="an answer from before the call closed the attempt"),
        pytest.param(
            "burns-approved-before:91ed", id="an approval from before the alarm, of which an event tells late"
        ),
        pytest.param("burns-approved-former:203al", id="a way back that was rolled back since it was good"),
        pytest.param("by-hand-after-rollout:103st", id="an answer from before the rollout was live"),
        pytest.param("by-hand-after-rollback:87st", id="an answer from before the rollout had gone back"),
        pytest.param("adopted-right-after:6st", id="a first look's list that lacked what was approved just before"),
        pytest.param("adopted-busy:7st", id="a first look that saw nothing of a change by hand"),
        pytest.param("scaled-held:5av,30fi", id="an alarm of the user's within the watch window"),
        pytest.param("overridden-before:2rv,16av,24va", id="an alarm right after the version went live on staging"),
        pytest.param("revoke-only-pending:2av,14ie,21ie,31ie,36ie,57ie,58ie,67ie,75ie,79ie", id="an edit for an event"),
        pytest.param("cleaned-young:2th,68av,100al,102lo,116eo,138pt,164ad,214fi,244rv", id="an alarm that clears"),
        pytest.param("approved-in-turn:34lo,87sl,115al,168rv,198rv,222al,316ad,384al", id="approved again in vain"),
        pytest.param("anonymous:5th,9st", id="the spec from before its last edit"),
        pytest.param("anonymous:27cb,37lo,40lo,65th", id="an override from before the last approval was seen"),
        pytest.param("approved-in-turn:188ed,189ed", id="what was live was approved again after what was rolled out"),
        pytest.param("by-hand:98hd", id="a change by hand right after the promotion"),
        pytest.param("while-updating:4pt,150fi,154al", id="an alarm between the promotion and the look that saw it"),
        pytest.param("adopted:2cb,8lo,11av", id="a late event of an older approval"),
        pytest.param("unlucky:4ie,49rv,54fi,58ie", id="an abort whose row was lost"),
        pytest.param(
            "deleted-in-flight:1ed,7ad,13pa,16av,58av,82rv,101fi,103al,106ie,107ad", id="a creation that ended early"
        ),
        pytest.param("overdue:61th,113av,132av,366fi,376hd", id="a change by hand where support has nothing to end"),
        pytest.param("failed:78al,80ie,106lo,130cb", id="a revert that never reached SageMaker"),
        pytest.param("edit:31av,84fi,88al,157rv", id="a burning version whose replacement was aborted"),
        pytest.param(
            "revoke-at-once:10av,13rv,25hd,29av", id="the event of an approval since revoked dated the next one"
        ),
        pytest.param(
            "create-fails:13rv,14er,31av,36se,49av,56rv,81cb,90ad,98rv,132av,177av",
            id="the event of a revocation dated the next approval, which was overtaken",
        ),
        pytest.param(
            "revoke-creating/5:13av,31lo,37th,48cb,50th,66lo,87av,100st,101hd,109pa,122ad,123pa,142cb,144rv,146cb,148th,151rv,156lo,160ad,163av,168ie,169av,171al,172er,174ie,178th,189er,193ie,198pa,201pt",
            id="two approved anew, and the events of one came late",
        ),
        pytest.param("resize-errs:51pt,91hd,99av,108st,145cb", id="an answer from before a change by hand hid it"),
        pytest.param(
            "other-variant:29hd,38ie,46av,48pa,51pt", id="a patch after a change by hand that no look had seen"
        ),
        pytest.param(
            "late-event:226rv,241fi,260al,264cb,265av",
            id="an alarm from before the version was approved again was held against it",
        ),
        pytest.param(
            "burns:67hd,100av,187hd,191cb,193pa,195lo", id="a rollout undone by hand before a look saw it live"
        ),
        pytest.param("first:40av,72lt,76av,102st", id="an approval given while a late call was under way"),
        pytest.param(
            "delete-live:11ad,22av,29pt,37ie,60rv,95se,116th,159pt,173th", id="a way back that was given up aloud"
        ),
        pytest.param("cleaned-old:79pa", id="the janitor stood still between its clock and a deletion"),
        pytest.param("cleaned-errs:189jn", id="a list was read while another janitor deleted what it told of"),
        pytest.param(
            "cleaned-failed-anew:15el,32rv,44av,56lo,65jn,71jn,122cb,143av,238pt,240jn,255rv,277hd",
            id="what a change by hand replaced while the stack was gone was garbage",
        ),
        pytest.param(
            "scaled-retyped:43se,73se",
            id="alarms that another look's rollout had come to rest on were deleted as unused",
        ),
        pytest.param(
            "witnessed:4pt,33se,66lo,108se,109pa,118lo",
            id="the event of an approval came after the trail's, and put the approver in doubt again",
        ),
        pytest.param(
            "rollback-failed:5av,13hd,35th,42ca,49lo,50pa,60ca,76ad,80av",
            id="a change by hand to what needed mending was dated by the mending",
        ),
        pytest.param("stack-gone:67sl", id="what was closed last is not looked at again once the stack is gone"),
        pytest.param("resize-in-flight:9av,121al,207rv", id="an alarm between the look and the call that replaces"),
        pytest.param(
            "rollback-failed-by-hand:7ie,27hd,33lo,78av,114hd",
            id="what a change by hand replaced was put back before it was seen to be over",
        ),
        pytest.param(
            "rollback-failed-by-hand/4:6av,9al,13lo,23pa,44pa,53hd,55av,177rv,269hd",
            id="the same, after a rollout that went back",
        ),
        pytest.param("swapped-in-flight:78av,81mt,85wr", id="an artifact written within a second of an edit"),
        pytest.param(
            "disputed:14lo,17lo,86wr,94ed,152mt",
            id="the trail's event of an approval came before its own, which came late",
        ),
        pytest.param("adopted-autoscaled:20av,42rv,67av", id="given up by a look that began before the approval"),
        pytest.param("disputed:13th,101sp,165av", id="approved again, and behind one that is held"),
        pytest.param(
            "rollback-failed-by-hand:48hd,71el,75av,76el,77cb",
            id="an approval between two changes by hand, during an attempt",
        ),
        pytest.param("patched:27hd", id="AWS's patch was taken for the beginning of a change by hand"),
        pytest.param(
            "rollback-failed-by-hand:4hd,25cb,56av",
            id="a change by hand was dated as the one before it, which was over",
        ),
        pytest.param(
            "rollback-failed-by-hand:9hd,85av,133hd,175hd",
            id="what somebody put there was being replaced by what had been there before",
        ),
        pytest.param(
            "rollback-failed-by-hand:16hd,44av,182hd",
            id="mended by hand during an attempt, and put back before that was seen to be over",
        ),
        pytest.param(
            "overridden-before/1:87lo,88eo,89el,118st,223st,226al,236va,261ie,289ad",
            id="an override outlived the later of two approvals that are known as one",
        ),
        pytest.param(
            "inconclusive-accept:87hd,93av",
            id="an approval during a change by hand, which began while requests were waited for",
        ),
        pytest.param(
            "inconclusive-accept/0:3pt,34hd,58av,150rv,184av,204av,278pa,279rv,313av,328pa,383lo,409pa,557hd,559pa",
            id="what was seen live and was put back by hand while requests were waited for",
        ),
        pytest.param(
            "serverless-burns-flapping:7pt,8er,52se,55se,73cb,86cb,91ad,98al,107av,138rv,173rv,212av",
            id="an alarm that could be of either version of an update that nothing guards",
        ),
        pytest.param("adopted-autoscaled:30av,49rv,57av", id="given up at the very end of another look"),
        pytest.param(
            "rollback-failed-by-hand:10pa,16rv,25ad,30lo,36av,60av,61er,97ad,113hd,114ed,115ie,117lo",
            id="an approval between two changes by hand that look like one",
        ),
        pytest.param(
            "cleaned-old/4:14ie,31jn,41cb,65pa,93al,102rv,108cb,122ie,195pa,213av,242fi,248ad,250hd,251el,267lo,271cb",
            id="seen live by a look that crashed once it had written so",
        ),
        pytest.param(
            "aborted-way-back:5av,6er,13se,14ie,15ad,41el,46th,47av,49lo,54fi,58al,64el,66rv,75cb,93st,96lo,121er,128th,143ie,145pa,146se,160lo,172lo,180ie,213th,216th,233ad,243rv,251se,263rv,275ad,290lo,312cb,314pa,315se,324av,328rv,336ie,339pa,341th,346cb,347pt,361ie,364pa,366av,380lo,386cb,389se,392lo,394eo,399pt,400ed,410ie,420ie,429cb,436lo,439av,454pa,463cb,477th,478lo,489hd,492cb,493rv,532av,548se,598fi,680rv",
            id="an approval that lifted a blame, and was overtaken by a change by hand",
        ),
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
        "what was served before is garbage",
        "what anybody else serves is garbage",
        "a model is garbage whatever names it",
        "a rollout that nobody heard of has passed",
        "a canary is all of the traffic",
    ],
)
def test_a_mutant_of_the_product_is_found(name: str) -> None:
    assert hunt.killer(BY_NAME[name]) is not None


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_still_changes_the_product(mutant: Mutant) -> None:
    with mutated(mutant.module, mutant.old, mutant.new):
        pass
