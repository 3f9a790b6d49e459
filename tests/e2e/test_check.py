"""`check` against the sandbox, which gives the likelier answers. It measures no durations."""

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
            "Lambda ends the deployer at its timeout, before its lock expires": "not seen",
            "the deployer runs where Lambda enforces its timeout": "agrees",
            "the inbox hides a message for at least six timeouts of the deployer": "agrees",
            "only the messages that failed are delivered again, not their whole batch": "agrees",
            "the ledger's table has its keys, its stream and deletion protection": "agrees",
            "the endpoint's rule is enabled and has a schedule": "agrees",
            "the metrics of one fleet have the dimension EndpointConfigName": "agrees",
            "the endpoint is RollingBack while it rolls back (either answer is fine)": "agrees",
            "FailureReason is set after a rollback by an alarm (either answer is fine)": "agrees",
            "a rollback moves LastModifiedTime (either answer is fine)": "agrees",
            "LastDeploymentConfig is that of the update that was rolled back (either answer is fine)": "agrees",
            "SageMaker acts on a rollout's alarms with metric math (either answer is fine)": "agrees",
            "the old fleet's metrics have the dimension EndpointConfigName during a rollout (either answer is fine)": (
                "not seen"
            ),
            "an approval's event has UpdatedModelPackageFields and LastModifiedTime (either answer is fine)": "agrees",
            "LastModifiedBy is the approver that CloudTrail names (either answer is fine)": "agrees",
        },
    )
