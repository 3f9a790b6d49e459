"""The calls from an approval to UpdateEndpoint: none comes or goes unseen, and every safety read is there."""

from bench.calls import ALARMS, EXPECTED, Call, Kind, count, measure, recorded


def test_an_approval_takes_the_calls_that_are_listed_and_no_others() -> None:
    assert recorded() == [each.call for each in EXPECTED]


def test_right_before_the_update_the_lock_and_every_safety_read_come_in_this_order() -> None:
    """What the version is, that nobody has paused all endpoints, and that the version is still approved."""
    calls = recorded()
    after = calls[calls.index(Call("TransactWriteItems")) :]
    assert after == [
        Call("TransactWriteItems"),
        Call("DescribeModelPackage", "version 2"),
        Call("GetItem", "registration"),
        Call("HeadObject", "fraud/2.tar.gz"),
        Call("GetItem", "head of all"),
        Call("Query", "rows of all"),
        Call("DescribeModelPackage", "version 2"),
        Call("UpdateEndpoint"),
    ]


def test_calls_are_counted_by_what_they_are_for() -> None:
    assert count(recorded()) == {
        Kind.COUNTED: 4,
        Kind.SAFETY: 21,
        Kind.ARTIFACT: 4,
        Kind.REGISTRATION: 3,
        Kind.ALARM: ALARMS,
    }


def test_a_call_that_nobody_listed_counts() -> None:
    assert count([Call("DescribeTrainingJob")])[Kind.COUNTED] == 1


def test_the_point_says_which_goals_are_missed() -> None:
    found = measure()
    assert [(each.name, [each.is_met(goal) for goal in each.goals]) for each in found.measures][:3] == [
        ("calls to UpdateEndpoint, without alarms", [False]),
        ("of these, safety reads and the lock", []),
        ("sequential round trips", [False]),
    ]
