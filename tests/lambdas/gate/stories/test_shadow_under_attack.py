"""The rung of a shadow, when somebody interferes or AWS fails: the whole deployer, with fakes of AWS."""

from lambdas.gate.decide.action import Close, Wait
from lambdas.gate.state.attempt import Outcome
from lambdas.gate.state.observed import Container
from tests.lambdas.builders import arn
from tests.lambdas.fakes import World
from tests.lambdas.gate.stories.test_shadow import world

__all__ = ["world"]


def test_a_live_version_that_is_changed_and_changed_back_while_its_model_is_made_is_not_launched(world: World) -> None:
    """The model may have what it was meanwhile, whatever the version is now."""

    def change(version: str) -> None:
        if version == arn(1):
            world.now += 1
            world.change(1)

    world.hosting.at_model = change
    closed = world.reconcile()
    assert (type(closed), world.hosting.accepted) == (Close, [])
    assert (closed.outcome, closed.quarantine) == (Outcome.FAILED, False)
    assert "FraudDetectionGroup/1 was changed while its model was made" in closed.reason


def test_a_live_version_whose_model_loads_something_else_is_not_launched(world: World) -> None:
    """SageMaker may show what a model loads, and of the version's own model it shows nothing here."""
    world.hosting.loaded_by_version[arn(1)] = (Container("elsewhere/image"),)
    closed = world.reconcile()
    assert (type(closed), world.hosting.accepted) == (Close, [])
    assert (closed.outcome, closed.quarantine) == (Outcome.FAILED, False)
    assert "of FraudDetectionGroup/1, which is live and would be launched anew, its model runs the image" in (
        closed.reason
    )


def test_the_model_of_the_live_version_has_to_be_visible(world: World) -> None:
    world.hosting.loaded_by_version[arn(1)] = None
    waits = world.reconcile()
    assert (type(waits), waits.reason.endswith(" is not visible yet"), world.head.attempt) == (Wait, True, None)
