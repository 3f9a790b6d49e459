"""Adoption: the first reconcile records what is there, and changes nothing that serves."""

import dataclasses

from lambdas.gate.decide.certainty import why_unchanged
from lambdas.gate.spec.spec import Spec, SpecSeen
from lambdas.gate.state.approval import Approval, version_label, version_number, version_prefix
from lambdas.gate.state.fact import Fact, Kind
from lambdas.gate.state.head import NOT_RECONCILED, Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import NOTHING, Observed, Served


def is_new(head: Head, spec: SpecSeen) -> bool:
    """True if no reconcile came before, or if the spec's parameter started over because its stack was deployed
    again."""
    if head.spec == NOT_RECONCILED:
        return True
    is_anew = spec.version <= head.spec.version and spec.modified_at > head.spec.modified_at
    return head.attempt is None and is_anew


def is_behind(head: Head, spec: SpecSeen) -> bool:
    """True if GetParameter answered from before an edit that an earlier reconcile has seen. AWS does not document that
    such a read is never stale."""
    return spec.version <= head.spec.version and spec.modified_at < head.spec.modified_at


def is_moved(head: Head, spec: Spec) -> bool:
    """True if the spec follows another model package group now, or another stage. Then what the head knows as Approved
    means nothing. SageMaker writes some ARNs in lower case."""
    group = head.prefix.rstrip("/").rpartition("/")[2]
    other_group = group.lower() not in ("", spec.model_package_group.lower())
    return head.attempt is None and (other_group or head.stage != spec.gate.stage)


def baseline(
    spec: Spec, seen: SpecSeen, observed: Observed, head: Head | None, now: float
) -> tuple[Head, tuple[Fact, ...]]:
    """Return the first head with its fact, or the head begun again, which keeps its place in the chain.

    An existing endpoint keeps what it serves. A version that is Approved already is rolled out only after it is
    approved again, unless it was approved later than the spec was written. A missing endpoint is created from the
    newest Approved version.
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
            paused_until=head.paused_until,
            previous_config=_previous(head, observed),
            cleaning_until=head.cleaning_until,
            scaling=head.scaling,
            carried_out=head.carried_out,
            watches=head.watches,
        )
    numbers = tuple(sorted(version_number(version) for version in observed.listed))
    prefix = version_prefix(observed.listed[-1]) if observed.listed else ""
    begun = dataclasses.replace(begun, approved=numbers, prefix=prefix)
    how = "First reconcile" if head is None or head.spec == NOT_RECONCILED else "Begun again"
    if observed.endpoint is None:
        return _missing(begun, observed, how, now)
    return _adopted(begun, observed, observed.endpoint.config, how, now)


def _previous(head: Head, observed: Observed) -> str | None:
    """The config that was served before. Somebody may have changed the endpoint while it was not reconciled."""
    is_changed = head.live and observed.endpoint and observed.endpoint.config != head.live.config
    return head.live.config if head.live and is_changed else head.previous_config


def _missing(begun: Head, observed: Observed, how: str, now: float) -> tuple[Head, tuple[Fact, ...]]:
    newest = observed.listed[-1] if observed.listed else None
    package = observed.packages.get(newest) if newest else None
    if newest is None or package is None:
        return begun, (_fact(begun, f"{how}: the endpoint does not exist, and no version is Approved", now),)
    approval = Approval(
        begun.orders + 1,
        newest,
        package.modified_at,
        package.modified_by,
        package.comment,
        inferred=True,
        approver=package.modifier,
        # There is no event of the approval, so the last change may be somebody else's edit.
        uncertain=package.modifier is not None and package.is_modified,
        seen_at=now,
        seen_as=None if package.is_registered_before(package.modified_at) else package.specification,
        unchanged=why_unchanged(begun, package, None),
    )
    what = f"{how}: the endpoint does not exist; {version_label(newest)} is the newest Approved version"
    return begun.with_approval(approval), (_fact(begun, what, now),)


def _adopted(begun: Head, observed: Observed, config: str, how: str, now: float) -> tuple[Head, tuple[Fact, ...]]:
    served = observed.served.version
    package = observed.packages.get(served) if served else None
    approval = None
    if served and (served in observed.listed or (package and package.is_approved)):
        approval = Approval(0, served, begun.horizon, by=None, inferred=True)
    what = f"{how}: adopted with config {config}" + (f", which serves {version_label(served)}" if served else "")
    if served and not approval:
        what += ", which is not Approved"
    what += observed.served.text
    live = Live(config=config, since=now, approval=approval)
    return dataclasses.replace(begun, live=live), (_fact(begun, what, now, config, observed.served),)


def _fact(head: Head, what: str, now: float, config: str | None = None, served: Served = NOTHING) -> Fact:
    """`config`: what the endpoint serves. `served`: its versions, as far as they are known."""
    detail = {"approved": len(head.approved), "endpoint_config": config, **served.detail}
    return Fact(Kind.BASELINE, now, what, version=served.version, detail=detail)
