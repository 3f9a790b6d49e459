"""The app deployed into a sandbox by the real CDK CLI, as an operator would do it, and what a fresh account lacks."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import boto3

from lambdas.gate import names
from lambdas.gate.spec import Spec
from sandbox.app import principals

ACCOUNT, REGION = "123456789012", "us-east-1"
OPERATOR = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
"""Keys of nobody in particular; the sandbox's IAM binds the functions and the people it makes, not these."""
CLOCK_VARIABLE = "APPROVAL_GATE_CLOCK"
"""Where the app's functions and commands look for the address of the time."""
REPOSITORY = Path(__file__).parents[2]
_LIMIT_SECONDS = 300
_MARKS = ("❌", "Error", "error:", "FAILED", "Traceback", "failed:")
_DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")


class DeploymentError(RuntimeError):
    """The CDK CLI failed, or left something undeployed."""


def operator_environment(endpoint_url: str) -> dict[str, str]:
    """What any AWS SDK or CLI needs to work against the sandbox, and nothing of the user's own AWS configuration."""
    return OPERATOR | {"AWS_ENDPOINT_URL": endpoint_url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}


def client(service: str, endpoint_url: str, key: str | None = None, secret: str | None = None) -> Any:
    """A boto3 client with these keys, by default the operator's, whatever the user's own AWS configuration says."""
    return boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=key or OPERATOR["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=secret or OPERATOR["AWS_SECRET_ACCESS_KEY"],
    )


@dataclass(frozen=True)
class Deployment:
    """One app in one sandbox. `work` holds the cloud assembly, the CLI's own state and, in one .log per
    command, its output."""

    endpoint_url: str
    work: Path
    app: Path = REPOSITORY
    context: Mapping[str, str] | None = None

    def deploy(self) -> None:
        """Bootstrap, deploy every stack, seed. Raises DeploymentError with the reason."""
        self.work.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor() as pool:
            # Bootstrapping needs no app; from an empty folder it does not synthesize one.
            bootstrapped = pool.submit(self._cdk, self.work, "bootstrap", f"aws://{ACCOUNT}/{REGION}")
            self.synth()
            bootstrapped.result()
        self._cdk(self.app, "deploy", "--all", "--require-approval", "never", "--app", str(self._assembly))
        self.verify()
        principals.attach(client("iam", self.endpoint_url), REGION)
        seed(self.endpoint_url)

    def synth(self) -> None:
        context = [f"--context={key}={value}" for key, value in (self.context or {}).items()]
        self._cdk(self.app, "synth", "--quiet", "--output", str(self._assembly), *context)

    def redeploy(self, stack: str) -> None:
        """Synthesize anew and deploy this stack alone, as after an edit of its entry."""
        self.work.mkdir(parents=True, exist_ok=True)
        self.synth()
        self._cdk(
            self.app, "deploy", stack, "--exclusively", "--require-approval", "never", "--app", str(self._assembly)
        )

    def destroy(self, stack: str) -> None:
        self._cdk(self.app, "destroy", "--force", "--app", str(self._assembly), stack)

    def verify(self) -> None:
        """The CLI has been seen to report success on a stack left half made; so every resource is looked at."""
        cloudformation = client("cloudformation", self.endpoint_url)
        wrong = []
        for stack, template in templates(self._assembly).items():
            status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
            pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
            made = {
                r["LogicalResourceId"]: r["ResourceStatus"] for page in pages for r in page["StackResourceSummaries"]
            }
            wrong += unfinished(stack, template, status, made)
        if wrong:
            raise DeploymentError("cdk deploy reported success, but " + ", ".join(wrong) + ".")

    @property
    def _assembly(self) -> Path:
        return self.work / "cdk.out"

    def _cdk(self, folder: Path, *arguments: str) -> None:
        command = ["cdk", *arguments, "--no-notices", "--no-color"]
        log = self.work / f"{arguments[0]}.log"
        with log.open("ab") as output:
            try:
                status = subprocess.run(
                    command,
                    cwd=folder,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=_LIMIT_SECONDS,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired as error:
                raise DeploymentError(f"{' '.join(command)} took over {_LIMIT_SECONDS} s; see {log}.") from error
        if status:
            reason = excerpt(log.read_text(errors="replace"))
            raise DeploymentError(f"{' '.join(command)} ended with status {status}:\n{reason}\nAll of it: {log}")

    @cached_property
    def _environment(self) -> dict[str, str]:
        environment = cdk_environment(os.environ, self.endpoint_url, self.work)
        try:
            node = subprocess.run(
                ["node", "--version"], env=environment, capture_output=True, text=True, check=True
            ).stdout
        except FileNotFoundError as error:
            raise DeploymentError("There is no node on PATH; `make install` brings it.") from error
        # jsii prints a banner for releases past their end of life unless told the major version it runs on.
        return environment | {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": node.lstrip("v").split(".")[0]}


def deploy(
    endpoint_url: str, work: Path, *, app: Path = REPOSITORY, context: Mapping[str, str] | None = None
) -> Deployment:
    """The app, deployed and seeded in the sandbox at `endpoint_url`, which then answers that it is ready.

    `endpoint_url` names the host `localhost`. Raises DeploymentError with the CLI's reason.
    """
    deployment = Deployment(endpoint_url, work, app, context)
    deployment.deploy()
    request = urllib.request.Request(f"{endpoint_url}/_sandbox/ready", method="POST")
    urllib.request.urlopen(request, timeout=30).close()
    return deployment


def templates(assembly: Path) -> dict[str, Any]:
    """Of the stacks in a cloud assembly, by the stack's name."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks = {name: artifact for name, artifact in artifacts.items() if artifact["type"] == "aws:cloudformation:stack"}
    return {
        artifact["properties"].get("stackName", name): json.loads(
            (assembly / artifact["properties"]["templateFile"]).read_text()
        )
        for name, artifact in stacks.items()
    }


def unfinished(stack: str, template: Mapping[str, Any], status: str, made: Mapping[str, str]) -> list[str]:
    """What is wrong with a deployed stack, from its StackStatus and its resources' ResourceStatus by logical id."""
    wanted = [name for name, resource in template["Resources"].items() if "Condition" not in resource]
    states = {stack: status} | {f"{stack}'s {name}": made.get(name, "missing") for name in wanted}
    return [f"{name} is {state}" for name, state in states.items() if state not in _DONE]


def specs(endpoint_url: str) -> list[Spec]:
    """Of the deployed endpoints."""
    pages = client("ssm", endpoint_url).get_paginator("get_parameters_by_path").paginate(Path=names.SPEC_PATH)
    return [Spec.from_json(parameter["Value"]) for page in pages for parameter in page["Parameters"]]


def seed(endpoint_url: str) -> None:
    """The model package groups that the specs name and the buckets of their artifacts, with one sample model in each,
    where they do not exist yet."""
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
    """What the CDK CLI runs in: `environ` without the user's own AWS configuration, pointed at the sandbox."""
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
            # The CLI remembers there whose account a key belongs to; the user's own memory is not for made-up keys.
            "CDK_HOME": str(work / "home"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            # The built-in template validator takes most of a synth's time; the tests run it on the same templates.
            "CDK_VALIDATION": "false",
        }
    )


def excerpt(output: str, lines: int = 12) -> str:
    """At most the last `lines` of the CLI's output, from the first line on that speaks of an error."""
    text = [line for line in output.splitlines() if line.strip()]
    first = next((number for number, line in enumerate(text) if any(mark in line for mark in _MARKS)), 0)
    return "\n".join(text[max(first, len(text) - lines) :])
