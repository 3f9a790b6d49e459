"""What versions are made of, what is reported about them, and whether that can be read."""

import dataclasses
import json
from typing import Any

from simulation.scenarios.scenario import Do
from simulation.world.example import VERSIONS, arn, artifact, code, report, second_artifact
from simulation.world.people import AUTHOR
from simulation.world.registry import HERE
from simulation.world.world import World
from world.storage import Object, host

IMAGE = f"{host(HERE)}/xgboost:1"


def make(number: int, *more: dict[str, Any], f1: float = 0.9, author: str = AUTHOR, data: str = "", **first: Any) -> Do:
    """Register the version of this number, with a first container and more of them, and write its files."""

    def make(world: World) -> None:
        containers = [{"Image": IMAGE, "ModelDataUrl": data or artifact(number), **first}, *more]
        specification = {"Containers": containers, "SupportedContentTypes": ["text/csv"]}
        statistics = {"Statistics": {"ContentType": "application/json", "S3Uri": report(number)}}
        metrics = {"ModelQuality": statistics}
        world.register(number, author=author, InferenceSpecification=specification, ModelMetrics=metrics)
        for container in containers:
            world.storage.write(container["ModelDataUrl"], f"weights {number}", world.now)
        write_report(number, f1)(world)

    return make


def make_all(world: World) -> None:
    world.storage.tag(IMAGE, "sha256:1", world.now)
    for number in VERSIONS:
        make(number, ImageDigest="sha256:1")(world)


def make_two(number: int, **last: str) -> Do:
    """Register the version with two containers. The second one has these fields."""
    container = {"Image": IMAGE, "ModelDataUrl": second_artifact(number), "ImageDigest": "sha256:1"} | last
    return make(number, container, ImageDigest="sha256:1")


def make_scripted(number: int) -> Do:
    """Register the version with code that its environment names."""
    environment = {"SAGEMAKER_SUBMIT_DIRECTORY": code(number), "SAGEMAKER_PROGRAM": "inference.py"}
    scripted = make(number, ImageDigest="sha256:1", Environment=environment)

    def make_scripted(world: World) -> None:
        scripted(world)
        world.storage.write(code(number), f"code {number}", world.now)

    return make_scripted


def make_from_hub(number: int) -> Do:
    """Register the version with a model that its container downloads, of whatever is the newest revision."""
    return make(number, ImageDigest="sha256:1", Environment={"HF_MODEL_ID": "example/encoder"})


def write_report(number: int, f1: float) -> Do:
    return lambda world: world.storage.write(report(number), json.dumps({"f1": f1}), world.now)


def garble_report(number: int, text: str) -> Do:
    """Write a report that is not what a report is."""
    return lambda world: world.storage.write(report(number), text, world.now)


def no_report(number: int) -> Do:
    return lambda world: world.storage.remove(report(number), world.now)


def never_reported(number: int) -> Do:
    """Register the version again, without ModelMetrics."""

    def forget(world: World) -> None:
        world.register(number, InferenceSpecification=world.registry.packages[arn(number)].specification)
        no_report(number)(world)

    return forget


def rewrite(number: int) -> Do:
    return lambda world: world.write_artifact(number)


def rewrite_second(number: int) -> Do:
    return lambda world: world.write_artifact(number, uri=second_artifact(number))


def rewrite_code(number: int) -> Do:
    return lambda world: world.write_artifact(number, uri=code(number))


def retrain(number: int) -> Do:
    return lambda world: world.write_artifact(number, "other weights")


def lose(number: int) -> Do:
    return lambda world: world.storage.remove(artifact(number), world.now)


def put_back(number: int) -> Do:
    """Put back the artifact as it was at first, as a bucket with versions can."""

    def put_back(world: World) -> None:
        place = artifact(number)
        first = next(what for _, known, what in world.storage.history if known == place)
        if isinstance(first, Object):
            world.storage.put_back(place, first, world.now)

    return put_back


def delete_image(world: World) -> None:
    """Delete the image that all versions run, as a lifecycle policy of ECR may."""
    world.storage.delete_image(IMAGE, "sha256:1", world.now)


def move_tag(digest: str) -> Do:
    return lambda world: world.storage.tag(IMAGE, digest, world.now)


def untag(world: World) -> None:
    world.storage.tag(IMAGE, "", world.now)
    del world.storage.images[IMAGE]


def deny(denied: bool) -> Do:
    def deny(world: World) -> None:
        world.has_no_buckets = denied

    return deny


def have_trail(world: World) -> None:
    world.assumptions = dataclasses.replace(world.assumptions, account_has_trail=True)
