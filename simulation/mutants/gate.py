"""Mutants of the gate: who may approve, and what."""

from simulation.mutants.snippet import GATE, Mutant

MUTANTS = (
    Mutant(
        "four eyes are two names",
        GATE + "gate",
        "    compared = compare(author, approver)\n",
        "    compared = compare(author, approver)\n"
        "    compared = dataclasses.replace(compared, is_same=author.label == approver.label)\n",
        ("four-eyes",),
    ),
    Mutant(
        "the gate's own roles may approve",
        GATE + "gate",
        "    if approver.is_gate:\n",
        "    if False:\n",
        ("four-eyes-first",),
    ),
    Mutant(
        "who changed a version last has approved it",
        GATE + "gate",
        "    if approval.uncertain:\n",
        "    if False:\n",
        ("hidden",),
    ),
    Mutant(
        "who changed a first version last has approved it",
        GATE + "baseline",
        "uncertain=package.modifier is not None and package.is_modified",
        "uncertain=False",
        ("four-eyes-first",),
    ),
    Mutant(
        "any approver will do",
        GATE + "gate",
        "    return verdict(Result.PASSED if allowed else Result.FAILED,",
        "    return verdict(Result.PASSED,",
        ("chosen",),
    ),
    Mutant(
        "any image will do",
        GATE + "gate",
        "    result = Result.FAILED if foreign or not images else Result.PASSED\n",
        "    result = Result.PASSED\n",
        ("untagged",),
    ),
    Mutant(
        "a pause of all endpoints is read as it was a while ago",
        GATE + "ledger",
        "Key=key, ConsistentRead=True)\n        return codec.decode(Head,",
        'Key=key, ConsistentRead=endpoint != "*")\n        return codec.decode(Head,',
        ("all-paused",),
    ),
    Mutant(
        "the first container's image is the version's",
        GATE + "gate",
        'images = [container.image or "" for container in package.containers]',
        'images = [container.image or "" for container in package.containers[:1]]',
        ("second-of-others",),
    ),
    Mutant(
        "the first container's model data is the version's",
        GATE + "gate",
        "uris = [uri for container in package.containers for uri in container.uris]",
        "uris = [uri for container in package.containers[:1] for uri in container.uris]",
        ("second-elsewhere",),
    ),
    Mutant(
        "where artifacts may lie is advice",
        GATE + "gate",
        " and check.name not in ALWAYS_ENFORCED",
        "",
        ("advised",),
    ),
)
