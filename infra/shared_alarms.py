"""What synth says of an alarm that several entries name: one line for each, in each of their stacks."""

from collections.abc import Iterable, Iterator

from infra.config.load import Endpoint

MOST_NAMED = 3


def shared_alarms(endpoint: Endpoint, endpoints: Iterable[Endpoint]) -> Iterator[str]:
    """Of each alarm of `endpoint` that others of `endpoints` name too."""
    others = [each for each in endpoints if each.name != endpoint.name]
    for alarm in endpoint.entry.rollback_on.alarms:
        sharing = [each.name for each in others if alarm in each.entry.rollback_on.alarms]
        if sharing:
            yield (
                f"{endpoint.name}: its alarm {alarm} is also that of {_listed(sharing)}. When it fires, each of them "
                "that is in a rollout or within its watch window goes back, whichever is at fault. "
                "Give each an alarm of its own."
            )


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    *first, last = [*names[:MOST_NAMED], f"{more} more"] if more > 0 else names
    return f"{', '.join(first)} and {last}" if first else last
