"""Holds of an endpoint, which stop every rollout, and the wait of an approval for its next try. Pure."""

from lambdas.gate.decide.action import Hold, Wait
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Endpoint

HOLD_RECONCILE_SECONDS = 300


def hold(spec: Spec, endpoint: Endpoint, head: Head, now: float) -> Hold | None:
    """Return the hold that stops every rollout on this endpoint, if there is one."""
    if head.is_paused(now):
        return paused(head)
    if not has_own_variants(spec, endpoint, head):
        # Guardrails need the same variant names in the old and the new config, and the new one has only the spec's.
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        found = ", ".join(endpoint.all_variants) or "none"
        reason = (
            f"the endpoint's variants are {found}, but the spec's is {spec.variant.name}: "
            "deployment guardrails need the same names"
        )
        notice = Notice(Code.OTHER_VARIANTS, f"{found} | {spec.variant.name}")
        return Hold(reason, now + HOLD_RECONCILE_SECONDS, notice=notice)
    return _hold_of_another_kind(spec, endpoint, head.live, now)


def has_own_variants(spec: Spec, endpoint: Endpoint, head: Head) -> bool:
    """True if the endpoint's only production variant is the spec's, and it has no shadow variant but that of its rung.
    AWS does not document whether that shadow is there again after a rollback."""
    rung = head.rung if head.rung and head.rung.config == endpoint.config else None
    shadows = ((), (rung.copying.variant,)) if rung else ((),)
    return endpoint.variants == (spec.variant.name,) and endpoint.shadows in shadows


def _hold_of_another_kind(spec: Spec, endpoint: Endpoint, live: Live | None, now: float) -> Hold | None:
    """Return the hold of an endpoint that is of another kind than the spec's variant.

    AWS refuses an update from instances to serverless, so a change to instances could not be reverted either. For an
    adopted endpoint AWS itself has to refuse. Callers of an asynchronous endpoint cannot call a real-time one.
    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-update.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
    """
    is_serverless, on_instances = endpoint.is_serverless, live is not None and live.instance_type is not None
    if is_serverless and spec.variant.serverless is None:
        way, found = (
            "from serverless",
            "the endpoint is serverless, but the spec's variant has instances: AWS does not allow that change",
        )
    elif spec.variant.serverless and on_instances and not is_serverless:
        way, found = (
            "to serverless",
            "the endpoint is on instances, but the spec's variant is serverless: AWS refuses that update",
        )
    elif endpoint.is_asynchronous and spec.serving.asynchronous is None:
        way, found = (
            "from asynchronous",
            "the endpoint is asynchronous, but the spec's is real-time: its callers could no longer call it",
        )
    elif spec.serving.asynchronous and not endpoint.is_asynchronous:
        way, found = (
            "to asynchronous",
            "the endpoint is real-time, but the spec's is asynchronous: its callers could no longer call it",
        )
    else:
        return None
    reason = f"{found}; give the variant an entry and an endpoint of its own"
    return Hold(reason, now + HOLD_RECONCILE_SECONDS, notice=Notice(Code.OTHER_KIND, way))


def paused(head: Head, approval: Approval | None = None) -> Hold:
    """The hold of a paused endpoint. `approval`: the one that waits."""
    notice = Notice(Code.ENDPOINT_PAUSED, head.paused_for)
    return Hold(f"paused: {head.paused_for}", head.paused_until, notice=notice, approval=approval)


def waiting(head: Head, approval: Approval, now: float) -> Wait | None:
    """The wait for the approval's next try, if it has to wait."""
    not_before = max((r.not_before for r in head.retries if r.order == approval.order), default=0.0)
    if now >= not_before:
        return None
    return Wait(f"{version_label(approval.version)} is tried again later", not_before)
