"""The role with which the deployer reads what only this endpoint's entry names. It lasts as long as the endpoint's
stack, so the entry may be removed from the file first."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.config.entry import Entry
from infra.config.repositories import repositories
from infra.config.requirements import buckets
from infra.permissions import arns
from infra.permissions.deployer import list_buckets, read_images, read_objects
from infra.permissions.permission import grant
from lambdas.gate import names


class Reader(Construct):
    """Only the deployer's role may assume it. The trust policy names that role in a condition, so that it holds for a
    role that is deleted and made again.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""

    def __init__(self, scope: Construct, id: str, *, endpoint: str, entry: Entry) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        self.role = iam.Role(
            self,
            "Role",
            role_name=names.function_role(stack.region, names.reader(endpoint)),
            description=f"Approval Gate reads the artifacts and reports of the endpoint {endpoint} with it",
            assumed_by=iam.AccountPrincipal(stack.account).with_conditions(
                {"ArnEquals": {"aws:PrincipalArn": arns.function_role(self, names.DEPLOYER)}}
            ),
        )
        grant(
            self.role,
            [
                read_objects(self, "ReadArtifactsAndReports", buckets([entry])),
                list_buckets(self, "TellWhatIsMissing", buckets([entry])),
                read_images(self, repositories(entry.gate)),
            ],
        )
