"""A hold of what is wanted: one that stands whatever that is, or the wait for its next try. Pure."""

from lambdas.gate.decide.action import Action, Decision
from lambdas.gate.spec.spec import Spec
from lambdas.gate.state.approval import Approval, version_label
from lambdas.gate.state.head import Head
from lambdas.gate.state.live import Live
from lambdas.gate.state.observed import Endpoint

HOLD_LOOK_SECONDS = 300


def hold(spec: Spec, endpoint: Endpoint, head: Head, now: float) -> Decision | None:
    """Holds that stand whatever is wanted."""
    if head.paused is not None:
        return Decision(Action.HOLD, f"paused: {head.paused_for}")
    if endpoint.all_variants != (spec.variant.name,):
        # Guardrails need the same variant names in the old and the new config, and the new one has only the spec's.
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        found = ", ".join(endpoint.all_variants) or "none"
        reason = f"the endpoint's variants are {found}, but the spec's is {spec.variant.name}: guardrails need the same"
        return Decision(Action.HOLD, reason, look_again_at=now + HOLD_LOOK_SECONDS)
    return _hold_of_another_kind(spec, endpoint, head.live, now)


def _hold_of_another_kind(spec: Spec, endpoint: Endpoint, live: Live | None, now: float) -> Decision | None:
    """AWS refuses an update from instances to serverless, so there is no way back from one to instances either. Of an
    adopted endpoint it has to say so itself. Who calls an asynchronous endpoint cannot call a real-time one.
    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-update.html
    https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html"""
    is_serverless, on_instances = endpoint.is_serverless, live is not None and live.instance_type is not None
    if is_serverless and spec.variant.serverless is None:
        found = "the endpoint is serverless, but the spec's variant has instances: AWS takes no way back from that"
    elif spec.variant.serverless and on_instances and not is_serverless:
        found = "the endpoint is on instances, but the spec's variant is serverless: AWS refuses that update"
    elif endpoint.is_asynchronous and spec.serving.asynchronous is None:
        found = "the endpoint is asynchronous, but the spec's is real-time: its callers could not call it any more"
    elif spec.serving.asynchronous and not endpoint.is_asynchronous:
        found = "the endpoint is real-time, but the spec's is asynchronous: its callers could not call it any more"
    else:
        return None
    reason = f"{found}; give it an entry, and an endpoint, of its own"
    return Decision(Action.HOLD, reason, look_again_at=now + HOLD_LOOK_SECONDS)


def waiting(head: Head, approval: Approval, now: float) -> Decision | None:
    not_before = max((r.not_before for r in head.retries if r.order == approval.order), default=0.0)
    if now >= not_before:
        return None
    return Decision(Action.WAIT, f"{version_label(approval.version)} is tried again later", look_again_at=not_before)
