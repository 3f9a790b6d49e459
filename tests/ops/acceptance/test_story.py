"""The story of an acceptance run: what is done in which order, and what is done again after a crash: nothing."""

import itertools
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError

from ops.acceptance.run import Run, RunFile
from ops.acceptance.story import Story, Surroundings, Unexpected
from tests.ops.acceptance.fake_aws import RUN, Crash, FakeAws, fresh

ACTS = [
    *("upload v1", "register v1 right", "Approved v1"),
    *("upload v2", "register v2 right", "Approved v2"),
    *("upload v3", "register v3 errors", "Approved v3"),
    *("upload v4", "register v4 wrong", "Approved v4"),
    "Rejected v2",
    *("update to the live config", "copy the config", f"update to {RUN.manual_config} guarded"),
    "delete the endpoint",
]


def story(aws: FakeAws, run: Run, folder: Path) -> Story:
    file = RunFile(folder)
    file.save(run)
    return Story(aws, run, file, Surroundings(lambda: aws.now, aws.sleep, aws.said.append))  # type: ignore[arg-type]


def test_the_steps_are_played_in_order_and_each_says_what_it_waits_for(tmp_path: Path) -> None:
    aws, run = FakeAws(), fresh()
    story(aws, run, tmp_path).play()
    assert aws.acts == ACTS
    assert [(step.failure, step.ended is not None) for step in run.steps] == 7 * [(None, True)]
    assert aws.said[:8] == [
        "Step 1 of 7: v1 is registered and approved: the endpoint is created with it.",
        "  waiting until Approval Gate has reconciled the new endpoint",
        "  v1 is uploaded",
        "  v1 is registered",
        "  waiting until Approval Gate has recorded what v1 is, before its approval",
        "  v1 is approved",
        "  waiting until the rollout of v1 has ended",
        "  waiting until the endpoint is in service with v1",
    ]


@pytest.mark.parametrize("crash_at", range(1, len(ACTS) + 1))
def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path, crash_at: int) -> None:
    """An act whose end was not stored may be repeated; none that was stored is."""
    aws = FakeAws()
    aws.crash_at = crash_at
    with pytest.raises(Crash):
        story(aws, fresh(), tmp_path).play()
    run = RunFile(tmp_path).load()
    story(aws, run, tmp_path).play()
    again = [act for number, act in enumerate(aws.acts) if act in aws.acts[:number]]
    assert again in ([], [aws.acts[crash_at - 1]])
    assert list(dict.fromkeys(aws.acts)) == ACTS
    assert all(step.ended is not None for step in run.steps)


def test_an_outcome_that_is_another_ends_the_story_and_says_so(tmp_path: Path) -> None:
    aws, run = FakeAws({"v3": "succeeded"}), fresh()
    with pytest.raises(Unexpected, match=r"^step 3: the rollout of v3 ended as succeeded, not as rolled_back: it succ"):
        story(aws, run, tmp_path).play()
    assert [step.ended is not None for step in run.steps] == [True, True, False]
    assert run.steps[-1].failure == "the rollout of v3 ended as succeeded, not as rolled_back: it succeeded"
    assert RunFile(tmp_path).load() == run


def test_what_does_not_follow_in_time_ends_the_story(tmp_path: Path) -> None:
    aws = FakeAws()
    aws.is_registered = lambda version: False  # type: ignore[method-assign]
    why = (
        r"^step 1: it did not happen within 30 minutes that Approval Gate has recorded what v1 is, before its approval$"
    )
    with pytest.raises(Unexpected, match=why):
        story(aws, fresh(), tmp_path).play()


def test_a_time_in_which_aws_cannot_be_reached_ends_nothing(tmp_path: Path) -> None:
    aws, asked = FakeAws(), itertools.count()

    def is_registered(version: str) -> bool:
        time = next(asked)
        if time == 1:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")
        return time > 1

    aws.is_registered = is_registered  # type: ignore[method-assign]
    story(aws, fresh(), tmp_path).play()
    said = 'AWS cannot be reached, and is asked again: Could not connect to the endpoint URL: "https://dynamodb"'
    assert (aws.acts, aws.said.count(f"  {said}")) == (ACTS, 1)


@pytest.mark.parametrize(
    ("refused", "kept"),
    [
        ({}, (None, None, False)),
        ({"live": "already in use"}, ("already in use", None, False)),
        ({f"{RUN.manual_config} guarded": "no such alarm"}, (None, "no such alarm", True)),
    ],
    ids=["both taken", "the live config refused", "the alarm refused"],
)
def test_what_updateendpoint_answers_is_kept_and_the_change_is_made_anyway(
    tmp_path: Path, refused: dict[str, str], kept: tuple[str | None, str | None, bool]
) -> None:
    aws, run = FakeAws(refused=refused), fresh()
    story(aws, run, tmp_path).play()
    answers = [run.made[f"update {name}"]["refused"] for name in ("to the config in service", _MISSING)]
    assert (*answers, "update manually" in run.made) == kept


def test_an_update_whose_answer_was_lost_was_taken_if_its_config_serves(tmp_path: Path) -> None:
    """Asked again, SageMaker might refuse it for another reason: the config is in service."""
    aws = FakeAws(refused={"live": "already in use"})
    aws.crash_at = ACTS.index(f"update to {RUN.manual_config} guarded") + 1
    with pytest.raises(Crash):
        story(aws, fresh(), tmp_path).play()
    run = RunFile(tmp_path).load()
    story(aws, run, tmp_path).play()
    assert run.made[f"update {_MISSING}"] == {"refused": None}


_MISSING = "with an alarm that does not exist"
