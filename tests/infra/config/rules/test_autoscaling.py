"""The autoscaling section: what of it reaches the spec, and what is refused."""

import pytest

from infra.config.load import load
from infra.config.spec import spec
from lambdas.gate.spec.autoscaling import Autoscaling, Scheduled
from tests.infra.config.mistakes import mistakes
from tests.infra.config.test_load import endpoints, problems, text
from tests.infra.conftest import ROOT

KEYS = "min: 2, max: 8, invocations_per_instance: 1000"
VARIANT = "{instance_type: ml.m5.large, instance_count: 2}"


def autoscaling(keys: str) -> Autoscaling | None:
    (endpoint,) = endpoints(text(variant=VARIANT, autoscaling=keys))
    return spec(endpoint.name, endpoint.entry, "role").autoscaling


def test_every_key_of_the_example_reaches_the_spec() -> None:
    (endpoint,) = load(ROOT / "docs" / "examples" / "autoscaling.yaml").endpoints
    assert spec(endpoint.name, endpoint.entry, "role").autoscaling == Autoscaling(
        minimum=2,
        maximum=8,
        invocations_per_instance=1000,
        scale_in_cooldown_seconds=600,
        scale_out_cooldown_seconds=60,
        scheduled=(
            Scheduled("evening", "cron(0 20 ? * MON-FRI *)", "Europe/Berlin", 2, 8),
            Scheduled("morning", "cron(0 8 ? * MON-FRI *)", "Europe/Berlin", 4, 8),
        ),
    )


def test_three_keys_are_required_and_none_is_no_autoscaling() -> None:
    assert autoscaling(f"{{{KEYS}}}") == Autoscaling(2, 8, 1000, 300, 300)
    assert autoscaling("null") is None


@pytest.mark.parametrize(("mistake", "message"), mistakes("autoscaling_mistakes.txt"))
def test_a_mistake_is_explained(mistake: str, message: str) -> None:
    """The sections of a mistake stand on one line, with ` | ` in between."""
    sections = dict(section.split(": ", 1) for section in mistake.split(" | "))
    assert problems(text(**{"variant": VARIANT} | sections)) == f"endpoints.yaml has 1 problem:\n\n{message}"
