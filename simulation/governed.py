"""Scenarios of a gate that asks for more than an approval: every version has an artifact, an image and a report."""

import dataclasses
import json
from typing import Any

from lambdas.gate import alarms, codec, names
from lambdas.gate.approval import Approval
from lambdas.gate.head import Head, Live, SpecSeen
from lambdas.gate.ledger import HEAD, partition
from lambdas.gate.spec import Condition, Freeze, Gate, Mode, Soak, Stage
from simulation import operator, policy
from simulation.example import NAME, SPEC, STAGING, VERSIONS, arn, artifact, report
from simulation.history import Act
from simulation.parameters import Parameter
from simulation.registry import ACCOUNT, AUTHOR, NOBODY, PUBLISHER_ARN
from simulation.scenario import Do, Scenario, script
from simulation.storage import host
from simulation.world import World

IMAGE = f"{host()}/xgboost:1"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/data-science/"
"""A role that several share."""
F1 = "metrics.ModelQuality.Statistics.f1"
CONDITIONS = {
    "f1": f"{F1} >= `0.8`",
    "no-worse": f"live == `null` || {F1} >= live.{F1}",
    "risk-review": "customer_metadata.risk == 'passed'",
}
FREEZE = Freeze("15 9 * * *", 0.25, "Europe/Vienna")
"""The one of `policy.FREEZE`: an hour earlier in UTC."""
PRODUCTION, RETIRED = ("Production", "Approved"), ("Production", "Retired")


def _require(*conditions: str) -> tuple[Condition, ...]:
    return tuple(Condition(name, CONDITIONS[name]) for name in conditions)


def _ask(**policy: Any) -> Do:
    return lambda world: world.write_spec(dataclasses.replace(SPEC, gate=Gate(**policy)))


def _make(number: int, *, f1: float = 0.9, author: str = AUTHOR, data: str = "", **container: str) -> Do:
    """What was registered under the number, with what it is made of."""

    def make(world: World) -> None:
        made = {"Image": IMAGE, "ModelDataUrl": data or artifact(number), **container}
        specification = {"Containers": [made], "SupportedContentTypes": ["text/csv"]}
        statistics = {"Statistics": {"ContentType": "application/json", "S3Uri": report(number)}}
        registered = dataclasses.replace(
            world.registry.packages[arn(number)],
            author=author,
            by=author,
            specification=json.dumps(specification),
            metrics=json.dumps({"ModelQuality": statistics}),
        )
        del world.registry.packages[arn(number)]
        world.registry.put(registered, world.now)
        world.storage.write(made["ModelDataUrl"], f"weights {number}", world.now)
        _report(number, f1)(world)

    return make


def _make_all(world: World) -> None:
    world.storage.tag(IMAGE, "sha256:1", world.now)
    for number in VERSIONS:
        _make(number, ImageDigest="sha256:1")(world)


def _report(number: int, f1: float) -> Do:
    return lambda world: world.storage.write(report(number), json.dumps({"f1": f1}), world.now)


def _no_report(number: int) -> Do:
    return lambda world: world.storage.remove(report(number), world.now)


def _approve(number: int, by: str | None = None) -> Do:
    if by is None:
        return lambda world: world.review(number, "Approved")
    return lambda world: world.review(number, "Approved", by=by)


def _reject(number: int) -> Do:
    return lambda world: world.review(number, "Rejected")


def _promote(number: int, stage: tuple[str, str]) -> Do:
    return lambda world: world.promote(number, stage)


def _at_stage(number: int) -> Do:
    """Registered so."""

    def put(world: World) -> None:
        world.registry.put(dataclasses.replace(world.registry.packages[arn(number)], stage=PRODUCTION), world.now)

    return put


def _edit(number: int, **metadata: str) -> Do:
    return lambda world: world.edit(number, **metadata)


def _rewrite(number: int) -> Do:
    return lambda world: world.write_artifact(number)


def _retrain(number: int) -> Do:
    return lambda world: world.write_artifact(number, "other weights")


def _lose(number: int) -> Do:
    return lambda world: world.storage.remove(artifact(number), world.now)


def _specify(number: int, **container: Any) -> Do:
    return lambda world: world.specify(number, **container)


def _tag(digest: str) -> Do:
    return lambda world: world.storage.tag(IMAGE, digest, world.now)


def _untag(world: World) -> None:
    world.storage.tag(IMAGE, "", world.now)
    del world.storage.images[IMAGE]


def _deny(denied: bool) -> Do:
    def deny(world: World) -> None:
        world.storage.is_denied = denied

    return deny


def _have_trail(world: World) -> None:
    world.has_trail = True


def _override(check: str) -> Do:
    return lambda world: operator.override(world, 2, check)


def _pause_all(world: World) -> None:
    operator.pause(world, "audit", names.ALL)


def _resume_all(world: World) -> None:
    operator.resume(world, names.ALL)
    world.send(json.dumps({"endpoint": SPEC.endpoint}), 0)


def _have_staging(world: World) -> None:
    _stage(world, None)
    world.parameters[names.spec_parameter(STAGING.endpoint)] = Parameter(STAGING.to_json(), 1, world.now)
    for name in alarms.standing_names(STAGING):
        world.alarms.put_metric_alarm({"AlarmName": name, "Dimensions": [], "MetricName": "standing"}, world.now)


def _delete(world: World) -> None:
    world.hosting.delete(NAME)
    world.acts += (Act(world.now, "deleted"),)


def _soak(number: int) -> Do:
    """It goes live on the other endpoint."""

    def soak(world: World) -> None:
        _stage(world, Live("staging", world.now, Approval(1, arn(number), world.now, None), "settings"))
        world.soaks += ((world.now, arn(number)),)

    return soak


def _stage(world: World, live: Live | None) -> None:
    head = Head(STAGING.endpoint, SpecSeen(1, world.now), world.now, live=live)
    key = {"pk": {"S": partition(STAGING.endpoint)}, "sk": {"S": HEAD}}
    item = key | {"revision": {"N": "1"}, "head": {"S": codec.encode(head)}}
    world.table.items[partition(STAGING.endpoint), HEAD] = item


def _burn_staging(world: World) -> None:
    world.alarms.set(alarms.standing_names(STAGING)[0], "ALARM", world.now)


SCENARIOS = (
    Scenario("adopted-approved-again", "adopted", script((0, _approve(1)), (1, _ask()), (100, _approve(1))), 400),
    Scenario("pinned", "governed", script((10, _approve(2)))),
    Scenario("copied", "copied", script((1, _ask(four_eyes=True)), (10, _approve(2))), copied=True),
    Scenario(
        "four-eyes",
        "governed",
        script(
            (0, _make(2, author=f"{SESSION}ann")),
            (1, _ask(four_eyes=True)),
            (10, _approve(2, f"{SESSION}bo")),
            (200, _approve(2)),
        ),
        900,
    ),
    Scenario(
        "four-eyes-first",
        "made",
        script(
            (0, _approve(1, AUTHOR)),
            (10, _ask(four_eyes=True)),
            (100, _approve(1, PUBLISHER_ARN)),
            (200, _approve(1)),
        ),
        600,
    ),
    Scenario(
        "witnessed",
        "governed",
        script((0, _have_trail), (1, _ask(four_eyes=True)), (5, _reject(3)), (10, _approve(2)), (11, _edit(2))),
        900,
    ),
    Scenario(
        "disputed",
        "governed",
        script(
            (0, _have_trail),
            (1, _ask(four_eyes=True, require=_require("risk-review"))),
            (10, _approve(2)),
            (10.5, _edit(2)),
            (100, _edit(2, risk="passed")),
            (300, _approve(2)),
        ),
        900,
    ),
    Scenario(
        "hidden",
        "governed",
        script((1, _ask(four_eyes=True)), (10, _approve(2, AUTHOR)), (11, _edit(2)), (400, _approve(2))),
        1000,
    ),
    Scenario(
        "deleted-while-held",
        "governed",
        script(
            (1, _ask(require=_require("risk-review"))),
            (10, _approve(2)),
            (100, _delete),
            (400, _edit(2, risk="passed")),
        ),
        900,
    ),
    Scenario(
        "chosen",
        "governed",
        script(
            (1, _ask(approvers=("user/reviewer",))),
            (10, _approve(2, AUTHOR)),
            (11, _edit(2)),
            (100, _approve(2, AUTHOR)),
            (200, _approve(2)),
        ),
        600,
    ),
    Scenario(
        "swapped",
        "governed",
        script(
            (1, _ask(require=_require("risk-review"))),
            (10, _approve(2)),
            (100, _rewrite(2)),
            (150, _edit(2, risk="passed")),
            (400, _approve(2)),
        ),
        1000,
    ),
    Scenario(
        "anonymous",
        "governed",
        script(
            (0, _make(2, author=NOBODY)),
            (1, _ask(four_eyes=True)),
            (10, _approve(2, NOBODY)),
            (100, _approve(2)),
            (300, _override("four_eyes")),
        ),
        900,
    ),
    Scenario(
        "artifact-gone",
        "governed",
        script(
            (1, _ask(require=_require("risk-review"))),
            (10, _approve(2)),
            (100, _lose(2)),
            (150, _edit(2, risk="passed")),
        ),
        500,
    ),
    Scenario("swapped-unseen", "governed", script((10, _approve(2)), (11, _rewrite(2)), (300, _approve(2))), 900),
    Scenario("swapped-in-flight", "governed", script((10, _approve(2)), (200, _rewrite(2)), (900, _approve(2))), 1600),
    Scenario(
        "swapped-way-back",
        "governed-two",
        script((10, _approve(3)), (900, _retrain(2)), (910, _reject(3))),
        1200,
    ),
    Scenario(
        "respecified",
        "governed",
        script(
            (1, _ask(require=_require("risk-review"), pin=False)),
            (10, _approve(2)),
            (100, _rewrite(2)),
            (110, _specify(2, Environment={"THRESHOLD": "0"})),
            (150, _edit(2, risk="passed")),
            (400, _approve(2)),
        ),
        1000,
    ),
    Scenario(
        "unpinned",
        "governed",
        script(
            (1, _ask(require=_require("risk-review"), pin=False)),
            (10, _approve(2)),
            (100, _rewrite(2)),
            (150, _edit(2, risk="passed")),
        ),
        600,
    ),
    Scenario(
        "tag-moved",
        "governed",
        script(
            (0, _make(2)),
            (1, _ask(images=(IMAGE,), require=_require("risk-review"))),
            (10, _approve(2)),
            (100, _tag("sha256:2")),
            (150, _edit(2, risk="passed")),
            (400, _approve(2)),
        ),
        1000,
    ),
    Scenario(
        "untagged",
        "governed",
        script((0, _make(2)), (1, _ask(images=("other",))), (5, _untag), (10, _approve(2)), (100, _tag("sha256:3"))),
        400,
    ),
    Scenario(
        "regressed",
        "governed",
        script(
            (0, _make(2, f1=0.85, ImageDigest="sha256:1")),
            (1, _ask(require=_require("f1", "no-worse"))),
            (10, _approve(2)),
            (300, _report(2, 0.95)),
        ),
        900,
    ),
    Scenario("first-required", "made", script((0, _approve(1)), (10, _ask(require=_require("no-worse")))), 500),
    Scenario(
        "unreported",
        "governed",
        script((0, _no_report(1)), (1, _ask(require=_require("no-worse"))), (10, _approve(2)), (300, _report(1, 0.7))),
        900,
    ),
    Scenario("unreadable", "governed", script((5, _deny(True)), (10, _approve(2)), (300, _deny(False))), 900),
    Scenario("frozen", "governed", script((1, _ask(freeze=(FREEZE,))), (500, _approve(2))), 1500),
    Scenario(
        "soaked",
        "governed",
        script(
            (0, _have_staging),
            (1, _ask(soak=Soak(STAGING.endpoint, policy.SOAK_SECONDS / 3600))),
            (10, _approve(2)),
            (100, _soak(2)),
        ),
        2300,
    ),
    Scenario(
        "overridden",
        "governed",
        script(
            (0, _have_staging),
            (1, _ask(soak=Soak(STAGING.endpoint, policy.SOAK_SECONDS / 3600))),
            (5, _soak(2)),
            (6, _burn_staging),
            (10, _approve(2)),
            (300, _override("soak")),
        ),
        900,
    ),
    Scenario(
        "overridden-before",
        "governed",
        script(
            (0, _have_staging),
            (1, _ask(soak=Soak(STAGING.endpoint, policy.SOAK_SECONDS / 3600))),
            (5, _soak(2)),
            (6, _burn_staging),
            (10, _approve(2)),
            (250, _pause_all),
            (300, _override("soak")),
            (350, _approve(2)),
            (400, _resume_all),
        ),
        2200,
    ),
    Scenario(
        "advised",
        "governed",
        script(
            (0, _make(2, data="s3://elsewhere/2.tar.gz", ImageDigest="sha256:1")),
            (1, _ask(mode=Mode.ADVISE, four_eyes=True, require=_require("risk-review"))),
            (10, _approve(2, AUTHOR)),
            (300, _override("artifacts")),
        ),
        900,
    ),
    Scenario("all-paused", "governed", script((5, _pause_all), (10, _approve(2)), (300, _resume_all)), 1000),
    Scenario("all-paused-way-back", "governed-two", script((5, _pause_all), (10, _reject(2)), (300, _resume_all)), 900),
    Scenario(
        "staged",
        "staged",
        script((10, _approve(2)), (100, _promote(2, PRODUCTION)), (1000, _promote(2, RETIRED))),
        1300,
    ),
    Scenario(
        "left-in-flight",
        "staged",
        script((10, _approve(2)), (20, _promote(2, PRODUCTION)), (200, _promote(2, RETIRED))),
        700,
    ),
    Scenario(
        "stage-asked-for",
        "governed",
        script((10, _ask(stage=Stage(*PRODUCTION))), (100, _at_stage(2)), (110, _approve(2))),
        600,
    ),
    Scenario(
        "held-behind",
        "governed",
        script(
            (1, _ask(require=_require("risk-review"))),
            (5, _edit(2, risk="passed")),
            (10, _approve(3)),
            (20, _approve(2)),
            (21, _approve(3)),
        ),
        600,
    ),
)

_FIRST = script((0, _make_all), (1, _approve(1)), (10, _ask()))
SETUPS = {
    "made": script((0, _make_all)),
    "governed": _FIRST,
    "copied": _FIRST,
    "governed-two": (*_FIRST, *script((400, _approve(2)))),
    "staged": script((0, _make_all), (0, _at_stage(1)), (1, _approve(1)), (10, _ask(stage=Stage(*PRODUCTION)))),
}
SETUP_SECONDS = {"made": 2.0, "governed": 400.0, "copied": 400.0, "governed-two": 1500.0, "staged": 400.0}
