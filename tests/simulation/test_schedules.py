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


# Seconds each, so that they are shared out one by one among the processes.
@pytest.mark.parametrize("scenario", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in QUICK])
def test_no_single_fault_breaks_an_invariant(scenario: str) -> None:
    tally = search.exhaust(Schedule(scenario), 1)
    assert tally.failures == {}
    assert tally.schedules > 100


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param("revoke-launching:22ca,33av", id="a config name was given again to another version"),
        pytest.param("rollback-failed:44rv,66av,82st", id="an answer from before the call closed the attempt"),
        pytest.param("burns-approved-before:131ed", id="an approval from before the alarm, whose event is late"),
        pytest.param("burns-approved-former:72al", id="a last good version that was rolled back since"),
        pytest.param("by-hand-after-rollout:148st", id="an answer from before the rollout was live"),
        pytest.param("by-hand-after-rollback:119st", id="an answer from before the rollout had gone back"),
        pytest.param("adopted-right-after:7st", id="a first list without a version that was approved just before"),
        pytest.param("adopted-busy:9st", id="a first reconcile that did not see a manual change"),
        pytest.param("scaled-held:7av,61fi", id="an alarm of the user's within the watch window"),
        pytest.param("overridden-before:2rv,22av,30va", id="an alarm right after the version went live on staging"),
        pytest.param("revoke-only-pending:2av,19ie,29ie,43ie,52ie,79ie,80ie,84ie,94ie,99ie", id="an edit for an event"),
        pytest.param(
            "ordered-late:7lo,22pa,61fm,64eh,67sl,117fi,127fm,155lo,160ed",
            id="a watch that was over before the end of the rollout was seen",
        ),
        pytest.param(
            "settings-approved-again-err-late:35sp", id="a version serves on when its new rollout is given up"
        ),
        pytest.param("asynchronous-approve/2:121al", id="a standing alarm that the spec does not name"),
        pytest.param("regressed/13gj:5lo,87hd,164av,180ad", id="a report that was denied at the first look"),
        pytest.param("retried:131av", id="an approval while an order to retry is carried out"),
        pytest.param("aborted-launching:1el,2er,4cb,5av,11sl,12eh", id="an order that comes twice is worked on once"),
        pytest.param("shadow-sick:1el,5st", id="a rollout by the spec from before its last edit, without a shadow"),
        pytest.param("shadow-answers-late:865lo", id="metrics that could not be read when the late answers came"),
        pytest.param("burns-opted-out:2av,108rv", id="an alarm while a later version is held, which is withdrawn"),
        pytest.param("errs/f:60fi", id="a rollout that ends although nobody watches the alarm of its errors"),
        pytest.param("cleaned-young:2th,97av,109eo,142al,144lo,191pt,235ad,265rv", id="an alarm that clears"),
        pytest.param("approved-in-turn:43lo,116al,120sl,219rv,225al,243rv,437ad,555al", id="approved again in vain"),
        pytest.param(
            "registered-anew:11se,15av,16eo,20ad,35rv,55al,79wr,84pa", id="a CreationTime of a fraction of microseconds"
        ),
        pytest.param("settings-err-late/34:27sp", id="other settings for a version that was changed since"),
        pytest.param("settings-burn-standing/3:34sp,216th,234pa", id="an alert that is reconciled again and again"),
        pytest.param("many:71sp", id="approvals that are written before they are pinned"),
        pytest.param("anonymous:6th,11st", id="the spec from before its last edit"),
        pytest.param("anonymous:44cb,57lo,62lo,77th", id="an override from before the last approval was seen"),
        pytest.param("approved-in-turn:253ed,254ed", id="what was live was approved again after what was rolled out"),
        pytest.param("by-hand:114hd", id="a manual change right after the promotion"),
        pytest.param(
            "while-updating:5pt,161al,216fi", id="an alarm between the promotion and the reconcile that saw it"
        ),
        pytest.param("adopted:2cb,10lo,14av", id="a late event of an older approval"),
        pytest.param("unlucky:5ie,58rv,70fi,77ie", id="an abort whose row was lost"),
        pytest.param("deleted-in-flight:1ed,9ad,17pa,21av,79av,115rv,123ad,160ie", id="a creation that ended early"),
        pytest.param("overdue:86th,178av,204av,598fi,616hd", id="a manual change when support has nothing to end"),
        pytest.param("failed:111ie", id="a revert that never reached SageMaker"),
        pytest.param("edit:43av,109al,121fi,225rv", id="a firing version whose replacement was aborted"),
        pytest.param(
            "revoke-at-once:14av,17rv,34hd,38av", id="the event of an approval since revoked dated the next one"
        ),
        pytest.param(
            "create-fails:28se,42rv,43er,54av,64rv,74av,86cb,123rv,135av,148ad,242av",
            id="the event of a revocation dated the next approval, which was overtaken",
        ),
        pytest.param(
            "revoke-creating/5:37av,58lo,61th,66cb,81th,91lo,132av,159pa,169pa,175ad,182ie,197th,199al,"
            "200er,202ie,205cb,207lo,211rv",
            id="two approved anew, and the events of one came late",
        ),
        pytest.param("resize-errs:74pt,118hd,131av,141st,202cb", id="an answer from before a manual change hid it"),
        pytest.param(
            "other-variant:43hd,54ie,65av,67pa,71pt", id="a patch after a manual change that no reconcile had seen"
        ),
        pytest.param(
            "late-event:286av,336fi,375al,383cb",
            id="an alarm from before the version was approved again was held against it",
        ),
        pytest.param(
            "burns:97hd,101av,293cb,300pa,303lo", id="a rollout undone manually before a reconcile saw it live"
        ),
        pytest.param("first:66av,98av,117st,161lt", id="an approval given while a late call was under way"),
        pytest.param(
            "delete-live:14ad,28av,37pt,49ie,82rv,126se,155th",
            id="a revert that was given up with an alert",
        ),
        pytest.param("cleaned-old:86pa", id="the janitor stood still between its clock and a deletion"),
        pytest.param("cleaned-errs:258jn", id="a list was read while another janitor deleted what it listed"),
        pytest.param(
            "cleaned-failed-anew:19el,67jn,73jn,89av,106rv,143cb,195av",
            id="what a manual change replaced while the stack was gone was garbage",
        ),
        pytest.param(
            "scaled-retyped:60se,97se",
            id="alarms that another reconcile's rollout had begun to use were deleted",
        ),
        pytest.param(
            "witnessed:5pt,42se,88lo,142pa,154lo,249se",
            id="the event of an approval came after the trail's, and put the approver in doubt again",
        ),
        pytest.param(
            "rollback-failed:6av,18hd,22ad,30th,35lo,41ca,52pa,69av,136ca",
            id="a manual change to a broken endpoint was dated by its fix",
        ),
        pytest.param("stack-gone:90sl", id="what was closed last is not looked at again once the stack is gone"),
        pytest.param(
            "resize-in-flight:13av,182al,226rv", id="an alarm between the reconcile and the call that replaces"
        ),
        pytest.param(
            "rollback-failed-by-hand:10ie,34hd,43lo,107av,160hd",
            id="what a manual change replaced was put back before it was seen to be over",
        ),
        pytest.param(
            "rollback-failed-by-hand/4:8av,12al,17lo,32pa,59pa,72hd,75av,239rv,369hd",
            id="the same, after a rollout that went back",
        ),
        pytest.param("swapped-in-flight:113av,117mt,121wr", id="an artifact written within a second of an edit"),
        pytest.param(
            "disputed:22lo,26lo,110wr,233mt",
            id="the trail's event of an approval came before its own, which came late",
        ),
        pytest.param("adopted-autoscaled:34av,65rv,92av", id="given up by a reconcile that began before the approval"),
        pytest.param("disputed:21th,196av", id="approved again, and behind one that is held"),
        pytest.param(
            "rollback-failed-by-hand:63hd,86el,124av,125el,126cb",
            id="an approval between two manual changes, during an attempt",
        ),
        pytest.param("patched:33hd", id="AWS's patch was taken for the beginning of a manual change"),
        pytest.param(
            "rollback-failed-by-hand:5hd,31cb,69av",
            id="a manual change was dated as the one before it, which was over",
        ),
        pytest.param(
            "rollback-failed-by-hand:13hd,111av",
            id="what somebody put there was being replaced by what had been there before",
        ),
        pytest.param(
            "rollback-failed-by-hand:21hd,57av,261hd",
            id="fixed manually during an attempt, and put back before that was seen to be over",
        ),
        pytest.param(
            "overridden-before/1:92el,107lo,108eo,277al,305va",
            id="an override outlived the later of two approvals that are known as one",
        ),
        pytest.param(
            "inconclusive-accept:104av,165hd",
            id="an approval during a manual change, which began while requests were waited for",
        ),
        pytest.param(
            "inconclusive-accept/0:4pt,47hd,70av,151lo,207rv,220av,273av,308rv,358av,375pa,461pa,560pa,637pa",
            id="what was seen live and was put back manually while requests were waited for",
        ),
        pytest.param(
            "serverless-burns-flapping:10pt,11er,69se,73se,98cb,117cb,124ad,132al,145av,194rv,248rv,306av",
            id="an alarm that could be of either version of an update that nothing guards",
        ),
        pytest.param("adopted-autoscaled:38av,77rv,103av", id="given up at the very end of another reconcile"),
        pytest.param(
            "rollback-failed-by-hand:14pa,22rv,25ad,35av,42lo,98lo,109av,110er,124ie,164hd,165ed",
            id="an approval between two manual changes that look like one",
        ),
        pytest.param(
            "cleaned-old/4:17ie,34jn,44cb,51rv,72pa,96ie,103cb",
            id="seen live by a reconcile that crashed after it had recorded that",
        ),
        pytest.param(
            "aborted-way-back:6av,7er,15se,16ie,17ad,46av,54th,56lo,61fi,65al,74rv,85cb,109lo,125th,128th,"
            "157se,161ie,189lo,191pa,192lo,212ie,268th,272th,283rv,306ad,311pa,312se,322se,333rv,335ad,"
            "358lo,359pt,366ie,372cb,383eo,402ie,413pa,417av,421th,427cb,439lo,453cb,457pa,458cb,461av,"
            "467lo,472lo,476lo,482pt,483ed,496pa,497cb,500se,506ie,521hd,524cb,525rv,528ie,552av,609se,749rv",
            id="an approval that lifted a blame, and was overtaken by a manual change",
        ),
    ],
)
def test_a_schedule_that_once_broke_an_invariant_does_not_any_more(schedule: str) -> None:
    assert search.replay(Schedule.parse(schedule)) == ()
