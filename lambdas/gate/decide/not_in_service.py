"""An endpoint that is not in service: neither busy nor InService. Only a person can fix it."""

from lambdas.gate.decide.action import Alert
from lambdas.gate.state.notice import Code, Notice
from lambdas.gate.state.observed import Endpoint, EndpointStatus

HAS_CONFIG = frozenset({EndpointStatus.UPDATE_ROLLBACK_FAILED, EndpointStatus.OUT_OF_SERVICE})
"""Statuses in which DescribeEndpoint's config was still put there by somebody."""


def not_in_service(name: str, endpoint: Endpoint) -> Alert:
    """The alert about an endpoint that is neither busy nor in service."""
    subject = f"{endpoint.status} {endpoint.config}: {endpoint.failure_reason or ''}"
    return Alert(_reason(name, endpoint), notice=Notice(Code.NOT_IN_SERVICE, subject))


def _reason(name: str, endpoint: Endpoint) -> str:
    """What happened, with the command that fixes it."""
    reason = f" ({endpoint.failure_reason})" if endpoint.failure_reason is not None else ""
    match endpoint.status:
        case EndpointStatus.FAILED:
            return (
                f"the endpoint is Failed{reason}; AWS allows nothing but to delete it: "
                f"aws sagemaker delete-endpoint --endpoint-name {name}; then approve a version again"
            )
        case EndpointStatus.UPDATE_ROLLBACK_FAILED:
            return (
                f"the endpoint is UpdateRollbackFailed{reason} and serves a mixed fleet; put it on a good config: "
                f"aws sagemaker update-endpoint --endpoint-name {name} --endpoint-config-name {endpoint.config}"
            )
        case EndpointStatus.OUT_OF_SERVICE:
            return f"the endpoint is OutOfService{reason} and takes no requests; see its CloudWatch logs"
        case _:
            return f"the endpoint has a status unknown to this version of Approval Gate: {endpoint.status}{reason}"
