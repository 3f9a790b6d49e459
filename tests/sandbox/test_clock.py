"""The clock: due work runs in order, nothing is skipped, and moto has the same time."""

import threading
import time
from datetime import UTC, datetime

import boto3
import pytest
from moto.core.utils import unix_time, utcnow

from sandbox.clock import Clock

START = 1_800_000_000.0


def test_it_starts_at_real_time() -> None:
    assert abs(Clock().time() - time.time()) < 5


def test_it_stands_still_unless_advanced() -> None:
    clock = Clock(START)
    before = clock.time()
    time.sleep(0.01)
    assert (before, clock.time(), clock.now()) == (START, START, datetime(2027, 1, 15, 8, 0, tzinfo=UTC))


def test_it_never_runs_back() -> None:
    with pytest.raises(ValueError, match="never moves back"):
        Clock(START).advance(-1)


def test_due_work_runs_in_order_at_its_own_time_and_what_it_adds_is_not_skipped() -> None:
    clock, seen = Clock(START), list[tuple[str, float]]()

    def note(name: str) -> None:
        seen.append((name, clock.time() - START))

    def chain() -> None:
        note("chain")
        clock.at(clock.time() + 1, lambda: note("link"))
        clock.at(clock.time(), lambda: note("at once"))

    clock.at(START + 9, lambda: note("last"))
    clock.at(START + 3, chain)
    clock.at(START + 3, lambda: note("tie"))
    clock.at(START + 30, lambda: note("too late"))
    clock.advance(10)
    assert seen == [("chain", 3), ("tie", 3), ("at once", 3), ("link", 4), ("last", 9)]
    assert clock.time() == START + 10


def test_work_that_is_past_due_runs_at_the_next_step() -> None:
    clock, seen = Clock(START), list[float]()
    clock.at(START - 100, lambda: seen.append(clock.time()))
    clock.advance(0)
    assert seen == [START]


def test_it_settles_before_it_moves_and_after_each_due_time() -> None:
    clock, settled = Clock(START), list[float]()
    clock.settle = lambda: settled.append(clock.time() - START)
    clock.at(START + 2, lambda: None)
    clock.at(START + 2, lambda: None)
    clock.at(START + 5, lambda: None)
    clock.advance(10)
    assert settled == [0, 2, 5]


def test_work_that_settling_makes_due_is_done_before_it_moves() -> None:
    clock, seen = Clock(START), list[float]()
    pending = [lambda: seen.append(clock.time() - START)]
    clock.settle = lambda: clock.at(clock.time(), pending.pop()) if pending else None
    clock.advance(10)
    assert seen == [0]


def test_an_error_in_due_work_reaches_the_caller() -> None:
    clock = Clock(START)
    clock.at(START + 1, lambda: dict[str, None]()["missing"])
    with pytest.raises(KeyError):
        clock.advance(10)
    assert clock.time() == START + 1


def test_it_stands_still_while_held() -> None:
    clock, held, done = Clock(START), threading.Event(), threading.Event()

    def invoke() -> None:
        with clock.hold():
            held.set()
            done.wait()

    function = threading.Thread(target=invoke)
    function.start()
    held.wait()
    advancing = threading.Thread(target=clock.advance, args=(10,))
    advancing.start()
    advancing.join(0.05)
    assert (clock.time(), advancing.is_alive()) == (START, True)
    done.set()
    advancing.join()
    function.join()
    assert clock.time() == START + 10


def test_moto_reads_it(clock: Clock) -> None:
    clock.advance(0.25)
    now = datetime(2027, 1, 15, 8, 0, 0, 250000, tzinfo=UTC)
    assert (unix_time(), utcnow()) == (START + 0.25, now.replace(tzinfo=None))


def test_what_services_answer_is_simulated_time(clock: Clock) -> None:
    clock.advance(3600)
    ssm, s3, sts = boto3.client("ssm"), boto3.client("s3"), boto3.client("sts")
    ssm.put_parameter(Name="p", Value="v", Type="String")
    s3.create_bucket(Bucket="models")
    role = "arn:aws:iam::123456789012:role/r"
    assumed = sts.assume_role(RoleArn=role, RoleSessionName="session", DurationSeconds=900)
    assert [
        ssm.get_parameter(Name="p")["Parameter"]["LastModifiedDate"].timestamp(),
        s3.list_buckets()["Buckets"][0]["CreationDate"].timestamp(),
        assumed["Credentials"]["Expiration"].timestamp(),
    ] == [START + 3600, START + 3600, START + 3600 + 900]
