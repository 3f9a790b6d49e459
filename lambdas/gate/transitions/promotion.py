"""Promotion: an attempt's version goes live, and the version before becomes the last good version. Pure."""

import dataclasses

from lambdas.gate.decide.judgement import is_live
from lambdas.gate.decide.resize import changes_settings_only
from lambdas.gate.rollout import alarms
from lambdas.gate.state.attempt import Attempt
from lambdas.gate.state.head import MAXIMUM_GOOD, Head
from lambdas.gate.state.limits import newest_good
from lambdas.gate.state.live import Live, former
from lambdas.gate.state.observed import Endpoint
from lambdas.gate.state.watch import Watch


def gone_live(head: Head, attempt: Attempt, endpoint: Endpoint | None, now: float) -> Head:
    """Return the head that knows when the open attempt went live, whatever somebody puts there meanwhile."""
    if attempt.live_at is not None or endpoint is None or not is_live(endpoint, attempt):
        return head
    return dataclasses.replace(head, attempt=dataclasses.replace(attempt, live_at=live_since(attempt, endpoint, now)))


def live_since(attempt: Attempt, endpoint: Endpoint | None, now: float) -> float:
    """Return when the attempt's version went live, in seconds since 1970. An alarm may fire before the reconcile that
    sees the end of the rollout. LastModifiedTime is closer to that end."""
    if attempt.live_at is not None:
        return attempt.live_at
    return max(attempt.opened_at, min(now, endpoint.modified_at)) if endpoint else now


def promoted(
    head: Head,
    attempt: Attempt,
    endpoint: Endpoint | None,
    condemned_at: float | None,
    now: float,
    watch: Watch | None = None,
    better_settings: str | None = None,
) -> Head:
    if attempt.purpose.keeps_live:
        return relaunched(head, attempt, endpoint, now, watch)
    since = live_since(attempt, endpoint, now)
    live = Live(
        config=attempt.fleet.config,
        since=since,
        approval=attempt.approval,
        settings=attempt.fleet.settings,
        instance_type=attempt.fleet.instance_type,
        instance_count=attempt.fleet.instance_count,
        golden=attempt.golden,
        suspect_from=_suspect_from(head, attempt, since),
        condemned_at=condemned_at,
        version_since=_version_since(head, attempt),
        revocation=head.live.revocation if head.live and changes_settings_only(head, attempt) else None,
        revoked_at=_revoked_at(head, attempt),
        watched_above=watch.above if watch else None,
        better_settings=better_settings,
    )
    before = tuple(dataclasses.replace(g, background=attempt.background) for g in former(head.live, since))
    good = newest_good(tuple(g for g in (*before, *head.good) if g.version != live.version), MAXIMUM_GOOD)
    # A version that passed its rung was compared with the live version and settings before this.
    after = dataclasses.replace(head, live=live, good=good, rung=None, shadowed=None)
    return dataclasses.replace(after, previous_config=attempt.previous_config)


def relaunched(head: Head, attempt: Attempt, endpoint: Endpoint | None, now: float, watch: Watch | None) -> Head:
    """Return the head whose live version serves from the attempt's config, which only adds or removes a shadow. The
    version is what it was all the while."""
    if head.live is None:
        raise ValueError("A shadow needs a live version.")
    live, since = head.live, live_since(attempt, endpoint, now)
    again = dataclasses.replace(
        live,
        config=attempt.fleet.config,
        since=since,
        version_since=live.serving_since,
        suspect_from=None,
        relaunched=True,
        watched_above=watch.above if watch else None,
    )
    return dataclasses.replace(head, live=again, previous_config=attempt.previous_config, rung=None)


def _revoked_at(head: Head, attempt: Attempt) -> float | None:
    """When the version was found revoked. The one that was live before, with other settings, has that time itself."""
    is_same = head.live is not None and head.live.version == attempt.approval.version
    return head.live.revoked_at if head.live and is_same else attempt.revoked_at


def _suspect_from(head: Head, attempt: Attempt, since: float) -> float | None:
    """From when on alarms count against a new serverless version; None if from the time it went live.

    A serverless endpoint has no bake, and AWS does not say how long before the end of an update the traffic moves. So
    an alarm that fires during the update counts against the new version, unless the alarm's periods were not over yet,
    or the replaced version is known to be bad.
    """
    replaced = head.live
    if attempt.fleet.serverless is None or not attempt.purpose.goes_forward or replaced is None:
        return None
    if head.has_quarantined(replaced):
        return None
    return min(since, attempt.began + alarms.EVALUATION_PERIODS * alarms.PERIOD_SECONDS)


def _version_since(head: Head, attempt: Attempt) -> float | None:
    """When the version itself went live, if only its settings are new; otherwise None."""
    replaced = head.live
    if replaced is None or replaced.settings is None or not changes_settings_only(head, attempt):
        return None
    return replaced.serving_since
