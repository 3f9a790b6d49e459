"""The endpoints, and what SageMaker does with them: each change goes through its phases on the clock."""

from dataclasses import replace
from typing import Any, Protocol

from world.hosting import guardrails
from world.hosting.change import Creation, Patch, Resize, Update
from world.hosting.endpoint import Endpoint
from world.hosting.fleet import Fleet, Step, Variant
from world.hosting.guardrails import ACTIVATION_SECONDS, LAUNCH_SECONDS, TEARDOWN_SECONDS, Status
from world.refusal import invalid
from world.surroundings import Event, Surroundings
from world.tags import Tags

STATE_CHANGE = "SageMaker Endpoint State Change"
DEPLOYMENT_STATE_CHANGE = "SageMaker Endpoint Deployment State Change"
CREATION_SECONDS, PATCH_SECONDS = 180, 120
"""AWS documents neither."""

Launch = tuple[tuple[Variant, int], ...]
"""Variants, and how many instances of each are launched."""


class HostingSurroundings(Surroundings, Protocol):
    """What hosting needs besides."""

    def alarm_state(self, name: str) -> str | None:
        """Return an alarm's state; None if there is no such alarm."""
        ...

    def has_metric_math(self, alarm: str) -> bool:
        """Return whether the alarm of this name exists and has an expression of metric math."""
        ...

    def is_scalable(self, endpoint: str, variant: str) -> bool:
        """Return whether the variant is a scalable target."""
        ...

    def launch_error(self, endpoint: Endpoint, launch: Launch) -> str | None:
        """Return why these instances cannot be launched for the endpoint; None if they can."""
        ...

    def endpoint_changed(self, name: str, before: Endpoint | None, after: Endpoint | None) -> None:
        """Called after each change; None: the endpoint does not exist."""
        ...


class Endpoints:
    """`endpoints` are by name in lower case."""

    def __init__(self, surroundings: HostingSurroundings, tags: Tags) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self._surroundings = surroundings
        self._tags = tags
        self._turns = 0

    def copy(self, surroundings: HostingSurroundings, tags: Tags) -> "Endpoints":
        other = Endpoints(surroundings, tags)
        other.endpoints, other._turns = self.endpoints.copy(), self._turns
        return other

    # -- the beginning of a change

    def create(
        self, name: str, fleet: Fleet, deployment_config: dict[str, Any] | None, tags: list[dict[str, str]]
    ) -> Endpoint:
        """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html"""
        now = self._surroundings.time()
        arn = self._surroundings.account.sagemaker(f"endpoint/{name.lower()}")
        endpoint = Endpoint(
            arn,
            name,
            fleet.each(
                lambda v: replace(v, step=Step(Status.CREATING, f"Launching {v.desired_count} instance(s).", now))
            ),
            created=now,
            modified=now,
            turn=self._turn(),
            change=Creation(now),
            deployment_config=deployment_config,
            data_capture=fleet.config.fields.get("DataCaptureConfig"),
        )
        self._tags.create(arn, tags)
        self._put(endpoint)
        self._after(CREATION_SECONDS, endpoint, "created")
        return endpoint

    def update(
        self,
        endpoint: Endpoint,
        fleet: Fleet,
        deployment_config: dict[str, Any] | None,
        data_capture: dict[str, Any] | None,
    ) -> None:
        """Begin an update. If guardrails exclude the endpoint, the update is all-at-once, without alarms, deployment
        events or an error.
        https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        """
        now, config = self._surroundings.time(), deployment_config or {}
        relaunches = self._surroundings.assumptions.shadow_relaunches
        keeps_production = not relaunches and fleet.differs_in_shadow_only(endpoint.fleet)
        if keeps_production:
            fleet = fleet.with_instances_of(endpoint.fleet)
        is_guarded = not self._is_excluded(endpoint, fleet, config)
        used = config if is_guarded else {}
        update = Update(
            now,
            used,
            is_guarded,
            tuple(guardrails.plan(used, min(fleet.counts))),
            data_capture,
            endpoint.modified,
            endpoint.deployment_config,
            keeps_production,
        )
        last = deployment_config or endpoint.deployment_config
        begun = self._updating(endpoint, update, green=fleet, share=0.0, deployment_config=last)
        self._put(begun)
        self._after(guardrails.timeout(used), begun, "timed out")
        self._enter(begun)

    def resize(self, endpoint: Endpoint, desired: list[dict[str, Any]]) -> None:
        """Begin to give variants other weights or numbers of instances. Without capacity to grow, the endpoint is
        RollingBack and then has its former ones.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html
        """
        wanted = {one["VariantName"]: one for one in desired}
        for name in wanted:
            if endpoint.fleet.any_variant(name) is None:
                raise invalid(f'Could not find variant "{name}" of endpoint "{endpoint.arn}".')
        now = self._surroundings.time()
        changed = (v for v in endpoint.fleet.all_variants if v.name in wanted)
        before = tuple((v.name, v.desired_weight, v.desired_count) for v in changed)
        fleet = endpoint.fleet.each(lambda v: _resized(v, wanted[v.name], now) if v.name in wanted else v)
        growths = [variant.growth for variant in fleet.all_variants]
        seconds = ACTIVATION_SECONDS
        if any(growths):
            seconds = LAUNCH_SECONDS if max(growths) > 0 else TEARDOWN_SECONDS
        begun = self._updating(endpoint, Resize(now, before), fleet=fleet)
        self._put(begun)
        self._after(seconds, begun, "resized")

    def patch(self, endpoint: Endpoint) -> None:
        """AWS begins to patch the endpoint."""
        now = self._surroundings.time()
        modified = now if self._surroundings.assumptions.patching_moves_modified else endpoint.modified
        begun = replace(endpoint, status="SystemUpdating", modified=modified, turn=self._turn(), change=Patch(now))
        self._put(begun)
        self._after(PATCH_SECONDS, begun, "patched")

    def delete(self, endpoint: Endpoint) -> None:
        begun = replace(endpoint, status="Deleting", modified=self._surroundings.time(), turn=self._turn())
        self._put(begun)
        self._after(TEARDOWN_SECONDS, begun, "deleted")

    def force(self, endpoint: Endpoint, **fields: Any) -> None:
        """Put the endpoint into a state, whatever led to it, and end what was in progress."""
        ended: dict[str, Any] = {"change": None, "green": None, "share": 0.0}
        self._put(replace(endpoint, **ended | {"turn": self._turn(), "modified": self._surroundings.time()} | fields))

    def remove(self, name: str) -> None:
        """Let the endpoint be gone at once."""
        before = self.endpoints.pop(name.lower())
        self._tags.delete(before.arn)
        self._surroundings.endpoint_changed(before.name, before, None)

    # -- what follows

    def perform(self, step: str, name: str, turn: int, place: int = 0) -> None:
        """Do what is due. `turn` is the change that it was due for, `place` the phase of an update."""
        endpoint = self.endpoints.get(name.lower())
        if endpoint is None or endpoint.turn != turn:
            return
        match step, endpoint.change:
            case "phase", Update() as update if update.place == place:
                self._leave(endpoint, update)
            case "timed out", Update() as update if self._may_turn_back(update):
                # An assumption: the documentation says only that it "causes a timeout".
                self._roll_back(endpoint, update, "The deployment exceeded MaximumExecutionTimeoutInSeconds.")
            case "created", Creation():
                self._created(endpoint)
            case "resized", Resize() as resize:
                self._resized(endpoint, resize)
            case "patched", Patch():
                self._put(replace(endpoint, status="InService", change=None))
            case "deleted", _:
                self.remove(name)

    def check_alarms(self) -> None:
        """Roll back each update whose alarms are in ALARM. AWS does not document how often SageMaker reads them."""
        for endpoint in tuple(self.endpoints.values()):
            self._check_alarms(endpoint)

    def _created(self, endpoint: Endpoint) -> None:
        launch = tuple((variant, variant.desired_count) for variant in endpoint.fleet.all_variants)
        error = self._surroundings.launch_error(endpoint, launch)
        status = "Failed" if error else "InService"
        self._put(self._ended(endpoint, status, error, fleet=endpoint.fleet.settled()))

    def _enter(self, endpoint: Endpoint) -> None:
        """Begin the phase that the update has come to."""
        update, green = endpoint.change, endpoint.green
        assert isinstance(update, Update)
        assert green is not None
        phase, now = update.phase, self._surroundings.time()
        new = green.each(
            lambda v: replace(v.with_part(phase.share), step=Step(phase.status, phase.message(v.desired_count), now))
        )
        old = endpoint.fleet.each(lambda v: v.with_part(phase.old))
        entered = replace(endpoint, share=phase.share, green=new, fleet=old)
        self._put(entered, quietly=True)
        if update.is_guarded:
            self._emit(entered, DEPLOYMENT_STATE_CHANGE)
        self._after(phase.seconds, entered, "phase", update.place)
        self._check_alarms(entered)

    def _leave(self, endpoint: Endpoint, update: Update) -> None:
        if update.phase.status is Status.CREATING and (error := self._launch_error(endpoint, update)):
            self._roll_back(endpoint, update, error)
        elif update.is_last:
            self._end(endpoint, update)
        else:
            self._enter(replace(endpoint, change=replace(update, place=update.place + 1)))

    def _launch_error(self, endpoint: Endpoint, update: Update) -> str | None:
        fleet = endpoint.fleet if update.is_rolling_back else endpoint.green
        assert fleet is not None
        launched = fleet.shadows if update.keeps_production else fleet.all_variants
        launch = tuple((variant, update.phase.instances(variant.desired_count)) for variant in launched)
        return self._surroundings.launch_error(endpoint, launch)

    def _check_alarms(self, endpoint: Endpoint) -> None:
        update = endpoint.change
        if not isinstance(update, Update) or not self._may_turn_back(update):
            return
        if not endpoint.share and not self._surroundings.assumptions.alarms_from_launch:
            return
        fired = [name for name in guardrails.alarms(update.config) if self._is_firing(name)]
        if fired:
            reason = f"One or more configured alarms are in ALARM state: {', '.join(fired)}."
            says = self._surroundings.assumptions.rollback_gives_reason
            self._roll_back(endpoint, update, reason if says else None)

    def _is_firing(self, alarm: str) -> bool:
        """Return whether SageMaker sees the alarm in ALARM."""
        is_watched = self._surroundings.assumptions.metric_math_watched
        return self._surroundings.alarm_state(alarm) == "ALARM" and (
            is_watched or not self._surroundings.has_metric_math(alarm)
        )

    def _may_turn_back(self, update: Update) -> bool:
        """Return whether SageMaker still watches the update. It does not while it ends the old fleet."""
        return not update.is_rolling_back and not update.is_last

    def _roll_back(self, endpoint: Endpoint, update: Update, reason: str | None) -> None:
        if update.is_rolling_back:
            self._fail(endpoint, reason)
            return
        assert endpoint.green is not None
        count = min(endpoint.green.counts)
        phases = guardrails.rollback_plan(update.config, count, endpoint.share, update.phase.old)
        past = update.phases[: update.place + 1]
        back = replace(update, phases=(*past, *phases), place=len(past), is_rolling_back=True, reason=reason)
        turned = replace(endpoint, change=back)
        if self._surroundings.assumptions.rolling_back_shows:
            turned = replace(turned, status="RollingBack", modified=self._surroundings.time())
        self._put(turned, quietly=turned.status == endpoint.status)
        self._enter(turned)

    def _fail(self, endpoint: Endpoint, reason: str | None) -> None:
        """End the rollback in UpdateRollbackFailed: the old instances cannot be launched again.

        Both fleets stay in service with the current split.
        https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-rolling.html
        """
        assert endpoint.green is not None
        green = endpoint.green.each(lambda variant: replace(variant, step=None))
        self._put(self._ended(endpoint, "UpdateRollbackFailed", reason, green=green))

    def _end(self, endpoint: Endpoint, update: Update) -> None:
        assumptions = self._surroundings.assumptions
        ended = self._ended(endpoint, "InService", update.reason, green=None, share=0.0)
        if not update.is_rolling_back:
            assert endpoint.green is not None
            self._put(replace(ended, fleet=endpoint.green.settled(), data_capture=update.data_capture))
            return
        ended = replace(ended, fleet=endpoint.fleet.settled())
        if not assumptions.rollback_keeps_shadow:
            ended = replace(ended, fleet=replace(ended.fleet, shadows=()))
        if not assumptions.rollback_moves_modified:
            ended = replace(ended, modified=update.modified_before)
        if not assumptions.rollback_keeps_deployment:
            ended = replace(ended, deployment_config=update.deployment_config_before)
        self._put(ended)

    def _resized(self, endpoint: Endpoint, resize: Resize) -> None:
        """The instances were launched, or those that were are ended again."""
        growing = tuple((variant, variant.growth) for variant in endpoint.fleet.all_variants)
        error = None if resize.reason else self._surroundings.launch_error(endpoint, growing)
        if error is None:
            self._put(self._ended(endpoint, "InService", resize.reason, fleet=endpoint.fleet.settled()))
            return
        before = {name: (weight, count) for name, weight, count in resize.before}
        fleet = endpoint.fleet.each(
            lambda v: (
                replace(v, desired_weight=before[v.name][0], desired_count=before[v.name][1]) if v.name in before else v
            )
        )
        back = replace(
            endpoint,
            status="RollingBack",
            failure_reason=error,
            modified=self._surroundings.time(),
            change=replace(resize, reason=error),
            fleet=fleet,
        )
        self._put(back)
        self._after(TEARDOWN_SECONDS, back, "resized")

    def _is_excluded(self, endpoint: Endpoint, fleet: Fleet, config: dict[str, Any]) -> bool:
        if (fleet.shadows or endpoint.fleet.shadows) and not self._surroundings.assumptions.shadow_has_guardrails:
            return True
        is_inferentia1 = any((variant.instance_type or "").startswith("ml.inf1.") for variant in fleet.variants)
        if fleet.is_serverless and not self._surroundings.assumptions.serverless_has_guardrails:
            return True
        return is_inferentia1 or ("RollingUpdatePolicy" in config and (fleet.is_serverless or len(fleet.variants) > 1))

    def _updating(self, endpoint: Endpoint, change: Update | Resize, **fields: Any) -> Endpoint:
        """Return the endpoint at the beginning of a change that somebody asked for."""
        now, turn = self._surroundings.time(), self._turn()
        return replace(
            endpoint, status="Updating", failure_reason=None, modified=now, turn=turn, change=change, **fields
        )

    def _ended(self, endpoint: Endpoint, status: str, reason: str | None, **fields: Any) -> Endpoint:
        """Return the endpoint after its change. `reason` is its FailureReason."""
        now = self._surroundings.time()
        return replace(endpoint, status=status, failure_reason=reason, modified=now, change=None, **fields)

    def _turn(self) -> int:
        self._turns += 1
        return self._turns

    def _after(self, seconds: float, endpoint: Endpoint, step: str, *place: int) -> None:
        self._surroundings.at(
            self._surroundings.time() + seconds, "hosting", step, endpoint.name, endpoint.turn, *place
        )

    def _put(self, endpoint: Endpoint, *, quietly: bool = False) -> None:
        name = endpoint.name.lower()
        before = self.endpoints.get(name)
        self.endpoints[name] = endpoint
        if not quietly:
            self._emit(endpoint, STATE_CHANGE)
        self._surroundings.endpoint_changed(endpoint.name, before, endpoint)

    def _emit(self, endpoint: Endpoint, detail_type: str) -> None:
        detail = endpoint.detail(pending=detail_type == DEPLOYMENT_STATE_CHANGE)
        detail["Tags"] = self._tags.of(endpoint.arn)
        self._surroundings.put_event(Event("aws.sagemaker", detail_type, (endpoint.arn,), detail))


def _resized(variant: Variant, wanted: dict[str, Any], now: float) -> Variant:
    resized = replace(
        variant,
        desired_weight=wanted.get("DesiredWeight", variant.desired_weight),
        desired_count=wanted.get("DesiredInstanceCount", variant.desired_count),
    )
    if not resized.growth:
        return resized
    direction = "out" if resized.growth > 0 else "in"
    message = f"Scaling {direction} desired instance count to {resized.desired_count}."
    return replace(resized, step=Step(Status.UPDATING, message, now))
