"""The scenarios: what people and AWS do, as acts on the clock. Together they meet every row of the decision table."""

import dataclasses

from lambdas.gate import names
from lambdas.gate.autoscaling import Autoscaling, Scheduled
from lambdas.gate.enough import Enough, Otherwise
from lambdas.gate.serverless import Serverless
from lambdas.gate.serving import Asynchronous, Serving, Variable
from lambdas.gate.spec import Rollout, Strategy, Variant
from simulation import cleaned, golden, governed, operator
from simulation.endpoint import IN_PROGRESS, Endpoint
from simulation.example import KPI, NAME, SPEC, STANDING, START, arn
from simulation.history import Act, Suspected
from simulation.hosted import VARIANT, Config, Model, Quality
from simulation.moves import burn, by_hand
from simulation.parameters import Parameter
from simulation.scenario import Do, Scenario, Timed, script
from simulation.world import World

OTHER_GROUP = "OtherGroup"
BACKLOG = range(20, 62)
"""More versions than are recognised at a time."""
MANY = range(20, 42)
"""So many that they are written before anything else is learned."""


def _approve(number: int) -> Do:
    return lambda world: world.review(number, "Approved")


def _reject(number: int) -> Do:
    return lambda world: world.review(number, "Rejected")


def _change_mind(number: int) -> Do:
    """Approved, rejected, approved again, faster than anybody looks."""

    def change(world: World) -> None:
        for approval in ("Approved", "Rejected", "Approved"):
            world.review(number, approval)

    return change


def _change_mind_twice(world: World) -> None:
    """And another version is approved in between."""
    for number, approval in ((2, "Approved"), (2, "Rejected"), (3, "Approved"), (2, "Approved")):
        world.review(number, approval)


def _pend(number: int) -> Do:
    return lambda world: world.review(number, "PendingManualApproval")


def _edit(number: int) -> Do:
    return lambda world: world.edit(number)


def _delete_version(number: int) -> Do:
    def delete(world: World) -> None:
        world.registry.delete(arn(number), world.now)
        world.acts += (Act(world.now, "revoke", arn(number)),)

    return delete


def _turn_out(number: int, quality: Quality) -> Do:
    """From now on the version is so."""

    def turn_out(world: World) -> None:
        world.qualities[arn(number)] = quality

    return turn_out


def _mend(number: int) -> Do:
    return _turn_out(number, Quality.GOOD)


def _approve_all(numbers: range) -> Do:
    """A script approves all of them."""

    def approve(world: World) -> None:
        for number in numbers:
            world.register(number)
            world.review(number, "Approved")

    return approve


def _pause(world: World) -> None:
    operator.pause(world, "release freeze")


def _retry(number: int) -> Do:
    return lambda world: operator.retry(world, number)


def _by_hand_to(number: int) -> Do:
    """Somebody puts the endpoint on the config that this version had."""

    def put(world: World) -> None:
        found = [name for name in world.hosting.configs if world.hosting.version(name) == arn(number)]
        by_hand(world, found[0])

    return put


def _mend_by_hand(world: World) -> None:
    """Somebody puts a config there that never served; one that did could as well be a rollback's."""
    world.hosting.configs["mended"] = dataclasses.replace(world.hosting.configs["by-hand"], name="mended")
    by_hand(world, "mended")


def _write_spec(world: World) -> None:
    world.write_spec(SPEC)


def _rename_variant(world: World) -> None:
    world.write_spec(dataclasses.replace(SPEC, variant=dataclasses.replace(SPEC.variant, name="Other")))


def _break_spec(world: World) -> None:
    """Somebody edits the parameter by hand."""
    name = names.spec_parameter(NAME)
    known = world.parameters[name]
    world.parameters[name] = Parameter("{}", known.version + 1, world.now)
    world.tell("Parameter Store Change", {"name": name})


def _delete_endpoint(world: World) -> None:
    world.hosting.delete(NAME)
    world.acts += (Act(world.now, "deleted"),)


def _burn(world: World) -> None:
    """A standing alarm fires, if what is live is of that kind."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and world.quality(world.hosting.version(endpoint.config)) is Quality.BURNS:
        burn(world, STANDING)


def _flap(world: World) -> None:
    """The standing alarm goes out and fires anew, for what still serves while it is being replaced."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is None or not endpoint.pending:
        return
    serving = world.hosting.version(endpoint.config)
    if world.quality(serving) is Quality.BURNS:
        world.suspected += (Suspected(world.now, world.hosting.version(endpoint.pending), serving),)
        world.alarms.set(STANDING, "OK", world.now)
        world.fire(STANDING)


def _burn_kpi(world: World) -> None:
    burn(world, KPI)


def _err_loudly(world: World) -> None:
    """A standing alarm sees the errors of the new fleet, too."""
    endpoint = world.hosting.endpoints.get(NAME)
    if endpoint is not None and endpoint.pending and (endpoint.taking_traffic or endpoint.returning):
        world.fire(STANDING)


def _alarm(name: str, state: str) -> Do:
    def set_state(world: World) -> None:
        if state == "ALARM":
            world.fire(name)
        else:
            world.alarms.set(name, state, world.now)

    return set_state


def _tag(tagged: bool) -> Do:
    def tag(world: World) -> None:
        world.hosting.endpoints[NAME] = dataclasses.replace(world.hosting.endpoints[NAME], tagged=tagged)

    return tag


def _force(status: str, reason: str | None = None) -> Do:
    return lambda world: world.hosting.force(NAME, status=status, reason=reason)


def _mend_endpoint(world: World) -> None:
    """AWS support does, unless somebody updated the endpoint meanwhile."""
    if world.hosting.endpoints[NAME].status not in IN_PROGRESS | {"InService"}:
        world.hosting.force(NAME, status="InService", reason=None)


def _resize(instance_type: str, count: int) -> Do:
    changed = dataclasses.replace(SPEC, variant=Variant(VARIANT, instance_type, count))
    return lambda world: world.write_spec(changed)


def _debug(world: World) -> None:
    """Another setting of how the variant serves, on the same fleet."""
    world.write_spec(dataclasses.replace(SPEC, serving=Serving(environment=(Variable("LOG_LEVEL", "debug"),))))


SCALED = Autoscaling(2, 8, 1000, 300, 300, (Scheduled("morning", "cron(0 8 * * ? *)", "UTC", 4, 8),))
MORE = dataclasses.replace(SCALED, maximum=16, scheduled=())


def _scale(autoscaling: Autoscaling | None, instance_type: str = "ml.m5.large") -> Do:
    variant = dataclasses.replace(SPEC.variant, instance_type=instance_type)
    changed = dataclasses.replace(SPEC, variant=variant, autoscaling=autoscaling)
    return lambda world: world.write_spec(changed)


def _delete_scaled_endpoint(world: World) -> None:
    _delete_endpoint(world)
    world.scaling.forget()


def _policy_by_hand(world: World) -> None:
    """Somebody's own policy beside the gate's."""
    world.scaling.policies["theirs"] = {"PolicyName": "theirs"}


def _no_policy_by_hand(world: World) -> None:
    world.scaling.policies.pop("theirs", None)


def _package_status(number: int, status: str) -> Do:
    def change(world: World) -> None:
        world.registry.put(dataclasses.replace(world.registry.packages[arn(number)], status=status), world.now)

    return change


def _ask_for_requests(otherwise: Otherwise) -> Do:
    return lambda world: world.write_spec(dataclasses.replace(SPEC, enough=Enough(100, otherwise)))


def _give_up_after(seconds: int) -> Do:
    return lambda world: world.write_spec(dataclasses.replace(SPEC, capacity_seconds=seconds))


def _stick(world: World) -> None:
    """The gate's update under way does not come to an end."""
    endpoint = world.hosting.endpoints[NAME]
    if endpoint.pending and not endpoint.by_hand:
        world.hosting.force(NAME, status="Updating", pending=endpoint.pending)


def _mend_endpoint_late(world: World) -> None:
    """AWS support ends what does not come to an end, unless that is somebody's own change by now."""
    endpoint = world.hosting.endpoints[NAME]
    if endpoint.status == "Updating" and not endpoint.by_hand:
        world.hosting.force(NAME, status="InService", reason=None)


def _destroy_stack(world: World) -> None:
    world.parameters.clear()


def _redeploy_stack(world: World) -> None:
    world.write_spec(SPEC, anew=True)


def _follow_other_group(world: World) -> None:
    world.register(1, group=OTHER_GROUP)
    world.review(1, "Approved", OTHER_GROUP)
    world.write_spec(dataclasses.replace(SPEC, model_package_group=OTHER_GROUP))


def _adopt(world: World) -> None:
    """An endpoint made by hand, on a model of version 1."""
    world.hosting.models["made-by-hand"] = Model(arn(1))
    world.hosting.configs["made-by-hand"] = Config("made-by-hand", "made-by-hand", VARIANT, 2, START)
    world.hosting.endpoints[NAME] = Endpoint(NAME, "InService", "made-by-hand", START - 5000)


def _adopt_other_variant(world: World) -> None:
    _adopt(world)
    world.hosting.configs["made-by-hand"] = Config("made-by-hand", "made-by-hand", "Other", 2, START)


def _patch(world: World) -> None:
    world.hosting.patch(NAME)


def _autoscale(world: World) -> None:
    world.scaling.register_by_hand()


SERVERLESS = Serverless(2048, 20)
UNGUARDED = dataclasses.replace(
    SPEC,
    variant=Variant(VARIANT, serverless=SERVERLESS),
    rollout=Rollout(Strategy.ALL_AT_ONCE, None, 0, 0, 1800),
)


def _write_serverless_spec(world: World) -> None:
    """What somebody may put there by hand is of the same kind, or AWS would take no update of the gate's any more."""
    known = world.hosting.configs["by-hand"]
    serverless = tuple(SERVERLESS.config.items())
    world.hosting.configs["by-hand"] = dataclasses.replace(known, serverless=serverless, instances=0, instance_type="")
    world.write_spec(UNGUARDED)


def _give_memory(world: World) -> None:
    variant = Variant(VARIANT, serverless=dataclasses.replace(SERVERLESS, memory_mb=3072))
    world.write_spec(dataclasses.replace(UNGUARDED, variant=variant))


_FIRST_SERVERLESS = script((0, _approve(1)), (10, _write_serverless_spec))

LATER = dataclasses.replace(SPEC, serving=Serving(asynchronous=Asynchronous("s3://example-inference/out/")))


def _write_asynchronous_spec(world: World) -> None:
    """What somebody may put there by hand is of the same kind, or the gate would hold all that comes after."""
    known = world.hosting.configs["by-hand"]
    world.hosting.configs["by-hand"] = dataclasses.replace(known, output="s3://example-inference/out/")
    world.write_spec(LATER)


_FIRST_ASYNCHRONOUS = script((0, _approve(1)), (10, _write_asynchronous_spec))

_FIRST = Scenario("first", "missing", script((0, _approve(1)), (10, _write_spec)))

_LIST = (
    Scenario("approve", "serving", script((10, _approve(2))), main=True),
    Scenario("first", "missing", _FIRST.acts, 600, main=True),
    Scenario("nothing", "missing", script((0, _write_spec)), 300),
    Scenario("create-fails", "missing", _FIRST.acts, 900, qualities=((1, Quality.SICK),)),
    Scenario("adopted", "adopted", script((0, _write_spec), (100, _approve(2)))),
    Scenario("two-at-once", "serving", script((10, _approve(2)), (10, _approve(3)))),
    Scenario("while-updating", "serving", script((10, _approve(2)), (200, _approve(3))), 2200),
    Scenario("older-one", "serving", script((10, _approve(3)), (1010, _approve(2))), 2200),
    Scenario("errs", "serving", script((10, _approve(2))), 700, main=True, qualities=((2, Quality.ERRS),)),
    Scenario(
        "errs-then-fixed",
        "serving",
        script((10, _approve(2)), (200, _approve(3))),
        1800,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario(
        "errs-approved-again",
        "serving",
        script((10, _approve(2)), (800, _mend(2)), (801, _approve(2))),
        2000,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario("sick", "serving", script((10, _approve(2))), 600, qualities=((2, Quality.SICK),)),
    Scenario("unlucky", "serving", script((10, _approve(2))), 2500, qualities=((2, Quality.UNLUCKY),)),
    Scenario("never-launched", "serving", script((10, _approve(2))), 4500, qualities=((2, Quality.DOOMED),)),
    Scenario(
        "scarce",
        "serving",
        script((10, _approve(2)), (7000, _mend(2))),
        12000,
        qualities=((2, Quality.SCARCE),),
    ),
    Scenario(
        "scarce-too-long",
        "serving",
        script((5, _give_up_after(600)), (10, _approve(2))),
        3000,
        qualities=((2, Quality.SCARCE),),
    ),
    Scenario("overdue", "serving", script((10, _approve(2)), (200, _stick), (6000, _mend_endpoint_late)), 8500),
    Scenario("older-last", "serving", script((10, _approve(3)), (12, _approve(2)))),
    Scenario(
        "late-event",
        "serving",
        script((10, _approve(2)), (400, _approve(3)), (499, _mend(2)), (500, _approve(2)), (550, _approve(8))),
        2200,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario("revoke-in-flight", "serving", script((10, _approve(2)), (200, _reject(2))), 800),
    Scenario("revoke-launching", "serving", script((10, _approve(2)), (60, _pend(2))), 800),
    Scenario("revoke-at-once", "serving", script((10, _approve(2)), (13, _reject(2))), 500),
    Scenario("revoke-and-back", "serving", script((10, _change_mind(2)), (400, _approve(3))), 2000),
    Scenario("revoke-and-back-late", "serving", script((10, _change_mind_twice)), 1800),
    Scenario("revoke-creating", "missing", (*_FIRST.acts, *script((60, _reject(1)))), 700),
    Scenario("revoke-live", "two", script((10, _reject(2))), main=True),
    Scenario("revoke-both", "two", script((10, _reject(2)), (11, _reject(1))), 900),
    Scenario("delete-live", "two", script((10, _delete_version(2)))),
    Scenario("revoke-only", "serving", script((10, _reject(1))), 400),
    Scenario("revoke-while-updating", "serving", script((10, _approve(2)), (200, _reject(1))), 1200),
    Scenario("burns", "serving", script((10, _approve(2)), (1300, _burn)), 2800, qualities=((2, Quality.BURNS),)),
    Scenario("by-hand", "serving", script((10, by_hand), (700, _approve(2))), 1800),
    Scenario("by-hand-after-approval", "serving", script((10, by_hand), (11, _approve(2))), 1400),
    Scenario(
        "by-hand-after-approvals",
        "serving",
        script((5, _pause), (10, _approve(3)), (15, _approve(3)), (20, by_hand), (300, operator.resume)),
        600,
    ),
    Scenario("deleted-by-hand", "serving", script((10, _delete_endpoint), (400, _approve(2))), 1000),
    Scenario("deleted-in-flight", "serving", script((10, _approve(2)), (300, _delete_endpoint)), 900),
    Scenario("edit", "serving", script((10, _edit(1)), (20, _approve(2)), (1000, _edit(2))), 1300),
    Scenario("approved-again", "serving", script((10, _approve(1))), 400),
    Scenario("resize", "serving", script((10, _resize("ml.m5.xlarge", 4)))),
    Scenario("settings", "serving", script((10, _debug))),
    Scenario("settings-errs", "serving", script((10, _debug)), 800, qualities=((1, Quality.ERRS),)),
    Scenario("resize-and-approve", "serving", script((10, _resize("ml.m5.xlarge", 4)), (200, _approve(2))), 2200),
    Scenario("resize-errs", "serving", script((10, _resize("ml.m5.xlarge", 4))), 800, qualities=((1, Quality.ERRS),)),
    Scenario(
        "autoscaled",
        "serving",
        script((9, _autoscale), (10, _resize("ml.m5.xlarge", 4)), (900, _resize("ml.m5.large", 2)), (901, _approve(2))),
        2200,
        ends_held=True,
    ),
    Scenario(
        "kpi-burns", "serving", script((5, _alarm(KPI, "ALARM")), (10, _approve(2)), (500, _alarm(KPI, "OK"))), 1800
    ),
    Scenario(
        "kpi-burns-revert", "two", script((5, _alarm(KPI, "ALARM")), (10, _reject(2)), (2000, _alarm(KPI, "OK"))), 1400
    ),
    Scenario(
        "kpi-burns-live",
        "two",
        script((5, _burn_kpi), (2000, _alarm(KPI, "OK"))),
        2400,
        qualities=((2, Quality.BURNS),),
    ),
    Scenario(
        "kpi-burns-and-replaced",
        "two",
        script(
            (4, _pause),
            (5, _burn_kpi),
            (6, _approve(3)),
            (300, operator.resume),
            (2000, _alarm(KPI, "OK")),
        ),
        3600,
    ),
    *(
        Scenario(
            f"inconclusive-{otherwise}",
            "serving",
            script((5, _ask_for_requests(otherwise)), (10, _approve(2))),
            2400,
        )
        for otherwise in Otherwise
    ),
    Scenario(
        "inconclusive-approved-again",
        "serving",
        script((5, _ask_for_requests(Otherwise.REVERT)), (10, _approve(2)), (300, _change_mind(2))),
        2400,
    ),
    Scenario("not-opted-in", "serving", script((5, _tag(False)), (10, _approve(2)), (500, _tag(True))), 1900),
    Scenario(
        "other-variant",
        "other-variant",
        script((0, _write_spec), (10, _approve(2))),
        500,
        ends_held=True,
    ),
    Scenario(
        "package-pending",
        "serving",
        script((9, _package_status(2, "InProgress")), (10, _approve(2)), (400, _package_status(2, "Completed"))),
        1600,
    ),
    Scenario("package-failed", "serving", script((9, _package_status(2, "Failed")), (10, _approve(2))), 400),
    Scenario(
        "out-of-service",
        "serving",
        script((10, _force("OutOfService")), (20, _approve(2)), (600, _mend_endpoint)),
        1900,
    ),
    Scenario(
        "rollback-failed",
        "serving",
        script((10, _approve(2)), (300, _force("UpdateRollbackFailed", "no capacity")), (900, _mend_endpoint)),
        2400,
    ),
    Scenario("unknown-status", "serving", script((10, _force("Hibernating")), (600, _mend_endpoint)), 900),
    Scenario(
        "failed", "serving", script((10, _force("Failed", "lost")), (500, _delete_endpoint), (510, _approve(2))), 1600
    ),
    Scenario("patched", "serving", script((10, _patch), (20, _approve(2))), 1500),
    Scenario("stack-gone", "serving", script((10, _approve(2)), (200, _destroy_stack)), 1800),
    Scenario("stack-anew", "serving", script((10, _destroy_stack), (400, _redeploy_stack), (600, _approve(2))), 1800),
    Scenario("other-group", "serving", script((10, _follow_other_group)), 600),
    Scenario("paused", "serving", script((5, _pause), (10, _approve(2))), 500, ends_held=True),
    Scenario("paused-and-resumed", "serving", script((5, _pause), (10, _approve(2)), (300, operator.resume)), 1400),
    Scenario(
        "paused-and-revoked",
        "serving",
        script((5, _pause), (10, _approve(2)), (100, _reject(2)), (300, operator.resume)),
        500,
    ),
    Scenario("paused-way-back", "two", script((5, _pause), (10, _reject(2)), (300, operator.resume)), 1400),
    Scenario(
        "paused-in-flight",
        "serving",
        script((10, _approve(2)), (200, _pause), (600, _approve(3)), (800, operator.resume)),
        2000,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario(
        "paused-creating",
        "missing",
        script((0, _write_spec), (5, _pause), (10, _approve(1)), (300, operator.resume)),
        900,
    ),
    Scenario(
        "retried",
        "serving",
        script((10, _approve(2)), (799, _mend(2)), (800, _retry(2))),
        2000,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario(
        "retried-in-vain", "serving", script((10, _approve(2)), (800, _retry(2))), 1500, qualities=((2, Quality.ERRS),)
    ),
    Scenario(
        "retried-after-other",
        "serving",
        script((10, _approve(2)), (600, _approve(3)), (1599, _mend(2)), (1600, _retry(2))),
        2800,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario("aborted", "serving", script((10, _approve(2)), (200, operator.abort)), 800),
    Scenario("aborted-launching", "serving", script((10, _approve(2)), (60, operator.abort), (65, _approve(3))), 2000),
    Scenario("aborted-creating", "missing", (*_FIRST.acts, *script((60, operator.abort))), 700),
    Scenario("serverless-first", "missing", _FIRST_SERVERLESS, 600),
    Scenario("serverless-approve", "serverless", script((10, _approve(2)))),
    Scenario(
        "serverless-burns",
        "serverless",
        script((10, _approve(2)), (600, _burn)),
        2000,
        qualities=((2, Quality.BURNS),),
    ),
    Scenario(
        "serverless-burns-and-replaced",
        "serverless",
        script((10, _approve(2)), (600, _burn), (600, _approve(3))),
        2000,
        qualities=((2, Quality.BURNS),),
    ),
    Scenario(
        "serverless-burns-flapping",
        "serverless",
        script((10, _approve(2)), (600, _burn), (735, _flap)),
        2000,
        qualities=((2, Quality.BURNS),),
    ),
    Scenario("serverless-sick", "serverless", script((10, _approve(2))), 900, qualities=((2, Quality.SICK),)),
    Scenario("serverless-unlucky", "serverless", script((10, _approve(2))), 2500, qualities=((2, Quality.UNLUCKY),)),
    Scenario("serverless-revoked", "serverless", script((10, _approve(2)), (60, _reject(2))), 900),
    Scenario("serverless-aborted", "serverless", script((10, _approve(2)), (60, operator.abort)), 900),
    Scenario(
        "serverless-kpi-burns",
        "serverless",
        script((5, _alarm(KPI, "ALARM")), (10, _approve(2)), (500, _alarm(KPI, "OK"))),
        1800,
    ),
    Scenario("serverless-memory", "serverless", script((10, _give_memory))),
    Scenario("serverless-to-instances", "serverless", script((10, _write_spec)), 400, ends_held=True),
    Scenario("instances-to-serverless", "serving", script((10, _write_serverless_spec)), 400, ends_held=True),
    Scenario("asynchronous-approve", "asynchronous", script((10, _approve(2)))),
    Scenario("asynchronous-errs", "asynchronous", script((10, _approve(2))), 700, qualities=((2, Quality.ERRS),)),
    Scenario("asynchronous-to-real-time", "asynchronous", script((10, _write_spec)), 400, ends_held=True),
    Scenario("real-time-to-asynchronous", "serving", script((10, _write_asynchronous_spec)), 400, ends_held=True),
    Scenario("stopped-first", "missing", (*_FIRST.acts, *script((10, operator.stop), (400, operator.resume_all))), 800),
    Scenario(
        "stopped-adopted",
        "adopted",
        script((0, _approve(3)), (2, operator.stop), (10, _write_spec), (100, _approve(2)), (400, operator.resume_all)),
        1500,
    ),
    Scenario(
        "aborted-and-retried", "serving", script((10, _approve(2)), (200, operator.abort), (800, _retry(2))), 2000
    ),
    Scenario("aborted-way-back", "two", script((10, _reject(2)), (200, operator.abort), (600, operator.resume)), 1800),
    Scenario("spec-broken", "serving", script((10, _break_spec), (20, _approve(2)), (700, _write_spec)), 1900),
    Scenario("resize-in-flight", "serving", script((10, _approve(2)), (200, _resize("ml.m5.xlarge", 4))), 2200),
    Scenario("variant-renamed", "serving", script((10, _rename_variant), (20, _approve(2)), (500, _write_spec)), 1900),
    Scenario(
        "package-pending-first",
        "missing",
        (*script((0, _package_status(1, "InProgress"))), *_FIRST.acts, *script((400, _package_status(1, "Completed")))),
        1200,
    ),
    Scenario(
        "burns-and-replaced",
        "serving",
        script((10, _approve(2)), (1300, _approve(3)), (1300, _burn)),
        2800,
        qualities=((2, Quality.BURNS),),
    ),
    Scenario(
        "burns-and-stays",
        "serving",
        script((10, _approve(2)), (1300, _burn), (1700, _alarm(STANDING, "OK"))),
        4500,
        qualities=((1, Quality.UNLUCKY), (2, Quality.BURNS)),
    ),
    Scenario(
        "errs-loudly",
        "serving",
        script((10, _approve(2)), (260, _err_loudly), (420, _alarm(STANDING, "OK"))),
        900,
        qualities=((2, Quality.ERRS),),
    ),
    Scenario(
        "rollback-failed-by-hand",
        "serving",
        script((10, _approve(2)), (300, _force("UpdateRollbackFailed", "no capacity")), (600, _mend_by_hand)),
        1200,
    ),
    Scenario("scaled", "serving", script((10, _scale(SCALED)), (100, _scale(MORE)), (200, _scale(None))), 500),
    Scenario("scaled-create", "missing", script((0, _approve(1)), (10, _scale(SCALED))), 600),
    Scenario("scaled-approve", "serving", script((10, _scale(SCALED)), (100, _approve(2)))),
    Scenario("scaled-in-flight", "serving", script((10, _approve(2)), (300, _scale(SCALED)))),
    Scenario("scaled-retyped", "serving", script((10, _scale(SCALED)), (100, _scale(SCALED, "ml.m5.xlarge")))),
    Scenario(
        "scaled-retyped-errs",
        "serving",
        script((10, _scale(SCALED)), (100, _scale(SCALED, "ml.m5.xlarge"))),
        qualities=((1, Quality.ERRS),),
    ),
    Scenario(
        "scaled-with-theirs",
        "serving",
        script(
            (10, _scale(SCALED)),
            (50, _policy_by_hand),
            (100, _scale(SCALED, "ml.m5.xlarge")),
            (1000, _no_policy_by_hand),
        ),
        2500,
    ),
    Scenario(
        "scaled-not-opted-in",
        "serving",
        script((5, _tag(False)), (10, _scale(SCALED)), (400, _tag(True))),
        2000,
    ),
    Scenario(
        "scaled-paused",
        "serving",
        script((5, _pause), (10, _scale(SCALED)), (400, operator.resume)),
        700,
    ),
    Scenario(
        "scaled-recreated",
        "serving",
        script((10, _scale(SCALED)), (100, _delete_scaled_endpoint), (400, _approve(2))),
    ),
    Scenario(
        "scaled-held",
        "serving",
        script((10, _scale(SCALED)), (100, _scale(SCALED, "ml.m5.xlarge")), (101.4, _alarm(KPI, "ALARM"))),
        ends_held=True,
    ),
    Scenario("adopted-scaled", "adopted", script((0, _scale(SCALED, "ml.m5.xlarge")), (100, _approve(2)))),
    Scenario(
        "adopted-autoscaled",
        "adopted",
        script((0, _autoscale), (1, _resize("ml.m5.xlarge", 2)), (100, _approve(2))),
        700,
    ),
    Scenario("adopted-busy", "adopted", script((0, by_hand), (10, _write_spec), (20, _approve(2))), 1500),
    Scenario("by-hand-older", "two", script((10, _by_hand_to(1)), (700, _approve(3))), 1900),
    Scenario("backlog", "serving", script((10, _approve_all(BACKLOG))), 1400),
    Scenario("many", "serving", script((10, _approve_all(MANY))), 1200),
)


_GOLDEN = golden.scenarios(_approve(2), _reject(2), (0, _approve(1)), _write_spec)
SCENARIOS = {scenario.name: scenario for scenario in (*_LIST, *_GOLDEN, *governed.SCENARIOS, *cleaned.SCENARIOS)}
SETUPS: dict[str, tuple[Timed, ...]] = {
    "missing": (),
    "adopted": script((0, _adopt)),
    "other-variant": script((0, _adopt_other_variant)),
    "serving": _FIRST.acts,
    "serverless": _FIRST_SERVERLESS,
    "asynchronous": _FIRST_ASYNCHRONOUS,
    "two": (*_FIRST.acts, *script((400, _approve(2)))),
    **governed.SETUPS,
    "three": (*_FIRST.acts, *script((400, _approve(2)), (1500, _approve(3)))),
}
