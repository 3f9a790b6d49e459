"""A run: what it makes and where, and what it has done, in a file, so that it can be resumed or removed."""

import dataclasses
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lambdas.gate import names
from ops.checks.expectation import Answer, Finding, Verdict, Weight
from ops.errors import Refused

FILE, ENTRY, GOLDEN = "run.json", "acceptance.yaml", "golden.jsonl"
REPORT, REPORT_JSON = "report.md", "report.json"
INSTANCES = 2
INSTANCE_TYPE = "ml.t2.medium"
"""The smallest type that SageMaker offers for endpoints."""
SUFFIX = re.compile(r"[a-z0-9]{4}")


@dataclass
class Step:
    """`began`, `ended`: in seconds since 1970; None if it did not. `failure`: what was not as expected, in words."""

    title: str
    began: float
    ended: float | None = None
    failure: str | None = None


@dataclass
class Run:
    """`suffix`: makes the names of this run its own. `made`: what actions returned, by their names; an action with a
    name here is not done again. `findings`: what was found about AWS, by the expectation's text. `readings`: how often
    each thing was seen while the run waited."""

    account: str
    region: str
    partition: str
    suffix: str
    image: str
    instance_type: str = INSTANCE_TYPE
    model: str | None = None
    began: float = 0.0
    made: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    findings: dict[str, dict[str, str]] = field(default_factory=dict)
    readings: dict[str, int] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        return f"acceptance-{self.suffix}"

    @property
    def group(self) -> str:
        return f"Acceptance-{self.suffix}"

    @property
    def bucket(self) -> str:
        return f"{names.PREFIX}-acceptance-{self.suffix}-{self.account}-{self.region}"

    @property
    def artifacts(self) -> str:
        return f"s3://{self.bucket}/models/"

    @property
    def stack(self) -> str:
        return f"{names.STACK}-{self.endpoint}"

    @property
    def manual_config(self) -> str:
        """The endpoint config that the run makes for the manual change."""
        return f"{self.endpoint}-manual"

    @property
    def entry(self) -> str:
        """The file of endpoints with this endpoint alone."""
        return f"""\
# An endpoint for one acceptance run of Approval Gate. The run removes it.
endpoints:
  {self.endpoint}:
    model_package_group: {self.group}
    model_artifacts: {self.artifacts}
    variant: {{instance_type: {self.instance_type}, instance_count: {INSTANCES}}}
    rollout: {{strategy: canary, canary_percent: 50, wait_seconds: 300, bake_seconds: 300}}
    rollback_on: {{p99_latency_ms: 5000}}
    golden_requests: {GOLDEN}
"""

    def version(self, name: str) -> str | None:
        """Return the ARN of one of the run's versions, such as `v2`; None if it is not registered yet."""
        found: str | None = self.made.get(f"register {name}")
        return found

    def find(self, findings: list[Finding]) -> None:
        """Keep what was found about AWS. What shows nothing replaces nothing."""
        silent = (Verdict.NOT_SEEN, Verdict.NOT_READ)
        for finding in findings:
            before = self.findings.get(finding.text)
            if before is not None and finding.answer.verdict in silent and before["verdict"] not in silent:
                continue
            self.findings[finding.text] = {
                "verdict": finding.answer.verdict.value,
                "seen": finding.answer.seen,
                "weight": finding.weight.value,
                "assumption": finding.assumption,
            }

    def found(self) -> list[Finding]:
        """Return what was found about AWS."""
        return [
            Finding(
                text,
                Weight(each["weight"]),
                Answer(Verdict(each["verdict"]), each["seen"]),
                assumption=each["assumption"],
            )
            for text, each in self.findings.items()
        ]


@dataclass(frozen=True)
class RunFile:
    """The run's folder. Everything that is done is stored at once."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / FILE

    def begin(self, run: Run, golden: str) -> None:
        """Write the files of a new run. Raises Refused if there is another run in the folder."""
        if self.path.exists():
            said = f"There is a run in {self.folder} already. Continue it with --resume, or remove it with --remove."
            raise Refused(said)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ENTRY).write_text(run.entry)
        (self.folder / GOLDEN).write_text(golden)
        self.save(run)

    def load(self) -> Run:
        """Return the run. Raises Refused if there is none that can be read."""
        try:
            return _from_json(json.loads(self.path.read_text()))
        except FileNotFoundError as error:
            raise Refused(f"There is no run in {self.folder}. Leave --resume and --remove out to begin one.") from error
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(f"The run in {self.path} cannot be read: {error}") from error

    def save(self, run: Run) -> None:
        """Store the run. A crash leaves the file as it was before, or as it is after."""
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps(dataclasses.asdict(run), indent=1))
        written.replace(self.path)

    def once(self, run: Run, name: str, do: Callable[[], Any]) -> Any:
        """Return what the action returns, which is a value of JSON. It is done only if the run has not done it yet."""
        if name not in run.made:
            run.made[name] = do()
            self.save(run)
        return run.made[name]

    def end(self) -> None:
        """Forget the run, once everything is removed. The report stays."""
        for name in (FILE, ENTRY, GOLDEN):
            (self.folder / name).unlink(missing_ok=True)


def _from_json(value: dict[str, Any]) -> Run:
    return Run(**value | {"steps": [Step(**step) for step in value["steps"]]})


def new(account: str, region: str, partition: str, suffix: str, **fields: Any) -> Run:
    """Return a new run. Raises Refused if the suffix is none."""
    if SUFFIX.fullmatch(suffix) is None:
        raise Refused(f"{suffix!r} is no suffix: it has four lower-case letters and digits.")
    return Run(account, region, partition, suffix, **fields)
