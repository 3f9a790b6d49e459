"""Synthesize an app with so many endpoints: `python -m bench.grown.synth COUNT`."""

import json
import os
import sys
import tempfile
from pathlib import Path

from bench.grown.used import report
from infra.asset import bundle
from infra.config.load import parse_configuration
from infra.stacks import add_stacks, new_app
from lambdas.gate.names import STACK

ENTRY = """  e{number:04}:
    model_package_group: Group{number:04}
    variant: {{instance_type: ml.m5.large, instance_count: 2}}
    model_artifacts: s3://example-models/e{number:04}/
    rollout: {{strategy: canary, canary_percent: 50, wait_seconds: 300, bake_seconds: 300}}
    rollback_on: {{p99_latency_ms: 500}}
    gate: {{four_eyes: true}}
"""


def main(count: int) -> None:
    text = "endpoints:\n" + "".join(ENTRY.format(number=number) for number in range(count))
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        app = new_app()
        add_stacks(app, parse_configuration("endpoints.yaml", text), bundle.build(Path(scratch, "build")))
        files = {stack.stack_name: Path(stack.template_full_path) for stack in app.synth().stacks}
        sizes = {name: file.stat().st_size for name, file in files.items()}
        resources = {name: len(json.loads(file.read_text())["Resources"]) for name, file in files.items()}
    first = f"{STACK}-e0000"
    report(
        gate_resources=resources[STACK],
        endpoint_resources=resources[first],
        gate_bytes=sizes[STACK],
        endpoint_bytes=sizes[first],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
