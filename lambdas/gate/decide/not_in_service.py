"""An endpoint that is out of order: neither busy nor in service."""

from lambdas.gate.state.observed import Endpoint, EndpointStatus

PUT_ON = frozenset({EndpointStatus.UPDATE_ROLLBACK_FAILED, EndpointStatus.OUT_OF_SERVICE})
"""Out of order, and yet somebody put DescribeEndpoint's config there."""


def out_of_order(name: str, endpoint: Endpoint) -> str:
    """What to tell people about an endpoint that is neither busy nor in service, with the command that mends it."""
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
