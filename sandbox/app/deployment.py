"""Deploy the app into a sandbox with the real CDK CLI, as an operator would, and add what a fresh account lacks."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import boto3

from lambdas.gate import names
from lambdas.gate.spec.spec import Spec
from sandbox.app import principals

ACCOUNT, REGION = "123456789012", "us-east-1"
OPERATOR = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
"""Access keys of the operator. IAM in the sandbox does not restrict them: they belong to no user and no role."""
CLOCK_VARIABLE = "APPROVAL_GATE_CLOCK"
"""The environment variable in which the app's functions and commands find the address of the simulated time."""
REPOSITORY = Path(__file__).parents[2]
_LIMIT_SECONDS = 300
_MARKS = ("❌", "Error", "error:", "FAILED", "Traceback", "failed:")
_DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")


class DeploymentError(RuntimeError):
    """The CDK CLI failed, or a resource is not deployed."""


def operator_environment(endpoint_url: str) -> dict[str, str]:
    """Return the environment variables with which any AWS SDK or CLI works against the sandbox."""
    return OPERATOR | {"AWS_ENDPOINT_URL": endpoint_url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}


def client(service: str, endpoint_url: str, key: str | None = None, secret: str | None = None) -> Any:
    """Return a boto3 client with these keys, by default the operator's. The user's own AWS configuration has no
    effect."""
    return boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=key or OPERATOR["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=secret or OPERATOR["AWS_SECRET_ACCESS_KEY"],
    )


@dataclass(frozen=True)
class Deployment:
    """One app in one sandbox.

    `work` holds the cloud assembly, the CLI's own state, and one .log file per command with its output.
    """

    endpoint_url: str
    work: Path
    app: Path = REPOSITORY
    context: Mapping[str, str] | None = None

    def deploy(self) -> None:
        """Bootstrap the account, deploy every stack and seed the account. Raises DeploymentError with the reason."""
        self.work.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor() as pool:
            # Bootstrapping needs no app. Started in an empty folder, the CLI does not synthesize one.
            bootstrapped = pool.submit(self._cdk, self.work, "bootstrap", f"aws://{ACCOUNT}/{REGION}")
            self.synth()
            bootstrapped.result()
        self._cdk(self.app, "deploy", "--all", "--require-approval", "never", "--app", str(self.assembly))
        self.verify()
        principals.attach(client("iam", self.endpoint_url), REGION)
        seed(self.endpoint_url)

    def synth(self) -> None:
        self.work.mkdir(parents=True, exist_ok=True)
        context = [f"--context={key}={value}" for key, value in (self.context or {}).items()]
        self._cdk(self.app, "synth", "--quiet", "--output", str(self.assembly), *context)

    def redeploy(self, stack: str) -> None:
        """Synthesize again and deploy this stack alone, as an operator does after an edit of its entry."""
        self.synth()
        self.deploy_stack(stack)

    def deploy_stack(self, stack: str) -> None:
        """Deploy this stack alone, as it was last synthesized."""
        self._cdk(
            self.app, "deploy", stack, "--exclusively", "--require-approval", "never", "--app", str(self.assembly)
        )

    def destroy(self, stack: str) -> None:
        self._cdk(self.app, "destroy", "--force", "--app", str(self.assembly), stack)

    def verify(self) -> None:
        """Raise DeploymentError if a stack or one of its resources is not complete, which the CLI does not always
        report."""
        cloudformation = client("cloudformation", self.endpoint_url)
        wrong = []
        for stack, template in templates(self.assembly).items():
            status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
            pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
            made = {
                r["LogicalResourceId"]: r["ResourceStatus"] for page in pages for r in page["StackResourceSummaries"]
            }
            wrong += unfinished(stack, template, status, made)
        if wrong:
            raise DeploymentError("cdk deploy reported success, but " + ", ".join(wrong) + ".")

    @property
    def assembly(self) -> Path:
        """The folder of what was last synthesized."""
        return self.work / "cdk.out"

    def _cdk(self, folder: Path, *arguments: str) -> None:
        command = ["cdk", *arguments, "--no-notices", "--no-color"]
        log = self.work / f"{arguments[0]}.log"
        with log.open("ab") as output:
            try:
                status = subprocess.run(
                    command,
                    cwd=folder,
                    env=cdk_environment(os.environ, self.endpoint_url, self.work),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=_LIMIT_SECONDS,
                    check=False,
                ).returncode
            except FileNotFoundError as error:
                raise DeploymentError("cdk was not found on PATH. `make install` installs it.") from error
            except subprocess.TimeoutExpired as error:
                raise DeploymentError(f"{' '.join(command)} took over {_LIMIT_SECONDS} s; see {log}.") from error
        if status:
            reason = excerpt(log.read_text(errors="replace"))
            raise DeploymentError(
                f"{' '.join(command)} ended with status {status}:\n{reason}\nThe whole output is in {log}"
            )


def deploy(
    endpoint_url: str, work: Path, *, app: Path = REPOSITORY, context: Mapping[str, str] | None = None
) -> Deployment:
    """Deploy and seed the app in the sandbox at `endpoint_url`, and tell the sandbox that it is ready.

    `endpoint_url` must name the host `localhost`. Raises DeploymentError with the CLI's reason.
    """
    deployment = Deployment(endpoint_url, work, app, context)
    deployment.deploy()
    request = urllib.request.Request(f"{endpoint_url}/_sandbox/ready", method="POST")
    urllib.request.urlopen(request, timeout=30).close()
    return deployment


def templates(assembly: Path) -> dict[str, Any]:
    """Return the templates of the stacks in a cloud assembly, by the stack's name."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks = {name: artifact for name, artifact in artifacts.items() if artifact["type"] == "aws:cloudformation:stack"}
    return {
        artifact["properties"].get("stackName", name): json.loads(
            (assembly / artifact["properties"]["templateFile"]).read_text()
        )
        for name, artifact in stacks.items()
    }


def unfinished(stack: str, template: Mapping[str, Any], status: str, made: Mapping[str, str]) -> list[str]:
    """Return what is not complete in a deployed stack, as "NAME is STATUS".

    `status` is the StackStatus; `made` holds the ResourceStatus of each resource by its logical id.
    """
    wanted = [name for name, resource in template["Resources"].items() if "Condition" not in resource]
    states = {stack: status} | {f"{stack}'s {name}": made.get(name, "missing") for name in wanted}
    return [f"{name} is {state}" for name, state in states.items() if state not in _DONE]


def specs(endpoint_url: str) -> list[Spec]:
    """Return the specs of the deployed endpoints."""
    pages = client("ssm", endpoint_url).get_paginator("get_parameters_by_path").paginate(Path=names.SPEC_PATH)
    return [Spec.from_json(parameter["Value"]) for page in pages for parameter in page["Parameters"]]


def seed(endpoint_url: str) -> None:
    """Create the model package groups and artifact buckets that the specs name, if they do not exist yet.

    Each bucket gets one sample model.
    """
    sagemaker, s3 = client("sagemaker", endpoint_url), client("s3", endpoint_url)
    pages = sagemaker.get_paginator("list_model_package_groups").paginate()
    groups = {group["ModelPackageGroupName"] for page in pages for group in page["ModelPackageGroupSummaryList"]}
    buckets = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for spec in specs(endpoint_url):
        if spec.model_package_group not in groups:
            sagemaker.create_model_package_group(ModelPackageGroupName=spec.model_package_group)
            groups.add(spec.model_package_group)
        artifacts = urlparse(spec.model_artifacts)
        if artifacts.netloc not in buckets:
            s3.create_bucket(Bucket=artifacts.netloc)
            buckets.add(artifacts.netloc)
        s3.put_object(Bucket=artifacts.netloc, Key=f"{artifacts.path.strip('/')}/model.tar.gz", Body=b"sample")


def cdk_environment(environ: Mapping[str, str], endpoint_url: str, work: Path) -> dict[str, str]:
    """Return the environment of the CDK CLI: `environ` without the user's own AWS configuration, pointed at the
    sandbox."""
    kept = {name: value for name, value in environ.items() if not name.startswith("AWS_")}
    binaries = (str(Path(sys.executable).parent), str(REPOSITORY / "node_modules" / ".bin"))
    return (
        kept
        | operator_environment(endpoint_url)
        | {
            "PATH": os.pathsep.join((*binaries, kept.get("PATH", os.defpath))),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": ",".join(filter(None, (kept.get("NO_PROXY"), "localhost"))),
            # The CLI remembers here which account a key belongs to. The user's own memory must not learn keys of the
            # sandbox.
            "CDK_HOME": str(work / "home"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
            # The built-in template validator takes most of a synth's time. The tests run it on the same templates.
            "CDK_VALIDATION": "false",
        }
    )


def excerpt(output: str, lines: int = 12) -> str:
    """Return at most the last `lines` lines of the CLI's output, starting at the first line that reports an error."""
    text = [line for line in output.splitlines() if line.strip()]
    first = next((number for number, line in enumerate(text) if any(mark in line for mark in _MARKS)), 0)
    return "\n".join(text[max(first, len(text) - lines) :])
