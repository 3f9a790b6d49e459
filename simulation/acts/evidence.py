"""What versions are made of and reported of: artifacts, images, reports; and whether they can be read."""

import dataclasses
import json

from simulation.example import VERSIONS, arn, artifact, report
from simulation.registry import AUTHOR
from simulation.scenario import Do
from simulation.storage import host
from simulation.world import World

IMAGE = f"{host()}/xgboost:1"


def make(number: int, *, f1: float = 0.9, author: str = AUTHOR, data: str = "", **container: str) -> Do:
    """What was registered under the number, with what it is made of."""

    def make(world: World) -> None:
        made = {"Image": IMAGE, "ModelDataUrl": data or artifact(number), **container}
        specification = {"Containers": [made], "SupportedContentTypes": ["text/csv"]}
        statistics = {"Statistics": {"ContentType": "application/json", "S3Uri": report(number)}}
        registered = dataclasses.replace(
            world.registry.packages[arn(number)],
            created=world.now,  # So it is another version, though it bears the number of one that was there.
            author=author,
            by=author,
            specification=json.dumps(specification),
            metrics=json.dumps({"ModelQuality": statistics}),
        )
        del world.registry.packages[arn(number)]
        world.registry.put(registered, world.now)
        world.storage.write(made["ModelDataUrl"], f"weights {number}", world.now)
        write_report(number, f1)(world)

    return make


def make_all(world: World) -> None:
    world.storage.tag(IMAGE, "sha256:1", world.now)
    for number in VERSIONS:
        make(number, ImageDigest="sha256:1")(world)


def write_report(number: int, f1: float) -> Do:
    return lambda world: world.storage.write(report(number), json.dumps({"f1": f1}), world.now)


def no_report(number: int) -> Do:
    return lambda world: world.storage.remove(report(number), world.now)


def rewrite(number: int) -> Do:
    return lambda world: world.write_artifact(number)


def retrain(number: int) -> Do:
    return lambda world: world.write_artifact(number, "other weights")


def lose(number: int) -> Do:
    return lambda world: world.storage.remove(artifact(number), world.now)


def move_tag(digest: str) -> Do:
    return lambda world: world.storage.tag(IMAGE, digest, world.now)


def untag(world: World) -> None:
    world.storage.tag(IMAGE, "", world.now)
    del world.storage.images[IMAGE]


def deny(denied: bool) -> Do:
    def deny(world: World) -> None:
        world.storage.is_denied = denied

    return deny


def have_trail(world: World) -> None:
    world.has_trail = True
