"""Mutants of the janitor: its claim, and what it takes for garbage."""

from simulation.mutants.snippet import GATE, JANITOR, Mutant

MUTANTS = (
    Mutant(
        "garbage is deleted without a claim",
        JANITOR + "claim",
        "    claimed = ledger.write(head, dataclasses.replace(head, cleaning_until=ends_at + LANDING), (fact,))\n",
        "    claimed = head\n",
        ("cleaned-old",),
    ),
    Mutant(
        "a look does not ask for a claim",
        GATE + "reconciler",
        "    if now >= head.cleaning_until:\n",
        "    if True:\n",
        ("cleaned-old",),
    ),
    Mutant(
        "a claim ends while its function may still be at work",
        JANITOR + "claim",
        "cleaning_until=ends_at + LANDING",
        "cleaning_until=now + 90",
        ("cleaned-old",),
    ),
    Mutant(
        "a claim ends before a deletion without an answer is done",
        JANITOR + "janitor",
        "until=now + LANDING",
        "until=0.0",
        ("cleaned-old",),
    ),
    Mutant(
        "a first look forgets a claim",
        GATE + "baseline",
        "            cleaning_until=head.cleaning_until,\n",
        "",
        ("cleaned-anew",),
    ),
    Mutant(
        "what was served before is garbage",
        JANITOR + "garbage",
        "    if head.previous_config is not None:\n",
        "    if False:\n",
        ("cleaned",),
    ),
    Mutant(
        "good versions are garbage",
        JANITOR + "garbage",
        "place < policy.keep_good or ",
        "",
        ("cleaned-good",),
    ),
    Mutant(
        "what anybody else serves is garbage",
        JANITOR + "garbage",
        "    yield endpoint.config\n",
        "    return\n",
        ("cleaned-shared",),
    ),
    Mutant(
        "a model is garbage whatever names it",
        JANITOR + "garbage",
        "    yield from (name.lower() for name in stock.named_models)\n",
        "",
        ("cleaned",),
    ),
    Mutant(
        "a config that no list tells of names no model",
        JANITOR + "stocktaking",
        "every = {*served, *known_to_heads, *listed}",
        "every = {*served, *listed}",
        ("cleaned-errs",),
    ),
    Mutant(
        "only the first page of what there is is read",
        JANITOR + "stocktaking",
        '        if not page.get("NextToken"):\n',
        "        if True:\n",
        ("cleaned",),
    ),
    Mutant(
        "a dry run deletes",
        JANITOR + "janitor",
        "        if self.policy.mode is Mode.DRY_RUN:\n",
        "        if False:\n",
        ("cleaned-dry",),
    ),
)
