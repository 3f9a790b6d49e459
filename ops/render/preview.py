"""What a changed file of endpoints would do."""

from collections.abc import Iterable, Iterator
from typing import Any

from lambdas.gate import names
from lambdas.gate.state.approval import version_label
from ops.preview.accesses import Access
from ops.preview.endpoint import Consequence, EndpointPreview, State
from ops.preview.keys import KeyChange, value_text
from ops.preview.reading import Preview
from ops.preview.sections import GatePreview
from ops.render.table import Block

_MOST = 40
"""Lines of one kind that a block has. JSON has all of them."""


def parts(found: Preview, file: str) -> Iterator[Block | str]:
    """Yield what is shown: a block for each endpoint that changes, one for what all share, and the verdict."""
    for each in found.endpoints:
        if each.state is not State.UNCHANGED or each.follows:
            yield Block(f"{each.endpoint}: {each.state.value}", tuple(_labelled(each)))
    if shared := tuple(_labelled(found.gate)):
        yield Block(f"{names.STACK}, which all endpoints share", shared)
    unchanged = [each.endpoint for each in found.endpoints if each.state is State.UNCHANGED and not each.follows]
    if unchanged:
        yield f"Unchanged: {', '.join(unchanged)}."
    yield f"{file}: {verdict(found)}"


def verdict(found: Preview) -> str:
    """Return in a sentence whether the deployment would touch what is live."""
    every = [(each.endpoint, each.follows) for each in found.endpoints]
    unreadable = [each.endpoint for each in found.endpoints if each.state is State.UNREADABLE]
    live = [name for name, follows in every if any(each.is_live for each in follows)]
    held = [name for name, follows in every if any(each.holds for each in follows)]
    told = [
        *([f"What follows for {', '.join(unreadable)} is not known."] if unreadable else []),
        *([f"Deploying it changes what is live on {', '.join(live)}."] if live else []),
        *([f"It puts rollouts of {', '.join(held)} on hold."] if held else []),
    ]
    return " ".join(told) or "Deploying it changes nothing that is live."


def _labelled(found: EndpointPreview | GatePreview) -> Iterator[tuple[str, str]]:
    yield from _bounded("changes", (_change(change) for change in found.keys))
    yield from _bounded("follows", (each.text for each in found.follows))
    yield from _bounded("may now", (f"{who}: {what}" for who, what in found.gains))
    yield from _bounded("no longer", (f"{who}: {what}" for who, what in found.loses))
    if isinstance(found, GatePreview):
        yield from _bounded("not read", (f"{key}: {why}" for key, why in found.unread))


def _bounded(label: str, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    every = list(texts)
    yield from ((label, text) for text in every[:_MOST])
    if len(every) > _MOST:
        yield label, f"and {len(every) - _MOST} more; --output json has all of them"


def _change(change: KeyChange) -> str:
    return f"{change.key}: {value_text(change.old)} → {value_text(change.new)}"


def as_json(found: Preview, file: str) -> dict[str, Any]:
    """Return the preview for programs."""
    follows = [each for endpoint in found.endpoints for each in endpoint.follows]
    return {
        "file": file,
        "changes_live": any(each.is_live for each in follows),
        "holds": any(each.holds for each in follows),
        "endpoints": [
            {
                "endpoint": each.endpoint,
                "state": each.state.value,
                **_shared_json(each),
                "waiting": [
                    {
                        "version": waiting.version,
                        "label": version_label(waiting.version),
                        "before": waiting.before.value,
                        "after": waiting.after.value,
                        "checks": {name: finding.value for name, finding in waiting.checks.items()},
                    }
                    for waiting in each.waiting
                ],
            }
            for each in found.endpoints
        ],
        "shared": {**_shared_json(found.gate), "unread": dict(found.gate.unread)},
    }


def _shared_json(found: EndpointPreview | GatePreview) -> dict[str, Any]:
    return {
        "changes": [{"key": change.key, "old": change.old, "new": change.new} for change in found.keys],
        "follows": [_consequence_json(each) for each in found.follows],
        "may_now": _accesses_json(found.gains),
        "no_longer": _accesses_json(found.loses),
    }


def _consequence_json(found: Consequence) -> dict[str, Any]:
    return {"text": found.text, "changes_live": found.is_live, "holds": found.holds}


def _accesses_json(found: Iterable[Access]) -> list[dict[str, str]]:
    return [{"who": who, "what": what} for who, what in found]
