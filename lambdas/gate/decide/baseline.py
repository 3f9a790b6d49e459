"""The first look at an endpoint: what is there is recorded, and production is never surprised."""

import dataclasses

from lambdas.gate.spec.spec import Spec, SpecSeen
from lambdas.gate.state.approval import Approval, version_label, version_number, version_prefix
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import NO_LOOK, Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import Observed


def is_new(head: Head, spec: SpecSeen) -> bool:
    """The spec's parameter started over, as its stack was destroyed and deployed again; or no look came before."""
    if head.spec == NO_LOOK:
        return True
    is_anew = spec.version <= head.spec.version and spec.modified_at > head.spec.modified_at
    return head.attempt is None and is_anew


def is_behind(head: Head, spec: SpecSeen) -> bool:
    """GetParameter answered from before the last edit, which another look has seen. That such a read is never stale is
    not documented."""
    return spec.version <= head.spec.version and spec.modified_at < head.spec.modified_at


def is_moved(head: Head, spec: Spec) -> bool:
    """The spec follows another group now, or another stage. What the head knows as Approved means nothing there.
    SageMaker writes ARNs in lower case."""
    group = head.prefix.rstrip("/").rpartition("/")[2]
    other_group = group.lower() not in ("", spec.model_package_group.lower())
    return head.attempt is None and (other_group or head.stage != spec.gate.stage)


def baseline(
    spec: Spec, seen: SpecSeen, observed: Observed, head: Head | None, now: float
) -> tuple[Head, tuple[Fact, ...]]:
    """The first head, or the head begun again with its place in the chain.

    An existing endpoint keeps what it serves, and what is Approved by now is no candidate until it is approved
    again. An approval later than the spec is one, even where its event is what brought us here. A missing endpoint
    is to be created from the newest created Approved version.
    """
    begun = Head(endpoint=spec.endpoint, spec=seen, horizon=seen.modified_at, stage=spec.gate.stage)
    begun = dataclasses.replace(begun, adopted_until=begun.horizon)
    if head is not None:
        begun = dataclasses.replace(
            begun,
            revision=head.revision,
            rows=head.rows,
            hash=head.hash,
            orders=head.orders,
            attempts=head.attempts,
            paused=head.paused,
            previous_config=_previous(head, observed),
            cleaning_until=head.cleaning_until,
            scaling=head.scaling,
        )
    numbers = tuple(sorted(version_number(version) for version in observed.listed))
    prefix = version_prefix(observed.listed[-1]) if observed.listed else ""
    begun = dataclasses.replace(begun, approved=numbers, prefix=prefix)
    if observed.endpoint is None:
        return _missing(begun, observed, now)
    return _adopted(begun, observed, observed.endpoint.config, now)


def _previous(head: Head, observed: Observed) -> str | None:
    """Somebody may have changed the endpoint while nobody looked."""
    is_changed = head.live and observed.endpoint and observed.endpoint.config != head.live.config
    return head.live.config if head.live and is_changed else head.previous_config


def _missing(begun: Head, observed: Observed, now: float) -> tuple[Head, tuple[Fact, ...]]:
    newest = observed.listed[-1] if observed.listed else None
    package = observed.packages.get(newest) if newest else None
    if newest is None or package is None:
        return begun, (_fact(begun, "the endpoint does not exist, and no version is Approved", now),)
    approval = Approval(
        begun.orders + 1,
        newest,
        package.modified_at,
        package.modified_by,
        package.comment,
        inferred=True,
        approver=package.modifier,
        # No event told of it, so the last change may be somebody else's edit.
        uncertain=package.modifier is not None and package.is_modified,
    )
    what = f"the endpoint does not exist; {version_label(newest)} is the newest Approved version"
    return begun.with_approval(approval), (_fact(begun, what, now),)


def _adopted(begun: Head, observed: Observed, config: str, now: float) -> tuple[Head, tuple[Fact, ...]]:
    served = observed.served_version
    package = observed.packages.get(served) if served else None
    approval = None
    if served and (served in observed.listed or (package and package.is_approved)):
        approval = Approval(0, served, begun.horizon, by=None, inferred=True)
    what = f"adopted with config {config}" + (f", which serves {version_label(served)}" if served else "")
    if served and not approval:
        what += ", which is not Approved"
    live = Live(config=config, since=now, approval=approval)
    return dataclasses.replace(begun, live=live), (_fact(begun, what, now, config, served),)


def _fact(head: Head, what: str, now: float, config: str | None = None, served: str | None = None) -> Fact:
    """`config` and `served`: what the endpoint serves, and the version that this is."""
    again = "Looked at anew" if head.rows else "First look"
    detail = {"approved": len(head.approved), "endpoint_config": config}
    return Fact(Kind.BASELINE, now, f"{again}: {what}", version=served, detail=detail)
