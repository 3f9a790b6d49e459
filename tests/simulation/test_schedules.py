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
        pytest.param("rollback-failed:40rv,59av,73st", id="an answer from before the call closed the attempt"),
        pytest.param("burns-approved-before:113ed", id="an approval from before the alarm, whose event is late"),
        pytest.param("burns-approved-former:241al", id="a last good version that was rolled back since"),
        pytest.param("by-hand-after-rollout:131st", id="an answer from before the rollout was live"),
        pytest.param("by-hand-after-rollback:106st", id="an answer from before the rollout had gone back"),
        pytest.param("adopted-right-after:6st", id="a first list without a version that was approved just before"),
        pytest.param("adopted-busy:7st", id="a first reconcile that did not see a manual change"),
        pytest.param("scaled-held:6av,52fi", id="an alarm of the user's within the watch window"),
        pytest.param("overridden-before:2rv,18av,26va", id="an alarm right after the version went live on staging"),
        pytest.param("revoke-only-pending:2av,17ie,26ie,39ie,47ie,71ie,72ie,75ie,84ie,88ie", id="an edit for an event"),
        pytest.param("cleaned-young:2th,82av,125al,127lo,145eo,169pt,200ad,258fi,292rv", id="an alarm that clears"),
        pytest.param("approved-in-turn:39lo,105sl,137al,200rv,234rv,263al,377ad,453al", id="approved again in vain"),
        pytest.param("anonymous:5th,9st", id="the spec from before its last edit"),
        pytest.param("anonymous:36cb,46lo,50lo,62th", id="an override from before the last approval was seen"),
        pytest.param("approved-in-turn:222ed,223ed", id="what was live was approved again after what was rolled out"),
        pytest.param("by-hand:118hd", id="a manual change right after the promotion"),
        pytest.param(
            "while-updating:4pt,191fi,195al", id="an alarm between the promotion and the reconcile that saw it"
        ),
        pytest.param("adopted:2cb,9lo,12av", id="a late event of an older approval"),
        pytest.param("unlucky:4ie,57rv,63fi,68ie", id="an abort whose row was lost"),
        pytest.param(
            "deleted-in-flight:1ed,8ad,15pa,18av,69av,101rv,124fi,128al,131ie,132ad", id="a creation that ended early"
        ),
        pytest.param("overdue:75th,151av,174av,520fi,536hd", id="a manual change when support has nothing to end"),
        pytest.param("failed:93al,95ie,125lo,150cb", id="a revert that never reached SageMaker"),
        pytest.param("edit:37av,102fi,110al,194rv", id="a firing version whose replacement was aborted"),
        pytest.param(
            "revoke-at-once:12av,15rv,30hd,34av", id="the event of an approval since revoked dated the next one"
        ),
        pytest.param(
            "create-fails:23rv,24er,37se,46av,57rv,68av,79cb,120rv,128ad,136av,209av",
            id="the event of a revocation dated the next approval, which was overtaken",
        ),
        pytest.param(
            "revoke-creating/5:23av,48lo,54th,69cb,71th,87lo,113av,138pa,155ad,156pa,175ie,178al,179er,181ie,183cb,185th,188rv,194lo",
            id="two approved anew, and the events of one came late",
        ),
        pytest.param("resize-errs:60pt,98hd,109av,115st,169cb", id="an answer from before a manual change hid it"),
        pytest.param(
            "other-variant:41hd,51ie,61av,63pa,66pt", id="a patch after a manual change that no reconcile had seen"
        ),
        pytest.param(
            "late-event:299fi,324al,328cb,329av",
            id="an alarm from before the version was approved again was held against it",
        ),
        pytest.param(
            "burns:84hd,123av,236cb,238pa,240lo", id="a rollout undone manually before a reconcile saw it live"
        ),
        pytest.param("first:56av,97lt,101av,131st", id="an approval given while a late call was under way"),
        pytest.param(
            "delete-live:12ad,24av,31pt,42ie,71rv,110se,134th",
            id="a revert that was given up with an alert",
        ),
        pytest.param("cleaned-old:80pa", id="the janitor stood still between its clock and a deletion"),
        pytest.param("cleaned-errs:227jn", id="a list was read while another janitor deleted what it listed"),
        pytest.param(
            "cleaned-failed-anew:25el,48rv,63av,86jn,92jn,143cb,166av,282pt,297jn,312rv",
            id="what a manual change replaced while the stack was gone was garbage",
        ),
        pytest.param(
            "scaled-retyped:46se,77se",
            id="alarms that another reconcile's rollout had begun to use were deleted",
        ),
        pytest.param(
            "witnessed:4pt,35se,75lo,128se,129pa,140lo",
            id="the event of an approval came after the trail's, and put the approver in doubt again",
        ),
        pytest.param(
            "rollback-failed:5av,16hd,41th,48ca,55lo,56pa,66ca,84ad,88av",
            id="a manual change to a broken endpoint was dated by its fix",
        ),
        pytest.param("stack-gone:78sl", id="what was closed last is not looked at again once the stack is gone"),
        pytest.param(
            "resize-in-flight:11av,157al,265rv", id="an alarm between the reconcile and the call that replaces"
        ),
        pytest.param(
            "rollback-failed-by-hand:9ie,31hd,39lo,93av,138hd",
            id="what a manual change replaced was put back before it was seen to be over",
        ),
        pytest.param(
            "rollback-failed-by-hand/4:7av,11al,15lo,28pa,52pa,64hd,66av,206rv,318hd",
            id="the same, after a rollout that went back",
        ),
        pytest.param("swapped-in-flight:99av,102mt,106wr", id="an artifact written within a second of an edit"),
        pytest.param(
            "disputed:13lo,16lo,98wr,192mt",
            id="the trail's event of an approval came before its own, which came late",
        ),
        pytest.param("adopted-autoscaled:32av,57rv,83av", id="given up by a reconcile that began before the approval"),
        pytest.param("disputed:12th,159av", id="approved again, and behind one that is held"),
        pytest.param(
            "rollback-failed-by-hand:56hd,72el,106av,107el,108cb",
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
            "rollback-failed-by-hand:18hd,51av,224hd",
            id="fixed manually during an attempt, and put back before that was seen to be over",
        ),
        pytest.param(
            "overridden-before/1:101eo,106el,118lo,159st,272al",
            id="an override outlived the later of two approvals that are known as one",
        ),
        pytest.param(
            "inconclusive-accept:111hd,117av",
            id="an approval during a manual change, which began while requests were waited for",
        ),
        pytest.param(
            "inconclusive-accept/0:3pt,38hd,67av,168rv,224av,256lo,293av,337rv,356pa,372av,432pa,482pa,650pa",
            id="what was seen live and was put back manually while requests were waited for",
        ),
        pytest.param(
            "serverless-burns-flapping:9pt,10er,62se,65se,88cb,105cb,111ad,128av,178rv,216rv,262av",
            id="an alarm that could be of either version of an update that nothing guards",
        ),
        pytest.param("adopted-autoscaled:42av,66rv,74av", id="given up at the very end of another reconcile"),
        pytest.param(
            "rollback-failed-by-hand:12pa,19rv,29ad,34lo,41av,98av,99er,113hd,114ed,115ie,117lo",
            id="an approval between two manual changes that look like one",
        ),
        pytest.param(
            "cleaned-old/4:15ie,32jn,42cb,68pa,98al,110rv,117cb,132ie,216pa,235av,273fi,280ad,282hd,283el,306lo,310cb",
            id="seen live by a reconcile that crashed after it had recorded that",
        ),
        pytest.param(
            "aborted-way-back:5av,6er,13se,14ie,15ad,47th,48av,50lo,55fi,59al,67rv,77cb,93cb,95lo,143th,150ie,155pa,156se,172lo,188lo,197ie,233th,236th,255ad,264se,270rv,283rv,300ad,308lo,329pa,334cb,359ie,362pa,363pt,365th,370cb,387pa,388eo,390av,400lo,404lo,407lo,408se,413pt,414ed,415ie,417av,426ie,440cb,441cb,443se,445ie,450lo,467pa,481th,493hd,496cb,506rv,566av,606se,696rv",
            id="an approval that lifted a blame, and was overtaken by a manual change",
        ),
    ],
)
def test_a_schedule_that_once_broke_an_invariant_does_not_any_more(schedule: str) -> None:
    assert search.replay(Schedule.parse(schedule)) == ()
