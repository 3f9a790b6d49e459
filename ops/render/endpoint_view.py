"""An endpoint's fleets, traffic and alarms as labelled lines. The demo's panel has them, and so has `get`."""

from collections.abc import Iterable, Iterator, Mapping

from ops.endpoint_view import EndpointView, Fleet
from ops.render.table import Spans

OLD, NEW = "blue", "green"
"""The colours of the fleets, after AWS's names for them."""
BAR = 40
"""How many characters the bar of the traffic has."""
_STATE = {"OK": "green", "ALARM": "bold red", "INSUFFICIENT_DATA": "dim"}
_WORDS = {"INSUFFICIENT_DATA": "no data"}


def lines(view: EndpointView, bar: int = BAR) -> Iterator[tuple[str, Spans]]:
    """Yield label and text of each line. `bar`: how many characters the bar of the traffic has."""
    yield "phase", ((view.state, "bold"),)
    yield "traffic", _traffic(view.fleets, bar)
    yield "requests", _requests(view)
    yield "new fleet", _alarms(view.alarms)
    yield "standing", _alarms(view.standing)
    for sentence in view.unread:
        yield "not read", ((sentence, "yellow"),)


def _traffic(fleets: tuple[Fleet, ...], bar: int) -> Spans:
    """Return both fleets on one bar: the old one's share from the left, the new one's from the right."""
    shared = [(fleet, fleet.share) for fleet in fleets if fleet.share is not None]
    if not shared:
        return (("no requests yet" if fleets else "none", "dim"),)
    new = round(bar * sum(share for fleet, share in shared if fleet.is_new))
    old = [(fleet.name, share) for fleet, share in shared if not fleet.is_new]
    coming = [(fleet.name, share) for fleet, share in shared if fleet.is_new]
    return (
        *((f"{name} {share:4.0%} {'█' * (bar - new)}", OLD) for name, share in old),
        ("▒" * new, NEW),
        *((f" {share:.0%} {name}", NEW) for name, share in coming),
    )


def _requests(view: EndpointView) -> Spans:
    counted = [fleet for fleet in view.fleets if fleet.requests is not None]
    if not counted:
        return (("none", "dim"),)
    said = (
        ((f"{fleet.name} {fleet.requests:,}", ""), (f" ({fleet.failures:,} failed)" if fleet.failures else "", "red"))
        for fleet in counted
    )
    return (*_joined(said), (f", {view.counted}" if view.counted else "", "dim"))


def _alarms(states: Mapping[str, str]) -> Spans:
    if not states:
        return (("no alarms", "dim"),)
    said = (((f"{signal} ", ""), (_WORDS.get(state, state), _STATE.get(state, ""))) for signal, state in states.items())
    return tuple(_joined(said))


def _joined(parts: Iterable[Spans]) -> Iterator[tuple[str, str]]:
    for place, part in enumerate(parts):
        if place:
            yield " · ", "dim"
        yield from part
