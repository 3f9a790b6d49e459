"""The product's boundaries let no mistake of the program out; the simulation sees it all the same."""

import pytest

from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.janitor.janitor import Janitor
from lambdas.publisher import publisher
from simulation.campaign import search
from simulation.campaign.schedule import Schedule


@pytest.mark.parametrize("mistake", [ZeroDivisionError("a"), TypeError("b"), RecursionError("c")], ids=repr)
@pytest.mark.parametrize(
    ("scenario", "holder", "name"),
    [
        ("approve", Reconciler, "reconcile"),
        ("approve", publisher, "event"),
        ("cleaned", Janitor, "_clean"),
    ],
    ids=["deployer", "publisher", "janitor"],
)
def test_a_mistake_is_a_violation(
    monkeypatch: pytest.MonkeyPatch, scenario: str, holder: object, name: str, mistake: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise mistake

    assert search.replay(Schedule(scenario)) == ()  # What was there before is made by the product as it is.
    monkeypatch.setattr(holder, name, fail)
    assert f"the product raised {mistake!r}" in search.replay(Schedule(scenario))
