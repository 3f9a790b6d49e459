"""`acceptance`: play the story of the demo in this account, and report what AWS answered."""

import json
import secrets
import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import sleep
from typing import Any

import click

from lambdas.gate import names
from ops.acceptance import masking, model, report, run
from ops.acceptance.aws import Aws, Clients
from ops.acceptance.removal import Removal
from ops.acceptance.run import ENTRY, REPORT, REPORT_JSON, Run, RunFile
from ops.acceptance.story import Story, Surroundings, Unexpected
from ops.account import Account
from ops.errors import Exit, Refused
from ops.options import TEXT, Options
from ops.render import acceptance as render
from ops.render.output import Output, progress
from ops.rows import read_rows

FOLDER = "approval-gate-acceptance"
MINUTES, INSTANCE_HOURS = 90, 6
"""About how long a run takes, and how many instance-hours it uses."""


@click.command()
@click.option("--resume", is_flag=True, help="Continue the run in the folder.")
@click.option("--remove", is_flag=True, help="Remove what the run in the folder made.")
@click.option("--yes", is_flag=True, help="Do not ask before anything is made.")
@click.option("--keep", is_flag=True, help="Remove nothing at the end, so that you can look at it, or --resume.")
@click.option("--folder", "place", type=TEXT, default=FOLDER, show_default=True, help="Of the run's files.")
@click.option("--instance-type", type=TEXT, default=run.INSTANCE_TYPE, show_default=True, help="Of the endpoint.")
@click.option("--image", type=TEXT, help="An ECR image, in place of SageMaker's scikit-learn container.")
@click.option(
    "--model",
    "artifact",
    type=TEXT,
    help=f"A model.tar.gz for that image. It answers as the variable {model.ANSWERS} of its container says.",
)
@click.pass_obj
def acceptance(
    chosen: Options,
    resume: bool,
    remove: bool,
    yes: bool,
    keep: bool,
    place: str,
    instance_type: str,
    image: str | None,
    artifact: str | None,
) -> Output:
    """Try Approval Gate in this account: play the story of the demo on an endpoint and a group that exist for that
    only, report what AWS answered to what it does not document, and remove everything. Approval Gate must be deployed.
    The report has no account details."""
    if resume and remove:
        raise click.UsageError("Both --resume and --remove were given. Give one of them.")
    if artifact is not None and not Path(artifact).is_file():
        raise click.UsageError(f"--model: there is no file {artifact}.")
    folder = Path(place)
    account, file = Account.of(chosen), RunFile(folder)
    clients = cache(account.client)
    around = Surroundings(lambda: _now(account), sleep, progress)
    if resume or remove:
        found = _own(file.load(), account)
        if remove:
            _confirm(f"Remove everything that the run {found.endpoint} made?", yes)
            return _removed(Removal(clients, found, around), file, found)
    else:
        _refuse_a_pause(account)
        chosen_image = image or model.image(account.region)
        path = None if artifact is None else str(Path(artifact).resolve())
        made = {"instance_type": instance_type, "model": path, "began": _now(account)}
        found = run.new(account.id, account.region, account.partition, secrets.token_hex(2), image=chosen_image, **made)
        _confirm(_question(found), yes)
        file.begin(found, model.golden_requests())
    aws, removal = Aws(clients, found), Removal(clients, found, around)
    if problem := _played(lambda: _begun(aws, file, found)):
        return Output(values=(), failure=_and_removed(removal, file, problem))
    if not aws.is_deployed():
        return _to_deploy(found, folder)
    failure = _played(Story(aws, found, file, around, _artifact(found)).play)
    reported = _reported(found, account, clients, failure)
    _write(folder, reported)
    told = [f"The report is in {folder / REPORT}. It has no account details: attach it to an issue."]
    if not keep:
        failure = _and_removed(removal, file, failure)
    else:
        told.append(f"Everything is kept. To remove it: {_again(folder, '--remove')}")
    return Output(*render.parts(reported), *told, values=(reported,), failure=failure)


def _question(run: Run) -> str:
    return (
        f"This plays seven steps on an endpoint of its own in the account {run.account}, {run.region}. It takes about "
        f"{MINUTES} minutes and {INSTANCE_HOURS} instance-hours of {run.instance_type}, at the price of "
        "https://aws.amazon.com/sagemaker/pricing. Subscribers of the notifications get those of this endpoint. "
        "Everything is removed afterwards but the rows of the ledger. Begin?"
    )


def _confirm(question: str, yes: bool) -> None:
    """Ask, unless the answer is given. Raises Refused where nobody can answer."""
    if yes:
        return
    try:
        click.confirm(question, abort=True, err=True)
    except click.Abort as error:
        raise Refused("Nothing was made or removed. Use --yes where nobody can answer.") from error


def _begun(aws: Aws, file: RunFile, run: Run) -> None:
    """Make what must be there before the endpoint's stack."""
    file.once(run, "group", aws.make_group)
    file.once(run, "bucket", aws.make_bucket)


def _artifact(run: Run) -> bytes | None:
    """Return the user's own model.tar.gz; None if the run makes one."""
    try:
        return None if run.model is None else Path(run.model).read_bytes()
    except OSError as error:
        raise Refused(f"{run.model} cannot be read: {error.strerror}. Put it back, then --resume.") from error


def _now(account: Account) -> float:
    account.forget()
    return account.now


def _own(run: Run, account: Account) -> Run:
    """Return the run. Raises Refused if it is one of another account or Region."""
    if (run.account, run.region) != (account.id, account.region):
        raise Refused(f"The run {run.endpoint} is in the account {run.account}, {run.region}. Sign in there.")
    return run


def _refuse_a_pause(account: Account) -> None:
    """Raises Refused if Approval Gate could roll out nothing, and AWS's error if it is not deployed."""
    paused = account.all_paused()
    if paused is not None:
        raise Refused(f"All endpoints are paused: {paused}. To end that: approval-gate resume --all")


def _to_deploy(run: Run, folder: Path) -> Output:
    """Return the command with which somebody deploys the endpoint's stack."""
    file = shlex.quote(str((folder / ENTRY).resolve()))
    command = f"cdk deploy {run.stack} --exclusively -c endpoints={file}"
    lines = (
        f"The entry of the endpoint is in {folder / ENTRY}. Deploy its stack from the folder of Approval Gate:",
        f"  {command}",
        f"Then continue: {_again(folder, '--resume')}",
        f"To remove what was made: {_again(folder, '--remove')}",
    )
    values = ({"endpoint": run.endpoint, "stack": run.stack, "command": command},)
    return Output(*lines, values=values, exit=Exit.IN_PROGRESS)


def _again(folder: Path, flag: str) -> str:
    chosen = "" if str(folder) == FOLDER else f" --folder {shlex.quote(str(folder))}"
    return f"approval-gate acceptance {flag}{chosen}"


def _played(play: Callable[[], None]) -> str | None:
    """Play the story, and return why it ended early; None if it did not."""
    from ops.error_texts import explain  # noqa: PLC0415 - AWS's libraries take a while to load.

    try:
        play()
    except Unexpected as error:
        return f"It did not go as it must: {error}"
    except KeyboardInterrupt:
        return "It was interrupted."
    except Exception as error:  # noqa: BLE001 - Whatever happens, everything is removed and reported.
        return explain(error)
    return None


def _and_removed(removal: Removal, file: RunFile, failure: str | None) -> str | None:
    """Remove everything after the story. Return what failed, in the story or here; None if nothing did."""
    progress("Removing everything that the run made.")
    problem = _played(removal.remove)
    if problem is None and not (left := removal.left()):
        file.end()
        return failure
    problem = problem or f"this is still there: {', '.join(left)}."
    again = f"Not everything was removed: {problem} To try again: {_again(file.folder, '--remove')}"
    return f"{failure} {again}" if failure else again


def _removed(removal: Removal, file: RunFile, run: Run) -> Output:
    failure = _and_removed(removal, file, None)
    values = ({"endpoint": run.endpoint, "removed": failure is None},)
    return Output(*(("Everything is removed.",) if failure is None else ()), values=values, failure=failure)


def _reported(run: Run, account: Account, clients: Clients, failure: str | None) -> dict[str, Any]:
    """Return the report without account details. Who is in the ledger's rows is no part of it."""
    rows = read_rows(clients("dynamodb"), run.endpoint)
    people = masking.people((account.operator(), *(row.fact.who for row in rows)))
    hidden = people - {names.PREFIX, run.endpoint, run.group}
    found: dict[str, Any] = masking.masked(report.report(run, failure), hidden)
    return found


def _write(folder: Path, reported: dict[str, Any]) -> None:
    (folder / REPORT).write_text(render.markdown(reported))
    (folder / REPORT_JSON).write_text(f"{json.dumps(reported, indent=2)}\n")
