"""Point 1: the CPU time of a cold start, up to a composed function, against a typical function and against the least
that could do the same."""

import compileall
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import charts
from bench.point import Figures, Findings, Goal, Measure
from infra.asset import bundle
from lambdas.comparer.settings import ComparerSettings
from lambdas.gate.settings import Settings
from lambdas.janitor.policy import Mode, Policy
from lambdas.prober.settings import GOLDEN_FILE, ProberSettings
from lambdas.start import FUNCTIONS

ROUNDS = 7
PROVIDED = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")
"""What Lambda's runtime brings."""
TYPICAL = (
    "annotated_types",
    "aws_lambda_powertools",
    "aws_xray_sdk",
    "pydantic",
    "pydantic_core",
    "typing_extensions.py",
    "typing_inspection",
    "wrapt",
)
"""What the typical function brings."""
SCRIPTS = Path(__file__).parent / "starts"
FULL_CORE = 1769
"""MB of memory with which Lambda gives a function one vCPU.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
SIZES = (256, 512, 1024, 1769)
METHOD = """Each function starts in a fresh process from the asset that is deployed. Besides, it has only what Lambda's
runtime brings: botocore, with its bytecode. Python may not write bytecode, as Lambda's file system is read-only. The
figure is the CPU time of the whole process until the function's parts are composed. It is the median of seven starts,
which alternate with the baselines'.

- *typical*: Powertools' Logger, Metrics, Tracer, Idempotency and Parser, and boto3's clients of SageMaker, DynamoDB and
  SNS. *typical, compiled* is the same with bytecode of its own packages. Some tools for packaging ship it, others leave
  it out.
- *floor*: TLS and six signed requests by the standard library alone.

The asset has bytecode if it is synthesized with the functions' own Python version.
[Deploy](../deploy.md#runtime-and-architecture) says how to choose that."""


@dataclass(frozen=True)
class Subject:
    """`script`: in `starts`. `paths`: where it finds its packages."""

    script: str
    paths: tuple[Path, ...]
    argument: str = ""


@dataclass(frozen=True)
class Used:
    """Medians. `cpu`: in milliseconds. `memory`: the peak in MB."""

    cpu: float
    memory: float


def measure() -> Findings:
    with tempfile.TemporaryDirectory() as scratch:
        used = _medians(_subjects(Path(scratch)))
    others = {name: used[name].cpu for name in ("typical", "typical, compiled", "floor")}
    goals = (Goal(0.35, "typical"), Goal(3.5, "floor"))
    measures = [Measure(f"{name}'s start", "ms of CPU", used[name].cpu, goals, others) for name in FUNCTIONS]
    measures.append(Measure("deployer's start without bytecode", "ms of CPU", used["source"].cpu, (), others))
    peak = {"typical": used["typical"].memory, "floor": used["floor"].memory}
    measures += [Measure(f"{name}'s memory when started", "MB", used[name].memory, (), peak) for name in FUNCTIONS]
    return Findings(
        measures, [_sizes(used["deployer"].cpu, used["typical"].cpu)], (), {k: v.cpu for k, v in used.items()}
    )


NOTES = (
    "The deployer is at the limit against the typical function: 0.32, 0.35, 0.35 and 0.36 in four runs of one day, "
    "with other programs on the machine.",
    "The deployer misses the goal against the floor. Half of what is left is botocore with its HTTP stack, a "
    "twentieth Powertools' logger and metrics, and the rest the gate's own modules. Their 155 frozen dataclasses "
    "alone take almost a quarter, because `dataclasses` compiles six methods for each. A decorator of our own "
    "that compiles one was tried: it would bring the deployer to some 3.3 times the floor. It is left out, "
    "because it would stand in every module and would have to keep up with the standard library.",
    "Of what a start took before, the bytecode saves a third. Starting without the garbage collector saves a "
    "sixth. The cut list of endpoints, and not listing all services, save a tenth.",
)


def draw(findings: Findings, file: Path) -> None:
    charts.bars(findings.data, "CPU time until the function is composed (ms)", file)


def _subjects(scratch: Path) -> dict[str, Subject]:
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    golden = (bundle.ROOT / "golden" / "fraud-detection.jsonl").read_bytes()
    shipped = bundle.extended(bundle.build(scratch / "build", runtime), {GOLDEN_FILE: golden}).directory
    source = bundle.extended(bundle.build(scratch / "build"), {GOLDEN_FILE: golden}).directory
    provided = _copied(PROVIDED, scratch / "provided")
    compileall.compile_dir(provided, quiet=2)
    typical, compiled = _copied(TYPICAL, scratch / "typical"), _copied(TYPICAL, scratch / "compiled")
    compileall.compile_dir(compiled, quiet=2)
    return {
        **{name: Subject("product.py", (shipped, provided), name) for name in FUNCTIONS},
        "source": Subject("product.py", (source, provided), "deployer"),
        "typical": Subject("typical.py", (typical, provided)),
        "typical, compiled": Subject("typical.py", (compiled, provided)),
        "floor": Subject("floor.py", ()),
    }


def _copied(names: tuple[str, ...], target: Path) -> Path:
    """Copy these installed packages without bytecode."""
    installed = Path(sysconfig.get_path("purelib"))
    target.mkdir()
    for name in names:
        if (installed / name).is_dir():
            shutil.copytree(installed / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(installed / name, target / name)
    return target


def _medians(subjects: Mapping[str, Subject]) -> dict[str, Used]:
    runs: dict[str, list[Used]] = {name: [] for name in subjects}
    for _ in range(ROUNDS):
        for name, subject in subjects.items():
            runs[name].append(_started(subject))
    return {
        name: Used(statistics.median(run.cpu for run in each), statistics.median(run.memory for run in each))
        for name, each in runs.items()
    }


def _started(subject: Subject) -> Used:
    paths = os.pathsep.join(map(str, subject.paths))
    # -I -S: neither the environment's paths nor the installed packages. -B: no bytecode is written.
    command = [sys.executable, "-B", "-I", "-S", str(SCRIPTS / subject.script), paths, subject.argument]
    run = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=True)
    cpu, peak = run.stdout.split()
    return Used(float(cpu) * 1000, int(peak) / 1024)


def _environment() -> dict[str, str]:
    queues = "https://sqs.us-east-1.amazonaws.com/123456789012"
    settings = Settings(
        ledger_table="ledger",
        inbox_url=f"{queues}/inbox",
        topic_arn="arn:aws:sns:us-east-1:123456789012:topic",
        orders_url=f"{queues}/orders.fifo",
        orders_arn="arn:aws:sqs:us-east-1:123456789012:orders.fifo",
    )
    prober = ProberSettings("fraud-detection", f"{queues}/prober", f"{queues}/inbox", "0" * 64, "golden", 300, 300)
    comparer = ComparerSettings("fraud-detection", "s3://example-captures/fraud/", f"{queues}/inbox")
    return {
        **settings.to_env(),
        **comparer.to_env(),
        **prober.to_env(),
        **Policy(Mode.DRY_RUN, 30, 3, 30).to_env(),
        "APPROVAL_GATE_ROLE_ID": "AROAEXAMPLE",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "PATH": os.environ["PATH"],
    }


def _sizes(product: float, typical: float) -> Figures:
    rows = []
    for size in SIZES:
        share = min(1.0, size / FULL_CORE)
        rows.append((f"{size} MB", f"{product / share / 1000:.2f} s", f"{typical / share / 1000:.2f} s"))
    title = (
        "Lambda gives a function CPU in proportion to its memory. With cores like this machine's, and if Lambda gave "
        "it no more while it starts, a start takes:"
    )
    return Figures(title, ("memory", "deployer", "typical"), rows)
