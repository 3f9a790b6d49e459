"""A short, deterministic part of `make simulate`: the product's own code, with a fault at each of its calls."""

import pytest

from simulation.campaign import search
from simulation.campaign.schedule import Schedule

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


@pytest.mark.parametrize("scenario", QUICK)
def test_no_single_fault_breaks_an_invariant(scenario: str) -> None:
    tally = search.exhaust(Schedule(scenario), 1)
    assert tally.failures == {}
    assert tally.schedules > 100


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param("revoke-launching:20ca,30av", id="a config name was given again to another version"),
        pytest.param("rollback-failed:40rv,58av,71st", id="an answer from before the call closed the attempt"),
        pytest.param("burns-approved-before:110ed", id="an approval from before the alarm, whose event is late"),
        pytest.param("burns-approved-former:240al", id="a last good version that was rolled back since"),
        pytest.param("by-hand-after-rollout:125st", id="an answer from before the rollout was live"),
        pytest.param("by-hand-after-rollback:102st", id="an answer from before the rollout had gone back"),
        pytest.param("adopted-right-after:6st", id="a first list without a version that was approved just before"),
        pytest.param("adopted-busy:7st", id="a first reconcile that did not see a manual change"),
        pytest.param("scaled-held:6av,52fi", id="an alarm of the user's within the watch window"),
        pytest.param("overridden-before:2rv,19av,28va", id="an alarm right after the version went live on staging"),
        pytest.param("revoke-only-pending:2av,17ie,26ie,39ie,47ie,72ie,73ie,76ie,85ie,89ie", id="an edit for an event"),
        pytest.param("cleaned-young:2th,79av,120al,122lo,139eo,164pt,194ad,251fi,285rv", id="an alarm that clears"),
        pytest.param("approved-in-turn:39lo,99al,103sl,182rv,199rv,277al,407ad,485al", id="approved again in vain"),
        pytest.param("anonymous:5th,9st", id="the spec from before its last edit"),
        pytest.param("anonymous:40cb,50lo,53lo,81th", id="an override from before the last approval was seen"),
        pytest.param("approved-in-turn:221ed,222ed", id="what was live was approved again after what was rolled out"),
        pytest.param("by-hand:115hd", id="a manual change right after the promotion"),
        pytest.param(
            "while-updating:4pt,184fi,188al", id="an alarm between the promotion and the reconcile that saw it"
        ),
        pytest.param("adopted:2cb,9lo,12av", id="a late event of an older approval"),
        pytest.param("unlucky:4ie,56rv,62fi,66ie", id="an abort whose row was lost"),
        pytest.param(
            "deleted-in-flight:1ed,8ad,15pa,18av,68av,98rv,120fi,123al,126ie,127ad", id="a creation that ended early"
        ),
        pytest.param("overdue:72th,140av,162av,486fi,501hd", id="a manual change when support has nothing to end"),
        pytest.param("failed:93al,95ie,126lo,153cb", id="a revert that never reached SageMaker"),
        pytest.param("edit:38av,100fi,107al,188rv", id="a firing version whose replacement was aborted"),
        pytest.param(
            "revoke-at-once:12av,15rv,30hd,34av", id="the event of an approval since revoked dated the next one"
        ),
        pytest.param(
            "create-fails:24rv,25er,37se,46av,57rv,68av,79cb,119rv,127ad,134av,203av",
            id="the event of a revocation dated the next approval, which was overtaken",
        ),
        pytest.param(
            "revoke-creating/5:24av,47lo,53th,67cb,69th,85lo,110av,135pa,151ad,152pa,170ie,173al,174er,176ie,178cb,180th,183rv,189lo",
            id="two approved anew, and the events of one came late",
        ),
        pytest.param("resize-errs:59pt,97hd,108av,114st,168cb", id="an answer from before a manual change hid it"),
        pytest.param(
            "other-variant:41hd,51ie,61av,63pa,66pt", id="a patch after a manual change that no reconcile had seen"
        ),
        pytest.param(
            "late-event:289fi,312al,316cb,317av",
            id="an alarm from before the version was approved again was held against it",
        ),
        pytest.param(
            "burns:80hd,118av,226cb,228pa,230lo", id="a rollout undone manually before a reconcile saw it live"
        ),
        pytest.param("first:55av,95lt,99av,128st", id="an approval given while a late call was under way"),
        pytest.param(
            "delete-live:12ad,24av,33pt,43ie,70rv,107se,133th",
            id="a revert that was given up with an alert",
        ),
        pytest.param("cleaned-old:81pa", id="the janitor stood still between its clock and a deletion"),
        pytest.param("cleaned-errs:222jn", id="a list was read while another janitor deleted what it listed"),
        pytest.param(
            "cleaned-failed-anew:26el,47rv,61av,84jn,90jn,141cb,164av,291jn,306rv",
            id="what a manual change replaced while the stack was gone was garbage",
        ),
        pytest.param(
            "scaled-retyped:49se,82se",
            id="alarms that another reconcile's rollout had begun to use were deleted",
        ),
        pytest.param(
            "witnessed:4pt,35se,75lo,128se,129pa,140lo",
            id="the event of an approval came after the trail's, and put the approver in doubt again",
        ),
        pytest.param(
            "rollback-failed:5av,16hd,20ad,27th,31lo,37ca,47pa,63av,120ca",
            id="a manual change to a broken endpoint was dated by its fix",
        ),
        pytest.param("stack-gone:74sl", id="what was closed last is not looked at again once the stack is gone"),
        pytest.param(
            "resize-in-flight:11av,150al,253rv", id="an alarm between the reconcile and the call that replaces"
        ),
        pytest.param(
            "rollback-failed-by-hand:9ie,32hd,40lo,94av,139hd",
            id="what a manual change replaced was put back before it was seen to be over",
        ),
        pytest.param(
            "rollback-failed-by-hand/4:7av,11al,15lo,28pa,53pa,65hd,68av,208rv,316hd",
            id="the same, after a rollout that went back",
        ),
        pytest.param("swapped-in-flight:94av,97mt,101wr", id="an artifact written within a second of an edit"),
        pytest.param(
            "disputed:15lo,18lo,103wr,188mt",
            id="the trail's event of an approval came before its own, which came late",
        ),
        pytest.param("adopted-autoscaled:32av,57rv,83av", id="given up by a reconcile that began before the approval"),
        pytest.param("disputed:14th,173av", id="approved again, and behind one that is held"),
        pytest.param(
            "rollback-failed-by-hand:55hd,69el,102av,103el,104cb",
            id="an approval between two manual changes, during an attempt",
        ),
        pytest.param("patched:30hd", id="AWS's patch was taken for the beginning of a manual change"),
        pytest.param(
            "rollback-failed-by-hand:4hd,29cb,64av",
            id="a manual change was dated as the one before it, which was over",
        ),
        pytest.param(
            "rollback-failed-by-hand:11hd,98av",
            id="what somebody put there was being replaced by what had been there before",
        ),
        pytest.param(
            "rollback-failed-by-hand:19hd,51av,217hd",
            id="fixed manually during an attempt, and put back before that was seen to be over",
        ),
        pytest.param(
            "overridden-before/1:101lo,102eo,103el,138st,271al,305va",
            id="an override outlived the later of two approvals that are known as one",
        ),
        pytest.param(
            "inconclusive-accept:107hd,112av",
            id="an approval during a manual change, which began while requests were waited for",
        ),
        pytest.param(
            "inconclusive-accept/0:3pt,38hd,67av,131lo,180rv,218av,240av,327pa,328rv,365av,384pa,461pa,654pa",
            id="what was seen live and was put back manually while requests were waited for",
        ),
        pytest.param(
            "serverless-burns-flapping:9pt,10er,62se,65se,88cb,105cb,111ad,120al,130av,169rv,211rv,254av",
            id="an alarm that could be of either version of an update that nothing guards",
        ),
        pytest.param("adopted-autoscaled:43av,66rv,74av", id="given up at the very end of another reconcile"),
        pytest.param(
            "rollback-failed-by-hand:12pa,19rv,22ad,31av,38lo,104av,105er,110hd,111ed,123ie,133lo",
            id="an approval between two manual changes that look like one",
        ),
        pytest.param(
            "cleaned-old/4:16ie,33jn,43cb,69pa,99al,104ie,109rv,115cb,141pa,225ad,236av,272fi,274hd,322el,326cb",
            id="seen live by a reconcile that crashed after it had recorded that",
        ),
        pytest.param(
            "aborted-way-back:5av,6er,13se,14ie,15ad,47th,48av,50lo,55fi,59al,67rv,76cb,97lo,111th,114th,153ie,157se,166lo,168pa,179ie,188lo,227th,230th,240rv,259ad,278ad,280se,290rv,300ie,304lo,322pa,323se,328cb,345ie,349av,353pa,355th,357pt,361cb,378cb,389pa,392se,394av,410lo,417eo,420lo,425pt,426ed,428cb,433ie,434lo,449ie,456se,457cb,470pa,481rv,484hd,487cb,489av,604lo,649rv",
            id="an approval that lifted a blame, and was overtaken by a manual change",
        ),
    ],
)
def test_a_schedule_that_once_broke_an_invariant_does_not_any_more(schedule: str) -> None:
    assert search.replay(Schedule.parse(schedule)) == ()
