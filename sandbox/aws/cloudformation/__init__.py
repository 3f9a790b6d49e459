"""CloudFormation: the real `cdk bootstrap`, `cdk deploy` and `cdk destroy` work on it, or fail loudly."""

from sandbox.aws.cloudformation import operations
from sandbox.iam import managed_policies


class CloudFormation:
    """What a template holds is made through the services' own operations, so it is what any client would have made."""

    def install(self) -> None:
        managed_policies.serve()
        operations.serve()


__all__ = ["CloudFormation"]
