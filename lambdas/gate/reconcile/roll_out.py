"""Rolling out one approval.

The steps: preflight, CreateModel, CreateEndpointConfig, the rollout's alarms, a check that all of them are visible, the
intent, one more read of the pinned content, of the pause of all endpoints and of the approval, the call, and the row
that SageMaker accepted it. A pause that is written after that read finds the attempt open. A crash between any two
steps leads to the same end:

- before the intent: names are deterministic, so the next reconcile makes the same things again, which are no-ops;
- after the intent and before the call: there is no sign of the update, and `judgement` tries once more;
- after the call: SageMaker shows the new config as pending or as live.
"""

import dataclasses
from dataclasses import dataclass

from lambdas.gate import names
from lambdas.gate.aws.cloudwatch import CloudWatch
from lambdas.gate.aws.container import named_uris
from lambdas.gate.aws.errors import (
    AlreadyExists,
    Denied,
    InProgress,
    Limited,
    NotFound,
    Refused,
    Throttled,
    Unreadable,
    answering,
)
from lambdas.gate.aws.hosting import Hosting, ShadowVariant
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.aws.registry import Registry
from lambdas.gate.decide import judging
from lambdas.gate.decide.action import Alert, Close, Hold, RollOut, Scale, Wait
from lambdas.gate.decide.background import is_failing, watch_above
from lambdas.gate.decide.failure import Cause
from lambdas.gate.decide.hold import HOLD_RECONCILE_SECONDS
from lambdas.gate.decide.judgement import failed, failed_for_now
from lambdas.gate.policy import checks, overriding
from lambdas.gate.policy.verdict import Answer
from lambdas.gate.reconcile.pinning import Pinning, specified, with_specification
from lambdas.gate.reconcile.preflight import Clearance, Preflight
from lambdas.gate.reconcile.write import Change, LedgerWriter
from lambdas.gate.rollout import alarms, deployment_config
from lambdas.gate.rollout.tags import with_tags
from lambdas.gate.spec.judge import Judge
from lambdas.gate.spec.minimum_requests import MinimumRequests
from lambdas.gate.spec.shadow import Shadow
from lambdas.gate.spec.spec import Rollout, Spec, Stage
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.attempt import Attempt, Fleet, Outcome, Purpose
from lambdas.gate.state.autoscaling_change import OFF, is_due
from lambdas.gate.state.evidence import Evidence, Report
from lambdas.gate.state.head import Head
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Container, Observed, Package
from lambdas.gate.state.pin import Pin, difference, entry_difference, respecified
from lambdas.gate.state.registration import Registration
from lambdas.gate.state.rung import Copying, Rung
from lambdas.gate.transitions import golden
from lambdas.gate.transitions.closing import closed
from lambdas.gate.transitions.opening import accepted, opened

REFUSED_RECONCILE_SECONDS = 60
"""The wait after SageMaker throttled the call, or the endpoint was busy."""
UNSEEN_RECONCILE_SECONDS = 30
"""The wait until a new config or alarm should be visible."""
STOPPED = "stopped right before the call"


@dataclass(frozen=True)
class Beside:
    """The live version, which is launched anew with a shadow. `made_at`, `other`: of its model, as in `Prepared`."""

    approval: Approval
    made_at: float
    other: str | None = None


@dataclass(frozen=True)
class Prepared:
    """An attempt that may be opened. `shape`: the rollout for the DeploymentConfig. `left_out`: the user's alarms that
    do not guard it, and why. `keep_count`, `keep_capture`: True to keep the present instance count and data capture.
    `made_at`: the version's last modification right before its model was made, in seconds since 1970. `other`: what the
    model loads that the version does not name, in words; None if there is nothing. `live`: the live version, if its
    fleet is launched anew with the attempt's version as its shadow."""

    attempt: Attempt
    spec: Spec
    shape: Rollout
    left_out: tuple[str, ...]
    keep_count: bool
    keep_capture: bool
    made_at: float
    other: str | None = None
    live: Beside | None = None


@dataclass(frozen=True)
class _Accepted:
    """SageMaker accepted the call. `reason`: why the call was allowed. `pin`: the approval's pin right before it.
    `refused`: the alarms that it did not take. `unguarded`: True if it took no guardrails because of a shadow."""

    reason: str
    pin: Pin | None
    refused: tuple[str, ...] = ()
    unguarded: bool = False


@dataclass(frozen=True)
class RolloutStarter:
    """`asset`: the SHA-256 of the deployer's code and packages; empty if that is not known."""

    registry: Registry
    hosting: Hosting
    cloudwatch: CloudWatch
    writer: LedgerWriter
    preflight: Preflight
    pinning: Pinning
    ledger: Ledger
    asset: str = ""

    def prepare(
        self, spec: Spec, observed: Observed, head: Head, decision: RollOut, now: float
    ) -> Prepared | Hold | Alert | Wait | Scale:
        """Take all steps before the intent. Return a Prepared, or why the rollout cannot continue: a Scale if the
        autoscaling has to be deregistered first, which is the last step before the intent."""
        approval, purpose, endpoint = decision.approval, decision.purpose, observed.endpoint
        number, specification = head.attempts + 1, approval.pin.specification if approval.pin else ""

        def config_of(content: str) -> str:
            settings = spec.settings + content
            return names.endpoint_config(spec.endpoint, approval.version, approval.order, settings, number)

        fleet = Fleet(
            config=config_of(specification),
            settings=spec.settings,
            instance_type=spec.variant.instance_type,
            instance_count=spec.variant.instance_count,
            serverless=spec.variant.serverless,
        )
        # The first creation has nothing to roll back to, so it has no alarms, and AWS ignores a DeploymentConfig.
        clearance = Clearance()
        if endpoint:
            overrides = head.overrides_of(approval)
            clearance = self.preflight.check(
                spec,
                head,
                endpoint,
                fleet,
                purpose,
                now,
                package=observed.packages.get(approval.version),
                without_unfit_alarms=overriding.lets_pass(checks.ALARMS, overrides, spec.gate),
                drops_settings=overriding.lets_pass(checks.ADOPTION, overrides, spec.gate),
                replaces_failing=head.live is not None and is_failing(head, head.live, decision),
            )
        hold = clearance.hold
        if hold is None and clearance.unscale:
            hold = _still_on(head, now)
        if hold is not None:
            return dataclasses.replace(hold, approval=approval)
        if clearance.wait is not None:
            return Wait(clearance.wait, now + UNSEEN_RECONCILE_SECONDS)
        # Golden requests that were written for a later version must not stop a revert.
        guarding = dataclasses.replace(spec, golden=None) if purpose.is_back or purpose.keeps_live else spec
        is_guarded = endpoint is not None and fleet.serverless is None
        judged_by = guarding.golden.digest if guarding.golden and is_guarded else None
        is_made = True
        live: Beside | None = None
        copying: Copying | None = None
        package: Package | None = None
        loaded: tuple[Container, ...] = ()
        try:
            package = observed.packages.get(approval.version) or self.registry.describe(approval.version, head.stage)
            if package is None:
                raise NotFound(f"{version_label(approval.version)} does not exist any more")
            model = self.hosting.create_model(spec, approval, package)
            seen = self.hosting.loaded_by(model)
            if seen is None:
                return Wait(f"the model {model} is not visible yet", now + UNSEEN_RECONCILE_SECONDS)
            loaded, fleet = seen, dataclasses.replace(fleet, config=config_of(model))
            if purpose is Purpose.SHADOW and head.live and head.live.approval:
                copying = Copying(names.shadow_variant(approval.version, number), _asked(spec), _by_failures(spec))
                served, live = self._model_of(spec, head.live.approval, observed, head)
                if live is None:
                    return Wait(f"the model {served} is not visible yet", now + UNSEEN_RECONCILE_SECONDS)
                captured = " captured" if copying.shadow.differ else ""
                fleet = dataclasses.replace(fleet, config=config_of(f"{served} {model}{captured}"))
                self.hosting.create_config(spec, fleet, served, ShadowVariant(model, copying))
            else:
                self.hosting.create_config(spec, fleet, model)
            if is_guarded:
                known = judged_by is not None and golden.has_baseline(head.live, judged_by)
                requests = alarms.rollout_alarms(guarding, fleet.config, has_baseline=known)
                wanted = _own_alarms(guarding, fleet.config, clearance)
                self.cloudwatch.create(tuple(each for each in requests if each["AlarmName"] in wanted))
        except (Refused, Limited, NotFound, Denied) as error:
            # A revert must not wait for a version that was changed. `_call` compares it before the call and closes the
            # attempt, so that the next revert goes to another version.
            is_made = False
            if purpose is not Purpose.REVERT or not self._is_respecified(spec, approval):
                notice = Notice(Code.ROLLOUT_NOT_PREPARED, str(error))
                reason = f"AWS refused to prepare the rollout: {with_tags(str(error), spec.tags)}"
                return Alert(reason, now + HOLD_RECONCILE_SECONDS, notice=notice)
        own = _own_alarms(guarding, fleet.config, clearance) if is_guarded and is_made else ()
        if is_made and (obstacle := self.preflight.verify(fleet.config, own)):
            return Wait(obstacle, now + UNSEEN_RECONCILE_SECONDS)
        if is_made and clearance.unscale:
            # Model, config and alarms could be made, so the rollout will follow.
            reason = f"{spec.variant.name} is not autoscaled while its instance type changes to {fleet.instance_type}"
            return Scale(reason, now, digest=OFF, unused_alarms=own)
        is_at_once = purpose.is_back or purpose.keeps_live
        shape = deployment_config.reverting(spec.rollout) if is_at_once else spec.rollout
        attempt = Attempt(
            number=number,
            approval=approval,
            purpose=purpose,
            fleet=fleet,
            alarms=(*own, *clearance.alarms),
            opened_at=now,
            expected_seconds=deployment_config.expected_seconds(shape, fleet.instance_count or 1),
            previous_config=endpoint.config if endpoint else None,
            modified_at=endpoint.modified_at if endpoint else None,
            enough=_enough(spec, purpose),
            maximum_seconds=shape.maximum_seconds,
            capacity_seconds=spec.capacity_seconds,
            golden_set=judged_by,
            golden_namespace=guarding.golden.namespace if guarding.golden and judged_by else None,
            background=clearance.background,
            watch_above=watch_above(spec, head, decision, clearance.background),
            judging=judging.judging(spec, purpose),
            copying=copying,
        )
        # RetainAllVariantProperties would keep the present data capture, whatever the new config says.
        captures = spec.serving.data_capture is not None or (endpoint is not None and endpoint.captures_data)
        return Prepared(
            attempt,
            spec,
            shape,
            clearance.left_out,
            clearance.keep_count,
            not captures,
            package.modified_at if package else 0.0,
            _other(loaded, package, approval.pin, spec) if package else None,
            live,
        )

    def start(self, prepared: Prepared, change: Change, observed: Observed, decision: RollOut) -> Wait | Close:
        """Take the intent and all later steps. Return a Wait for the rollout, or how the attempt was closed."""
        attempt, now = prepared.attempt, change.now
        if prepared.left_out:
            reason = f"{decision.reason}, without: {'; '.join(prepared.left_out)}"
            decision = dataclasses.replace(decision, reason=reason)
        opening = opened(change.head, attempt, decision, observed, now, self.asset)
        intent = self.writer.write(change.to(*opening), None)
        # A revert does not pass the gate, and what was read was read about another version.
        evidence = observed.evidence if attempt.purpose in (Purpose.UPDATE, Purpose.CREATE) else None
        package = observed.packages.get(attempt.approval.version)
        if evidence is not None and package is not None:
            self._keep_reports(intent.head.endpoint, package, evidence)
        answer = self._call(prepared, intent.head, evidence.reports if evidence else (), now)
        if isinstance(answer, Close):
            end = closed(intent.head, attempt, answer, observed.endpoint, now)
            self.writer.write(intent.to(*end), answer.reconcile_at)
            self.cloudwatch.delete(alarms.own_alarms(intent.head.endpoint, attempt))
            return answer
        approval = dataclasses.replace(attempt.approval, pin=answer.pin)
        head, attempt = intent.head.with_revised(approval), dataclasses.replace(attempt, approval=approval)
        attempt = dataclasses.replace(attempt, unguarded=answer.unguarded or None)
        self.writer.write(
            intent.to(*accepted(head, attempt, f"{answer.reason} before the call", now, answer.refused)),
            attempt.expected_end,
        )
        return Wait(decision.reason, attempt.expected_end)

    def _call(self, prepared: Prepared, intent: Head, reports: tuple[Report, ...], now: float) -> _Accepted | Close:
        """Read the pinned content, the reports and then the approval once more, and make the call. Return that
        SageMaker accepted it, or how to close the attempt. `reports`: those by which the version passed the gate.

        After some errors it is not known whether SageMaker acted. Such an error propagates, and `judgement` looks for
        signs of the update.
        """
        attempt, name = prepared.attempt, intent.endpoint
        pinned = attempt.approval.pin
        refused: tuple[str, ...] = ()
        is_unguarded = False
        try:
            version, stage = attempt.approval.version, prepared.spec.gate.stage
            before = self._described(version, stage)
            registration = self._registration(name, before) if before else None
            # A version whose artifact is gone is not waited for if another good one may be reverted to.
            is_back = attempt.purpose is Purpose.REVERT
            # The operators may have changed what their entry names since an earlier approval. But a shadow that goes
            # brings nothing new to callers.
            with_entry = attempt.purpose in (Purpose.UPDATE, Purpose.CREATE, Purpose.END_SHADOW)
            found = (
                self.pinning.again(prepared.spec, pinned, before, without_missing=is_back, with_entry=with_entry)
                if pinned and before
                else None
            )
            rewritten = self.pinning.rewritten(prepared.spec, reports)
            if paused := self._paused(intent, attempt, now):
                return paused
            package = self._described(version, stage) if before else None
            verdict = checks.authorise(package)
            if verdict.answer is Answer.HELD:
                return failed_for_now(intent, attempt, f"{STOPPED}: {verdict.reason}", now + HOLD_RECONCILE_SECONDS)
            if verdict.answer is Answer.REFUSED or package is None:
                return Close(f"{STOPPED}: {verdict.reason}", now, outcome=Outcome.ABORTED)
            if changed := _changed(pinned, found, registration, package) or prepared.other:
                reason = f"{STOPPED}: of {version_label(attempt.approval.version)} {changed}"
                if attempt.purpose is Purpose.END_SHADOW:
                    # The live version goes on. The next reconcile holds, and says so.
                    return failed_for_now(intent, attempt, reason, now + HOLD_RECONCILE_SECONDS)
                return Close(reason, now, outcome=Outcome.ABORTED, quarantine=True, alert=reason)
            if before is None or before.modified_at != prepared.made_at:
                # It may have been changed and changed back. The next attempt makes another model.
                changed_meanwhile = f"{version_label(package.version)} was changed while its model was made"
                reason = f"{STOPPED}: {changed_meanwhile}; it is tried again with a new model"
                return failed_for_now(intent, attempt, reason, now + REFUSED_RECONCILE_SECONDS)
            if rewritten is not None:
                # The gate evaluates its conditions anew.
                return failed_for_now(intent, attempt, f"{STOPPED}: {rewritten}", now + HOLD_RECONCILE_SECONDS)
            launched = package
            if prepared.live is not None:
                served, why = self._launched_anew(prepared, prepared.live, name)
                if served is None:
                    return failed_for_now(intent, attempt, f"{STOPPED}: {why}", now + HOLD_RECONCILE_SECONDS)
                launched = served
            if attempt.purpose is Purpose.CREATE:
                self.hosting.create_endpoint(name, attempt.fleet.config, prepared.spec.tag_list)
            elif not attempt.is_guarded:
                self.hosting.switch_endpoint(name, attempt.fleet.config)
            else:
                taken = self._update(prepared, name, launched, has_shadow=_has_shadow(intent, attempt))
                if taken is None:
                    reason = f"{STOPPED}: {version_label(launched.version)} was changed after SageMaker's first answer"
                    return failed_for_now(intent, attempt, reason, now + REFUSED_RECONCILE_SECONDS)
                refused, is_unguarded = taken
        except Unreadable as error:
            return failed(intent, attempt, f"{STOPPED}: {error}", now)
        except (Throttled, InProgress, AlreadyExists) as error:
            # AlreadyExists: the endpoint was not visible yet when its creation was decided.
            return failed_for_now(intent, attempt, f"SageMaker is busy: {error}", now + REFUSED_RECONCILE_SECONDS)
        except (Limited, Denied, NotFound) as error:
            cause = Cause.QUOTA if isinstance(error, Limited) else Cause.INTERNAL
            reason = f"SageMaker refused: {with_tags(str(error), prepared.spec.tags)}"
            return failed(intent, attempt, reason, now, cause=cause)
        except Refused as error:
            reason = f"SageMaker refused: {error}"
            if attempt.purpose.goes_forward and intent.rung is not None:
                return _refused_beside_shadow(intent, intent.rung, attempt, reason, now)
            if attempt.purpose is Purpose.END_SHADOW:
                return failed(intent, attempt, reason, now)
            return Close(reason, now, outcome=Outcome.FAILED, quarantine=True, alert=reason)
        pin = pinned.lengthened(specified(package)) if pinned else None
        return _Accepted(verdict.reason, pin, refused, is_unguarded)

    def _launched_anew(self, prepared: Prepared, beside: Beside, endpoint: str) -> tuple[Package | None, str]:
        """Read the live version, which the call launches anew with a shadow. Return it as it is right before the call,
        or None and why it may not be launched. Raises Unreadable."""
        spec, live, label = prepared.spec, beside.approval, version_label(beside.approval.version)
        before = self._described(live.version, spec.gate.stage)
        registration = self._registration(endpoint, before) if before else None
        found = self.pinning.again(spec, live.pin, before, with_entry=True) if live.pin and before else None
        package = self._described(live.version, spec.gate.stage) if before else None
        verdict = checks.authorise(package)
        if verdict.answer is not Answer.PASSED or package is None:
            return None, f"{label} is live and would be launched anew: {verdict.reason}"
        if changed := _changed(live.pin, found, registration, package) or beside.other:
            return None, f"of {label}, which is live and would be launched anew, {changed}"
        if before is None or before.modified_at != beside.made_at:
            return None, f"{label} was changed while its model was made; it is tried again with a new model"
        return package, ""

    def _model_of(self, spec: Spec, live: Approval, observed: Observed, head: Head) -> tuple[str, Beside | None]:
        """Make the model of the live version. Return its name, and what it is; None if it is not visible yet. Usually
        it is there already."""
        package = observed.packages.get(live.version) or self.registry.describe(live.version, head.stage)
        if package is None:
            raise NotFound(f"{version_label(live.version)} does not exist any more")
        model = self.hosting.create_model(spec, live, package)
        loaded = self.hosting.loaded_by(model)
        if loaded is None:
            return model, None
        return model, Beside(live, package.modified_at, _other(loaded, package, live.pin, spec))

    def _update(
        self, prepared: Prepared, name: str, package: Package, *, has_shadow: bool
    ) -> tuple[tuple[str, ...], bool] | None:
        """Call UpdateEndpoint. Return the alarms that SageMaker refused, and True if it refused guardrails because of a
        shadow that comes or goes. Return None if nothing was called after all.

        AWS documents neither whether it takes alarms with metric math, nor whether it takes guardrails with a shadow.
        If it refuses the call, the call is made once more without these alarms. If it refuses that too, and a shadow
        comes or goes, the call is made without guardrails, unless it brings a new version or new settings: all others
        have served.
        `package`: the version that is launched, as it was read right before the call. It is read again before each
        further call.
        """
        attempt = prepared.attempt

        def call(watched: tuple[str, ...]) -> None:
            self.hosting.update_endpoint(
                name,
                attempt.fleet.config,
                deployment_config.deployment_config(prepared.shape, watched),
                keep_count=prepared.keep_count,
                keep_capture=prepared.keep_capture,
            )

        refused = alarms.math_alarms(name, attempt)
        may_go_unguarded = has_shadow and not attempt.purpose.goes_forward
        try:
            call(attempt.alarms)
            return (), False
        except Refused:
            if not refused and not may_go_unguarded:
                raise
        if self._described(package.version, prepared.spec.gate.stage) != package:
            return None
        try:
            call(tuple(alarm for alarm in attempt.alarms if alarm not in refused))
            return refused, False
        except Refused:
            if not may_go_unguarded:
                raise
        if self._described(package.version, prepared.spec.gate.stage) != package:
            return None
        self.hosting.update_endpoint(
            name, attempt.fleet.config, None, keep_count=prepared.keep_count, keep_capture=prepared.keep_capture
        )
        return attempt.alarms, True

    def _keep_reports(self, endpoint: str, package: Package, evidence: Evidence) -> None:
        """Store the reports by which the version passed the gate. Once it is live, the next version is compared with
        these, whatever S3 has by then."""
        for report, content in evidence.own_reports():
            self.ledger.keep_report(endpoint, package, report, content)

    def _paused(self, intent: Head, attempt: Attempt, now: float) -> Close | None:
        """Return how to close the attempt if all endpoints are paused; None if they are not. Its approval waits until
        the pause ends. Raises Unreadable if AWS fails or does not answer."""
        with answering("whether all endpoints are paused"):
            every = self.ledger.head(names.ALL)
        if every is None or not every.is_paused(now):
            return None
        stopped = failed_for_now(intent, attempt, f"{STOPPED}: all endpoints are paused: {every.paused_for}", now)
        return dataclasses.replace(stopped, outcome=Outcome.ABORTED)

    def _is_respecified(self, spec: Spec, approval: Approval) -> bool:
        """True if the version's specification was certainly changed since its registration or its approval."""
        try:
            package = self._described(approval.version, spec.gate.stage)
            registration = self._registration(spec.endpoint, package) if package else None
        except Unreadable:
            return False
        if package is None:
            return False
        pinned = approval.pin
        is_other = pinned is not None and respecified(pinned, specified(package)) is not None
        return is_other or (registration is not None and registration.change(package) is not None)

    def _described(self, version: str, stage: Stage | None) -> Package | None:
        """Return the version; None if it does not exist. Raises Unreadable if AWS fails or does not answer. The attempt
        is closed then, because nothing was called yet."""
        with answering(version_label(version)):
            return self.registry.describe(version, stage)

    def _registration(self, endpoint: str, package: Package) -> Registration | None:
        """Return the version's registration; None if there is none. Raises Unreadable like `_described`."""
        with answering(f"what {version_label(package.version)} was when it was registered"):
            return self.ledger.registration(endpoint, package)


def _own_alarms(spec: Spec, config: str, clearance: Clearance) -> tuple[str, ...]:
    """Return the names of the alarms that are made for the rollout. The one for the error rate is left out if an
    operator let the rollout go although the live version makes that alarm fire."""
    left_out = names.rollout_alarm(spec.endpoint, config, alarms.errors(spec)) if clearance.is_noisy else None
    return tuple(name for name in alarms.rollout_names(spec, config) if name != left_out)


def _asked(spec: Spec) -> Shadow:
    if spec.shadow is None:
        raise ValueError("The spec asks for no shadow.")
    return spec.shadow


def _by_failures(spec: Spec) -> Judge:
    """Return the judge's rules for copies. Slow ones are not compared: a shadow's instances are fewer, or busier."""
    return dataclasses.replace(spec.judged_by, latency=None)


def _has_shadow(intent: Head, attempt: Attempt) -> bool:
    """True if the endpoint has a shadow, or is to have one."""
    return attempt.copying is not None or intent.rung is not None


def _refused_beside_shadow(head: Head, rung: Rung, attempt: Attempt, reason: str, now: float) -> Close:
    """Return how to close a rollout that SageMaker refused while the endpoint has a shadow. The guardrails may be why,
    and no earlier call may have shown that. So the shadow goes first, and the version is tried again without it."""
    if rung.unguarded:
        return failed(head, attempt, reason, now)
    closed = failed_for_now(head, attempt, f"{reason}; it is tried again once the shadow is gone", now)
    return dataclasses.replace(closed, shadow_goes=True)


def _enough(spec: Spec, purpose: Purpose) -> MinimumRequests | None:
    """Return the minimum of requests; None if there is none. Reverts and first creations need no minimum."""
    return spec.enough if purpose.goes_forward else None


def _still_on(head: Head, now: float) -> Hold | None:
    """Return the hold of the rollout after AWS refused to deregister the autoscaling; None if that may be tried
    again."""
    last = head.scaling
    if last is None or last.digest != OFF or last.refused is None or is_due(last, OFF, now):
        return None
    return Hold(last.refused, now + HOLD_RECONCILE_SECONDS, notice=Notice(Code.AUTOSCALING_STAYS, last.refused_by))


def _other(loaded: tuple[Container, ...], package: Package, pin: Pin | None, spec: Spec) -> str | None:
    """Return what a model loads that its package does not name, in words; None if nothing is. SageMaker may not show
    what a model loads."""
    images = {each.image for each in package.containers}
    digests = {each.image_digest for each in package.containers}
    digests |= {(each or "").partition("@")[2] for each in images} | {
        each.digest for each in (pin.images if pin else ())
    }
    uris = {uri for each in package.containers for uri in each.uris} | set(named_uris(spec.serving.variables))
    for container in loaded:
        image = container.image or ""
        digest = image.partition("@")[2] if container.image_digest is None else container.image_digest
        if digest and digest not in digests:
            return f"its model runs an image with the digest {digest}, which is not the version's"
        if image and not digest and image not in images:
            return f"its model runs the image {image}, which is not the version's"
        if foreign := [uri for uri in container.uris if uri not in uris]:
            return f"its model loads {foreign[0]}, which is not the version's"
    return None


def _changed(pinned: Pin | None, found: Pin | None, registration: Registration | None, package: Package) -> str | None:
    """Return what was changed since the registration or the approval, in words; None if nothing was."""
    if registration and (changed := registration.change(package)):
        return checks.after_registration(changed)
    if pinned is None or found is None:
        return None
    changed = difference(pinned, with_specification(found, package))
    if changed is None and (of_entry := entry_difference(pinned, found)):
        return f"{of_entry} after the approval: approve the version again if that is right"
    return checks.after_registration(changed) if changed and pinned.registered else changed
