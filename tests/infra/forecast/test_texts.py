"""What people read of a plan: synth's warning, the table, the plot, and `python -m infra.forecast`."""

import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from infra.config.load import load
from infra.forecast.advice import advice
from infra.forecast.alternatives import alternatives
from infra.forecast.curves import curves
from infra.forecast.entries import case as own_case
from infra.forecast.entries import cases
from infra.forecast.forecast import forecast
from infra.forecast.outcomes import Case
from infra.forecast.plot import plot
from infra.forecast.suggestion import suggestion
from infra.forecast.table import table
from infra.forecast.wording import count, duration, name, percent, rate
from lambdas.gate.spec.spec import Rollout, Strategy
from tests.infra.conftest import ROOT
from tests.infra.forecast.cases import AT_ONCE, CANARY, LINEAR, ROLLING, case, instances, rollout
from tests.infra.forecast.cases import percent as of_fleet
from tests.infra.synthesized import endpoints_named

PLOT = ROOT / "docs" / "plan-fraud-detection.svg"


def fraud_detection() -> tuple[Case, ...]:
    entry = load(ROOT / "endpoints.yaml").endpoints[0].entry
    assert entry.traffic
    return cases(own_case(entry, entry.traffic))


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({}, None),
        (
            {"traffic": "{requests_per_second: 20, bad_version_error_rate_percent: 20}"},
            None,
        ),
        (
            {"traffic": "{requests_per_second: 20, bad_version_error_rate_percent: 50}"},
            None,
        ),
        (
            {"traffic": "{requests_per_second: 1, bad_version_error_rate_percent: 10}"},
            (
                "churn: a version that fails 10% of its requests is detected before it has all traffic with a chance "
                "of 47.7%. It answers 165 requests in 5.5 min. `make plan ENDPOINT=churn` compares the strategies."
            ),
        ),
        (
            {
                "traffic": "{requests_per_second: 1, bad_version_error_rate_percent: 20}",
                "rollout": "{strategy: all-at-once}",
            },
            None,
        ),
        (
            {
                "traffic": "{requests_per_second: 0.1, bad_version_error_rate_percent: 50}",
                "rollout": "{strategy: all-at-once}",
            },
            (
                "churn: a version that fails 50% of its requests is detected during its bake with a chance of 58%. "
                "It answers 33 requests in 5.5 min. `make plan ENDPOINT=churn` compares the strategies."
            ),
        ),
        (
            {"traffic": "{requests_per_second: 0.002, bad_version_error_rate_percent: 20}"},
            (
                "churn: too little traffic to judge a version: canary 50% tests it with 0.33 requests in 5.5 min "
                "before it has all traffic. `make plan ENDPOINT=churn` compares the strategies."
            ),
        ),
        (
            {"traffic": "{requests_per_second: 20}", "rollback_on": "{error_rate_percent: 5}"},
            (
                "churn: a version that fails 5% of its requests is not stopped by the alarms, because it does not "
                "exceed error_rate_percent: 5. `judge: {mode: revert}` compares it with the live version. `make plan "
                "ENDPOINT=churn` compares the strategies."
            ),
        ),
        ({"traffic": "{requests_per_second: 20}", "judge": "{mode: revert}"}, None),
        (
            {"traffic": "{requests_per_second: 20}", "rollout": "{strategy: all-at-once}"},
            (
                "churn: a version that fails 5% of its requests is not stopped by the alarms, because it does not "
                "exceed error_rate_percent: 8. `make plan ENDPOINT=churn` compares the strategies."
            ),
        ),
        (
            {
                "traffic": "{requests_per_second: 1, bad_version_error_rate_percent: 50, "
                "background_error_rate_percent: 2}",
                "rollback_on": "{error_rate_percent: 1}",
            },
            (
                "churn: error_rate_percent 1 rolls back 3% of the versions that are as good as the live one, if that "
                "fails 2% of its requests. `make plan ENDPOINT=churn` compares the strategies."
            ),
        ),
    ],
)
def test_synth_warns_in_one_line_of_a_plan_that_would_not_see_a_bad_version(
    sections: dict[str, str], expected: str | None
) -> None:
    (endpoint,) = endpoints_named("churn", **sections)
    assert advice(endpoint.name, endpoint.entry) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (case(CANARY, per_second=1, error_rate=0.1), "`wait_seconds: 660` would raise this to 91.5%."),
        (case(AT_ONCE, per_second=0.1, error_rate=0.5), "`bake_seconds: 540` would raise this to 91.2%."),
        (
            case(CANARY, per_second=0.01, error_rate=0.05),
            "No wait_seconds would raise this to 90%. Your own test requests during the rollout would.",
        ),
        (case(CANARY, error_rate=0.01), "A rollback_on.error_rate_percent below 1 would detect it."),
    ],
)
def test_a_plan_that_would_not_see_the_fault_says_what_would(asked: Case, expected: str) -> None:
    assert suggestion(asked) == expected


@pytest.mark.parametrize(
    ("own", "instance_count", "others"),
    [
        (CANARY, 4, [AT_ONCE, rollout(Strategy.LINEAR, of_fleet(50)), rollout(Strategy.ROLLING, of_fleet(50))]),
        (LINEAR, 4, [AT_ONCE, rollout(Strategy.CANARY, of_fleet(25)), ROLLING]),
        (ROLLING, 4, [AT_ONCE, rollout(Strategy.CANARY, of_fleet(25)), LINEAR]),
        (
            rollout(Strategy.ALL_AT_ONCE, bake=600),
            4,
            [
                rollout(Strategy.CANARY, of_fleet(50), wait=600, bake=600),
                rollout(Strategy.LINEAR, of_fleet(50), wait=600, bake=600),
                rollout(Strategy.ROLLING, of_fleet(50), wait=600),
            ],
        ),
        (AT_ONCE, 1, []),
        # Where SageMaker takes no step as small, the smallest that it takes.
        (
            rollout(Strategy.CANARY, of_fleet(2), bake=0),
            50,
            [
                AT_ONCE,
                rollout(Strategy.LINEAR, of_fleet(10), bake=300),
                rollout(Strategy.ROLLING, of_fleet(5)),
            ],
        ),
        (
            rollout(Strategy.CANARY, instances(1)),
            25,
            [AT_ONCE, rollout(Strategy.LINEAR, instances(3)), rollout(Strategy.ROLLING, instances(2))],
        ),
    ],
)
def test_the_other_strategies_have_the_same_waits(own: Rollout, instance_count: int, others: list[Rollout]) -> None:
    assert alternatives(own, instance_count) == (own, *others)


def test_the_table_compares_mean_and_worst() -> None:
    console = Console(width=90)
    with console.capture() as printed:
        console.print(table(cases(case(ROLLING, per_second=1, error_rate=0.05))))
    lines = [" ".join(line.split()) for line in printed.get().splitlines()]
    assert [line for line in lines if line and "─" not in line][:13] == [
        "mean (worst) rolling 25% all at once canary 25% linear 25%",
        "waits long enough 4 of 4 1 of 1 2 of 2 4 of 4",
        "detected in 1st wait 0.2% 47% 0.2% 0.2%",
        "detected in time 65.2% 47% 0.2% 39.9%",
        "detected at all 98.8% 47% 49.4% 82%",
        "minutes to detect 39.0 (-) 4.1 (-) 9.4 (-) 16.2 (-)",
        "minutes to roll back 12.6 (-) 0.2 (-) 0.2 (-) 0.2 (-)",
        "requests answered 1,391 (-) 254 (-) 328 (-) 514 (-)",
        "good one lost 0% 0% 0% 0%",
        "minutes if good 76.0 19.0 24.5 35.5",
        "extra inst.-hours 1.3 1.3 1.6 2.4",
        "seen with 90% 6.2% fail 8.7% fail 32% fail 8.1% fail",
        "in time, 2% fail 1.8% 2.4% below 0.1% 1%",
    ]


@pytest.mark.parametrize("rolled_out", [AT_ONCE, CANARY, LINEAR, ROLLING])
def test_the_curve_of_answered_requests_ends_at_their_mean(rolled_out: Rollout) -> None:
    asked = case(rolled_out, error_rate=0.1)
    line, found = curves(asked, until=900), forecast(asked)
    assert found.bad_requests
    assert line.bad_requests[-1] == pytest.approx(found.bad_requests.mean)
    assert (line.seconds[-1], line.bad[0], line.bad[-1]) == (900, line.good[0], 0.0)


def test_the_curve_of_a_good_version_is_its_rollout_and_a_bad_one_that_nobody_sees_shares_it() -> None:
    line = curves(case(CANARY, error_rate=0.0), until=700)
    assert line.bad == line.good
    assert [second for second, share in zip(line.seconds, line.good, strict=True) if share == 0.5] == [
        *range(0, 330, 5)
    ]
    assert line.good[-1] == 1.0


def test_the_plot_that_is_kept_is_the_plan_of_the_file_that_ships(tmp_path: Path) -> None:
    plot("fraud-detection", fraud_detection(), tmp_path / "drawn.svg")
    assert (tmp_path / "drawn.svg").read_text() == PLOT.read_text(), f"run `make plan PLOT={PLOT.relative_to(ROOT)}`"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (percent(1.0), "100%"),
        (percent(0.99999), "99.9%"),
        (percent(0.05), "5%"),
        (percent(0.00001), "below 0.1%"),
        (percent(0.0), "0%"),
        (percent(0.1249), "12.4%"),
        (percent(0.29), "29%"),
        (rate(0.57), "57%"),
        (rate(0.0005), "0.05%"),
        (duration(89), "89 s"),
        (duration(90), "1.5 min"),
        (count(12345.6), "12,346"),
        (count(0.0833), "0.083"),
        (name(AT_ONCE), "all at once"),
        (name(CANARY), "canary 50%"),
        (name(rollout(Strategy.ROLLING, instances(2))), "rolling by 2"),
    ],
)
def test_figures_are_written_for_people(written: str, expected: str) -> None:
    assert written == expected


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.forecast", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


ENTRY = "{model_package_group: G, variant: {instance_type: ml.m5.large}, model_artifacts: s3://models/}"


def test_the_command_prints_the_table_and_draws_the_plot(tmp_path: Path) -> None:
    made = run("fraud-detection", "--plot", str(tmp_path / "plan.png"))
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("fraud-detection: a version that fails 20% of its requests, at 20 requests/s\n")
    assert "1,926 (3,350)" in made.stdout
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("endpoints: {}\n", 1, "endpoints.yaml has no endpoint fraud; it has: none.\n"),
        (
            f"endpoints: {{fraud: {ENTRY}}}\n",
            0,
            "fraud has no traffic section. Add one to its entry: `traffic: {requests_per_second: 20}`.\n",
        ),
    ],
)
def test_the_command_says_what_it_lacks(tmp_path: Path, source: str, code: int, message: str) -> None:
    file = tmp_path / "endpoints.yaml"
    file.write_text(source)
    made = run("fraud", "--endpoints", str(file))
    assert (made.returncode, (made.stdout + made.stderr).replace(str(tmp_path) + "/", "")) == (code, message)
