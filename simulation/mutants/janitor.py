"""Mutants of the janitor: its claim, and what it takes for garbage."""

from dataclasses import replace

from lambdas.gate.decide import baseline
from lambdas.gate.reconcile.reconciler import Reconciler
from lambdas.gate.timing import FUNCTION_TIMEOUT
from lambdas.janitor import claim, garbage, take_inventory
from lambdas.janitor.claim import Claim
from lambdas.janitor.janitor import Janitor
from lambdas.janitor.policy import Mode
from lambdas.janitor.take_inventory import InventoryReader
from simulation.mutants.mutant import FirstPages, Mutant, answers, given

MUTANTS = (
    Mutant(
        "garbage is deleted without a claim",
        claim.claim,
        lambda claim, ledger, head, deletions, now, ends_at: Claim(head, now + FUNCTION_TIMEOUT),
        ("cleaned-old",),
    ),
    Mutant(
        "the deployer does not ask for a claim",
        Reconciler._obstacle,
        lambda obstacle, reconciler, head, *asked: obstacle(reconciler, replace(head, cleaning_until=0.0), *asked),
        ("cleaned-old: DeleteModel 1 pa",),
    ),
    Mutant(
        "a claim ends while its function may still be at work",
        claim.claim,
        lambda claim, ledger, head, deletions, now, ends_at: claim(
            ledger, head, deletions, now, now + FUNCTION_TIMEOUT
        ),
        ("cleaned-old: DeleteModel 1 pa",),
    ),
    Mutant(
        "a claim ends before a deletion without an answer is done",
        claim.release,
        given(until=0.0),
        ("cleaned-old: DeleteModel 1 lt",),
    ),
    Mutant(
        "a baseline forgets a claim",
        baseline.baseline,
        lambda baseline, spec, seen, observed, head, now: baseline(
            spec, seen, observed, head and replace(head, cleaning_until=0.0), now
        ),
        ("cleaned-anew: DeleteModel 1 pa",),
    ),
    Mutant(
        "what was served before is garbage",
        garbage.needed_configs,
        lambda needed, head, policy, now: needed(replace(head, previous_config=None), policy, now),
        ("cleaned",),
    ),
    Mutant(
        "good versions are garbage",
        garbage.needed_configs,
        lambda needed, head, policy, now: needed(head, replace(policy, keep_good=0), now),
        ("cleaned-good",),
    ),
    Mutant(
        "what anybody else serves is garbage",
        garbage._served,
        answers(()),
        ("cleaned-shared",),
    ),
    Mutant(
        "a model is garbage whatever names it",
        garbage._needed,
        lambda needed, stock, policy, now: needed(replace(stock, named_models=frozenset()), policy, now),
        ("cleaned",),
    ),
    Mutant(
        "a config that no list shows names no model",
        take_inventory._known_to,
        answers(()),
        ("cleaned-errs",),
    ),
    Mutant(
        "only the first page of a list is read",
        InventoryReader.__init__,
        lambda init, reader, sagemaker, *asked: init(reader, FirstPages(sagemaker), *asked),
        ("cleaned",),
    ),
    Mutant(
        "a dry run deletes",
        Janitor.run,
        lambda run, janitor: run(replace(janitor, policy=replace(janitor.policy, mode=Mode.DELETE))),
        ("cleaned-dry",),
    ),
)
