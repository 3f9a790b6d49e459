"""The state of an acceptance run: its names, its files, and that its entry is valid."""

import dataclasses
import json
from pathlib import Path

import pytest

from infra.config.load import load
from ops.acceptance import model, run
from ops.acceptance.run import RunFile, Step
from ops.errors import Refused
from tests.ops.acceptance.fake_aws import RUN, T, fresh


def test_all_names_have_the_suffix_of_the_run() -> None:
    assert (RUN.endpoint, RUN.group, RUN.stack, RUN.manual_config) == (
        "acceptance-ab12",
        "Acceptance-ab12",
        "ApprovalGate-acceptance-ab12",
        "acceptance-ab12-manual",
    )
    assert RUN.bucket == "approval-gate-acceptance-ab12-123456789012-us-east-1"


@pytest.mark.parametrize("region", model.REGISTRIES)
def test_the_bucket_s_name_is_not_too_long_in_any_region(region: str) -> None:
    assert len(dataclasses.replace(RUN, region=region).bucket) <= 63


def test_the_entry_is_valid_and_has_the_golden_requests(tmp_path: Path) -> None:
    RunFile(tmp_path).begin(fresh(), model.golden_requests())
    config = load(tmp_path / run.ENTRY)
    (endpoint,) = config.endpoints
    assert (endpoint.name, endpoint.entry.model_artifacts) == (RUN.endpoint, RUN.artifacts)
    assert endpoint.golden is not None
    assert endpoint.golden.requests == len(model.REQUESTS)


def test_a_run_is_stored_and_read_as_it_is(tmp_path: Path) -> None:
    file, began = RunFile(tmp_path / "new"), fresh()
    file.begin(began, "")
    began.steps.append(Step("one", T, T + 1, "late"))
    assert file.once(began, "an act", lambda: {"is": "done"}) == {"is": "done"}
    assert file.once(began, "an act", lambda: pytest.fail("It is done again.")) == {"is": "done"}
    assert file.load() == began


def test_a_second_run_in_the_folder_is_refused(tmp_path: Path) -> None:
    RunFile(tmp_path).begin(fresh(), "")
    with pytest.raises(Refused, match="Continue it with --resume, or remove it with --remove"):
        RunFile(tmp_path).begin(fresh(), "")


@pytest.mark.parametrize("content", ["no JSON", "[]", "{}", json.dumps({"steps": []})])
def test_a_state_that_cannot_be_read_is_refused(tmp_path: Path, content: str) -> None:
    RunFile(tmp_path).path.write_text(content)
    with pytest.raises(Refused, match="cannot be read"):
        RunFile(tmp_path).load()


def test_without_a_run_there_is_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^There is no run in "):
        RunFile(tmp_path).load()


def test_the_end_leaves_the_report(tmp_path: Path) -> None:
    file = RunFile(tmp_path)
    file.begin(fresh(), "")
    (tmp_path / run.REPORT).write_text("x")
    file.end()
    assert [path.name for path in tmp_path.iterdir()] == [run.REPORT]
