"""What the check of the assumptions says of a sandbox, which answers as is likelier; it measures no function's duration
and has no CloudTrail."""

from click.testing import CliRunner

from ops.cli import cli
from sandbox.app.deployment import operator_environment
from tests.e2e.conftest import Take
from tests.e2e.world import World


def test_the_sandbox_agrees_after_a_rollback(take: Take, world: World) -> None:
    endpoint = take("checked")
    endpoint.serving()
    endpoint.traffic(2)
    endpoint.approve(endpoint.register(error_rate="0.5"))
    endpoint.settle()
    result = CliRunner().invoke(cli, ["check", endpoint.name], env=operator_environment(world.url))
    verdicts = {line[10:]: line[:10].strip() for line in result.output.splitlines()[::2]}
    assert (result.exit_code, verdicts) == (
        0,
        {
            "the deployer's timeout is shorter than its lock": "agrees",
            "Lambda ends the deployer at its timeout, so nothing outlives its lock": "not seen",
            "the deployer runs where Lambda enforces its timeout": "agrees",
            "the inbox hides a message for six timeouts of the deployer": "agrees",
            "a message that failed comes again, the rest of its batch does not": "agrees",
            "the ledger's table has its keys, its stream and deletion protection": "agrees",
            "the endpoint's rule is on and looks by itself": "agrees",
            "the metrics of one fleet have the dimension EndpointConfigName": "agrees",
            "the endpoint is RollingBack while it rolls back (holds on either answer)": "agrees",
            "FailureReason tells of a rollback after an alarm (holds on either answer)": "agrees",
            "LastModifiedTime is later after a rollback (holds on either answer)": "agrees",
            "LastDeploymentConfig is the rolled back update's (holds on either answer)": "agrees",
            "an approval's event has UpdatedModelPackageFields and LastModifiedTime (holds on either answer)": "agrees",
            "LastModifiedBy is who approved, as CloudTrail has it (holds on either answer)": "not seen",
        },
    )
