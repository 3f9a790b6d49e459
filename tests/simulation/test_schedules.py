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
        pytest.param("revoke-launching:19ca,28av", id="a config name was given again to another version"),
        pytest.param("rollback-failed:39rv,57av,70st", id="an answer from before the call closed the attempt"),
        pytest.param("burns-approved-before:107ed", id="an approval from before the alarm, whose event is late"),
        pytest.param("burns-approved-former:232al", id="a last good version that was rolled back since"),
        pytest.param("by-hand-after-rollout:124st", id="an answer from before the rollout was live"),
        pytest.param("by-hand-after-rollback:101st", id="an answer from before the rollout had gone back"),
        pytest.param("adopted-right-after:6st", id="a first list without a version that was approved just before"),
        pytest.param("adopted-busy:7st", id="a first reconcile that did not see a manual change"),
        pytest.param("scaled-held:6av,51fi", id="an alarm of the user's within the watch window"),
        pytest.param("overridden-before:2rv,18av,26va", id="an alarm right after the version went live on staging"),
        pytest.param("revoke-only-pending:2av,17ie,26ie,39ie,47ie,71ie,72ie,75ie,84ie,88ie", id="an edit for an event"),
        pytest.param("cleaned-young:2th,78av,119al,121lo,138eo,162pt,192ad,248fi,281rv", id="an alarm that clears"),
        pytest.param("approved-in-turn:38lo,100sl,132al,192rv,225rv,252al,358ad,434al", id="approved again in vain"),
        pytest.param(
            "registered-anew:10se,13av,14eo,18ad,30rv,70pa,76al,81wr", id="a CreationTime of a fraction of microseconds"
        ),
        pytest.param("settings-err-late/34:24sp", id="other settings for a version that was changed since"),
        pytest.param("settings-burn-standing/3:27sp,181th,197pa", id="an alert that is reconciled again and again"),
        pytest.param("many:70sp", id="approvals that are written before they are pinned"),
        pytest.param(
            "outsider-approves-again:242ro", id="an outsider's rejection of what the ledger does not know live"
        ),
        pytest.param("outsider-approves-again-witnessed:30ro", id="an outsider's rejection after an approver's"),
        pytest.param("outsider-approves-again:2av,16ao", id="an outsider's approval right before the call"),
        pytest.param(
            "settings-err-late:3hd,14se,35se,50sp,62pt,64pa,69sp,76sl,78av,83sl,89lo,141cb,173sp,212av,309rv",
            id="a revert to a version that was changed so that no model can be made of it",
        ),
        pytest.param("anonymous:5th,9st", id="the spec from before its last edit"),
        pytest.param("anonymous:36cb,46lo,49lo,76th", id="an override from before the last approval was seen"),
        pytest.param("approved-in-turn:214ed,215ed", id="what was live was approved again after what was rolled out"),
        pytest.param("by-hand:114hd", id="a manual change right after the promotion"),
        pytest.param(
            "while-updating:4pt,182fi,186al", id="an alarm between the promotion and the reconcile that saw it"
        ),
        pytest.param("adopted:2cb,9lo,12av", id="a late event of an older approval"),
        pytest.param("unlucky:4ie,55rv,61fi,65ie", id="an abort whose row was lost"),
        pytest.param(
            "deleted-in-flight:1ed,8ad,15pa,18av,67av,97rv,119fi,122al,125ie,126ad", id="a creation that ended early"
        ),
        pytest.param("overdue:71th,139av,161av,485fi,500hd", id="a manual change when support has nothing to end"),
        pytest.param("failed:91al,93ie,122lo,147cb", id="a revert that never reached SageMaker"),
        pytest.param("edit:36av,98fi,105al,185rv", id="a firing version whose replacement was aborted"),
        pytest.param(
            "revoke-at-once:12av,15rv,29hd,33av", id="the event of an approval since revoked dated the next one"
        ),
        pytest.param(
            "create-fails:23rv,24er,36se,45av,56rv,67av,78cb,117rv,125ad,132av,201av",
            id="the event of a revocation dated the next approval, which was overtaken",
        ),
        pytest.param(
            "revoke-creating/5:23av,46lo,52th,66cb,68th,84lo,109av,133pa,149ad,150pa,168ie,171al,172er,174ie,176cb,178th,181rv,187lo",
            id="two approved anew, and the events of one came late",
        ),
        pytest.param("resize-errs:57pt,94hd,105av,111st,165cb", id="an answer from before a manual change hid it"),
        pytest.param(
            "other-variant:41hd,51ie,61av,63pa,66pt", id="a patch after a manual change that no reconcile had seen"
        ),
        pytest.param(
            "late-event:285fi,308al,312cb,313av",
            id="an alarm from before the version was approved again was held against it",
        ),
        pytest.param(
            "burns:79hd,117av,224cb,226pa,228lo", id="a rollout undone manually before a reconcile saw it live"
        ),
        pytest.param("first:54av,93lt,97av,126st", id="an approval given while a late call was under way"),
        pytest.param(
            "delete-live:12ad,24av,31pt,41ie,68rv,105se,129th",
            id="a revert that was given up with an alert",
        ),
        pytest.param("cleaned-old:80pa", id="the janitor stood still between its clock and a deletion"),
        pytest.param("cleaned-errs:217jn", id="a list was read while another janitor deleted what it listed"),
        pytest.param(
            "cleaned-failed-anew:25el,46rv,60av,83jn,89jn,140cb,163av,275pt,290jn,305rv",
            id="what a manual change replaced while the stack was gone was garbage",
        ),
        pytest.param(
            "scaled-retyped:46se,77se",
            id="alarms that another reconcile's rollout had begun to use were deleted",
        ),
        pytest.param(
            "witnessed:4pt,35se,75lo,127se,128pa,139lo",
            id="the event of an approval came after the trail's, and put the approver in doubt again",
        ),
        pytest.param(
            "rollback-failed:5av,16hd,40th,47ca,54lo,55pa,65ca,83ad,87av",
            id="a manual change to a broken endpoint was dated by its fix",
        ),
        pytest.param("stack-gone:73sl", id="what was closed last is not looked at again once the stack is gone"),
        pytest.param(
            "resize-in-flight:11av,149al,250rv", id="an alarm between the reconcile and the call that replaces"
        ),
        pytest.param(
            "rollback-failed-by-hand:9ie,31hd,39lo,93av,138hd",
            id="what a manual change replaced was put back before it was seen to be over",
        ),
        pytest.param(
            "rollback-failed-by-hand/4:7av,11al,15lo,28pa,52pa,64hd,66av,205rv,313hd",
            id="the same, after a rollout that went back",
        ),
        pytest.param("swapped-in-flight:93av,96mt,100wr", id="an artifact written within a second of an edit"),
        pytest.param(
            "disputed:13lo,16lo,96wr,106ed,181mt",
            id="the trail's event of an approval came before its own, which came late",
        ),
        pytest.param("adopted-autoscaled:32av,56rv,82av", id="given up by a reconcile that began before the approval"),
        pytest.param("disputed:12th,115sp,158av", id="approved again, and behind one that is held"),
        pytest.param(
            "rollback-failed-by-hand:54hd,68el,101av,102el,103cb",
            id="an approval between two manual changes, during an attempt",
        ),
        pytest.param("patched:30hd", id="AWS's patch was taken for the beginning of a manual change"),
        pytest.param(
            "rollback-failed-by-hand:4hd,29cb,64av",
            id="a manual change was dated as the one before it, which was over",
        ),
        pytest.param(
            "rollback-failed-by-hand:11hd,97av",
            id="what somebody put there was being replaced by what had been there before",
        ),
        pytest.param(
            "rollback-failed-by-hand:18hd,50av,215hd",
            id="fixed manually during an attempt, and put back before that was seen to be over",
        ),
        pytest.param(
            "overridden-before/1:95lo,96eo,97el,131st,256al,288va",
            id="an override outlived the later of two approvals that are known as one",
        ),
        pytest.param(
            "inconclusive-accept:105hd,110av",
            id="an approval during a manual change, which began while requests were waited for",
        ),
        pytest.param(
            "inconclusive-accept/0:3pt,38hd,66av,166rv,217av,248lo,284av,326rv,344pa,359av,415pa,461pa,620pa",
            id="what was seen live and was put back manually while requests were waited for",
        ),
        pytest.param(
            "serverless-burns-flapping:9pt,10er,61se,64se,87cb,104cb,110ad,119al,128av,167rv,209rv,252av",
            id="an alarm that could be of either version of an update that nothing guards",
        ),
        pytest.param("adopted-autoscaled:42av,65rv,73av", id="given up at the very end of another reconcile"),
        pytest.param(
            "rollback-failed-by-hand:12pa,19rv,29ad,34lo,41av,98av,99er,113hd,114ed,115ie,117lo",
            id="an approval between two manual changes that look like one",
        ),
        pytest.param(
            "cleaned-old/4:15ie,32jn,42cb,68pa,98al,109rv,116cb,131ie,211pa,230av,265fi,272ad,274hd,275el,297lo,301cb",
            id="seen live by a reconcile that crashed after it had recorded that",
        ),
        pytest.param(
            "aborted-way-back:5av,6er,13se,14ie,15ad,46th,47av,49lo,54fi,58al,66rv,75cb,96lo,128th,143ie,145pa,146se,160lo,172lo,180ie,213th,216th,233ad,243rv,251se,263rv,275ad,290lo,312cb,314pa,315se,324av,328rv,336ie,339pa,341th,346cb,347pt,361ie,364pa,366av,380lo,386cb,389se,392lo,394eo,399pt,400ed,410ie,420ie,429cb,436lo,439av,454pa,463cb,477th,478lo,489hd,492cb,493rv,532av,548se,680rv",
            id="an approval that lifted a blame, and was overtaken by a manual change",
        ),
    ],
)
def test_a_schedule_that_once_broke_an_invariant_does_not_any_more(schedule: str) -> None:
    assert search.replay(Schedule.parse(schedule)) == ()
