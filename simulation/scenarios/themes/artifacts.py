"""Scenarios about versions that are changed between their approval and their rollout."""

from simulation.scenarios.acts.conditions import ask, require
from simulation.scenarios.acts.endpoints import adopt
from simulation.scenarios.acts.evidence import (
    IMAGE,
    deny,
    lose,
    make,
    make_from_hub,
    make_scripted,
    make_two,
    move_tag,
    retrain,
    rewrite,
    rewrite_code,
    rewrite_second,
    untag,
)
from simulation.scenarios.acts.specs import write_spec
from simulation.scenarios.acts.versions import approve, edit, register, register_all, reject, specify
from simulation.scenarios.scenario import Scenario, script
from simulation.world.example import artifact

SCENARIOS = (
    Scenario(
        "artifact-gone",
        "governed",
        script(
            (1, ask(require=require("risk-review"))),
            (10, approve(2)),
            (100, lose(2)),
            (150, edit(2, risk="passed")),
        ),
        500,
    ),
    Scenario(  # no reconcile saw it before its approval, so only the time of its artifact tells
        "swapped-unseen",
        "governed",
        script((10, make(2, ImageDigest="sha256:1")), (10, approve(2)), (11, rewrite(2)), (300, approve(2))),
        900,
    ),
    Scenario("swapped-before", "governed", script((5, rewrite(2)), (10, approve(2)), (200, approve(2))), 600),
    Scenario(
        "code-swapped-before",
        "governed",
        script((0, make_scripted(2)), (1, ask()), (5, rewrite_code(2)), (10, approve(2)), (200, approve(2))),
        600,
    ),
    Scenario(
        "tag-moved-before",
        "governed",
        script((0, make(2)), (1, ask()), (5, move_tag("sha256:2")), (10, approve(2))),
        500,
    ),
    Scenario(
        "swapped-in-flight",
        "governed",
        script((10, make(2, ImageDigest="sha256:1")), (10, approve(2)), (200, rewrite(2)), (900, approve(2))),
        1600,
    ),
    Scenario(  # the live version was approved at adoption, and recorded then
        "swapped-live",
        "made",
        script((0, adopt), (1, approve(1)), (10, ask()), (100, rewrite(1)), (110, approve(1))),
        500,
    ),
    Scenario(
        "respecified-live",
        "made",
        script(
            (0, adopt),
            (1, approve(1)),
            (10, ask()),
            (100, specify(1, Environment={"THRESHOLD": "0"})),
            (110, approve(1)),
        ),
        500,
    ),
    Scenario(  # nothing was recorded before its approval, so it needs another one
        "unreadable-unrecorded",
        "governed",
        script(
            (5, deny(True)),
            (10, make(2, ImageDigest="sha256:1")),
            (10, approve(2)),
            (300, deny(False)),
            (400, approve(2)),
        ),
        900,
    ),
    Scenario(
        "swapped-way-back",
        "governed-two",
        script((10, approve(3)), (900, retrain(2)), (910, reject(3))),
        1200,
    ),
    Scenario(  # the revert goes on to version 1
        "gone-way-back",
        "governed-two",
        script((10, approve(3)), (900, lose(2)), (910, reject(3))),
        1200,
    ),
    Scenario(
        "respecified",
        "governed",
        script(
            (1, ask(require=require("risk-review"), pin=False)),
            (10, approve(2)),
            (100, rewrite(2)),
            (110, specify(2, Environment={"THRESHOLD": "0"})),
            (150, edit(2, risk="passed")),
            (400, approve(2)),
        ),
        1000,
    ),
    Scenario(  # no reconcile saw it before its approval, so only the approval tells what it was
        "respecified-unseen",
        "governed",
        script(
            (1, ask(require=require("risk-review"), pin=False)),
            (10, make(2)),
            (10, approve(2)),
            (110, specify(2, Environment={"THRESHOLD": "0"})),
            (150, edit(2, risk="passed")),
            (400, approve(2)),
        ),
        1000,
    ),
    Scenario(
        "respecified-before",
        "governed",
        script((5, specify(2, Environment={"THRESHOLD": "0"})), (10, approve(2)), (200, approve(2))),
        600,
    ),
    Scenario(
        "registered-before",
        "adopted",
        script((0, register_all(range(20, 42))), (5, approve(1)), (9, write_spec)),
    ),
    Scenario(
        "adopted-way-back",
        "made",
        script((0, adopt), (1, approve(1)), (10, ask()), (100, approve(2)), (1100, reject(2))),
        1500,
    ),
    Scenario(
        "registered",
        "governed",
        script((5, register(10)), (30, approve(10))),
        900,
    ),
    Scenario(
        "registered-anew",
        "governed",
        script((5, register(10)), (40, specify(10, ModelDataUrl=artifact(3))), (60, approve(10)), (100, register(11))),
        900,
    ),
    Scenario(
        "respecified-adopted",
        "made",
        script(
            (0, adopt),
            (1, approve(1)),
            (10, ask()),
            (100, approve(2)),
            (1000, specify(1, Environment={"THRESHOLD": "0"})),
            (1100, reject(2)),
        ),
        1500,
    ),
    Scenario(
        "unpinned",
        "governed",
        script(
            (1, ask(require=require("risk-review"), pin=False)),
            (10, approve(2)),
            (100, rewrite(2)),
            (150, edit(2, risk="passed")),
            (1000, approve(2)),
        ),
        1400,
    ),
    Scenario(
        "tag-moved",
        "governed",
        script(
            (0, ask(images=(IMAGE,), require=require("risk-review"))),
            (10, make(2)),
            (10, approve(2)),
            (100, move_tag("sha256:2")),
            (150, edit(2, risk="passed")),
            (400, approve(2)),
        ),
        1000,
    ),
    Scenario(
        "swapped-second",
        "governed",
        script(
            (0, make_two(2)),
            (1, ask(require=require("risk-review"))),
            (10, approve(2)),
            (100, rewrite_second(2)),
            (150, edit(2, risk="passed")),
        ),
        500,
    ),
    Scenario(
        "swapped-code",
        "governed",
        script(
            (0, make_scripted(2)),
            (1, ask(require=require("risk-review"))),
            (10, approve(2)),
            (100, rewrite_code(2)),
            (150, edit(2, risk="passed")),
        ),
        500,
    ),
    Scenario(
        "from-a-hub",
        "governed",
        script((0, make_from_hub(2)), (10, approve(2)), (300, ask(pin=False))),
        900,
    ),
    Scenario(
        "second-elsewhere",
        "governed",
        script((0, make_two(2, ModelDataUrl="s3://elsewhere/2.tar.gz")), (10, approve(2))),
        400,
    ),
    Scenario(
        "second-of-others",
        "governed",
        script((0, make_two(2, Image=f"{IMAGE}-own")), (1, ask(images=(IMAGE,))), (10, approve(2))),
        400,
    ),
    Scenario(
        "untagged",
        "governed",
        script((0, make(2)), (1, ask(images=("other",))), (5, untag), (10, approve(2)), (100, move_tag("sha256:3"))),
        400,
    ),
)
