"""`lint`: is a file of endpoints valid?"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.errors import Exit
from ops.options import TEXT
from ops.render.output import Output

if TYPE_CHECKING:
    from infra.config.problem import ConfigError


@click.command()
@click.argument("file", type=TEXT)
def lint(file: str) -> Output:
    """Check FILE, such as endpoints.yaml, as `cdk synth` does, without Node, the CDK and AWS. Every problem is named
    with its line, what was found, what is allowed and how to fix it. Warnings say which rollouts would probably not
    find a bad version, and which keys have no effect."""
    # The schema of the file is large. Help and completion do not wait for it.
    from infra.config.load import load  # noqa: PLC0415
    from infra.config.problem import ConfigError  # noqa: PLC0415
    from infra.forecast.advice import advice, unguarded  # noqa: PLC0415

    try:
        found = load(Path(file))
    except ConfigError as error:
        return refused(file, error)
    entries = [(each.name, each.entry) for each in found.endpoints]
    told = [says(name, entry) for name, entry in entries for says in (unguarded, advice)]
    warnings = [*found.notes, *(warning for warning in told if warning is not None)]
    names = [name for name, _ in entries]
    count = "1 endpoint" if len(names) == 1 else f"{len(names)} endpoints"
    listed = f" ({', '.join(names)})" if names else ""
    valid = f"{file} is valid: {count}{listed}."
    return Output(
        *(f"Warning: {warning}" for warning in warnings), valid, values=(_answer(file, None, warnings, names),)
    )


def refused(file: str, error: "ConfigError") -> Output:
    """Return the answer about a file that is not valid."""
    said = str(error)
    return Output(*said.split("\n"), values=(_answer(file, said, [], []),), exit=Exit.FAILED)


def _answer(file: str, problems: str | None, warnings: list[str], endpoints: list[str]) -> dict[str, Any]:
    return {
        "file": file,
        "valid": problems is None,
        "problems": problems,
        "warnings": warnings,
        "endpoints": endpoints,
    }
