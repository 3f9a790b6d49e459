"""The head: what is known of an approval is known wherever it is, and the whole fits into an item."""

import dataclasses
from typing import Any

import pytest

from lambdas.gate import codec
from lambdas.gate.state.approval import Approval
from lambdas.gate.state.head import MAXIMUM_BYTES, MAXIMUM_GOOD, MAXIMUM_QUARANTINED, Head
from lambdas.gate.state.identity import Identity
from lambdas.gate.state.orders import Override
from lambdas.gate.state.pin import Artifact, Image, Pin
from lambdas.gate.state.tries import Quarantined
from tests.lambdas.builders import NOW, SPEC, approval, arn, attempt, head, live

EVERYWHERE = head(live=live(1), good=(live(2), live(3)), attempt=attempt(4), approvals=(approval(4), approval(5)))


def test_the_known_approvals_are_all_that_matter_still() -> None:
    assert EVERYWHERE.known_approvals == tuple(approval(number) for number in range(1, 6))
    assert head(live=live(None), good=(live(None),)).known_approvals == ()


@pytest.mark.parametrize("number", range(1, 6))
def test_more_is_known_about_one_approval_wherever_it_is(number: int) -> None:
    revised = approval(number, uncertain=True)
    after = EVERYWHERE.with_revised(revised)
    assert after.known_approvals == tuple(revised if n == number else approval(n) for n in range(1, 6))
    assert after.with_revised(approval(number)) == EVERYWHERE


def test_another_approval_of_the_same_version_is_not_revised() -> None:
    assert EVERYWHERE.with_revised(approval(5, order=6, uncertain=True)) == EVERYWHERE


def test_an_override_is_one_approval_s() -> None:
    mine, other = (Override(order, "freeze", "arn:op", "incident", NOW) for order in (2, 3))
    row = head(overrides=(mine, other))
    assert row.overrides_of(approval(2)) == (mine,)
    assert row.without_overrides(approval(2)).overrides == (other,)


# How large it may be


def _large(number: int, containers: int, comment: str = "all is well, see the ticket") -> dict[str, Any]:
    """What is known of an approval whose package has so many containers, with long names."""
    artifacts = tuple(
        Artifact(f"{SPEC.model_artifacts}{number}/{'x' * 80}/{n}/model.tar.gz", 32 * "e", 32 * "v", NOW)
        for n in range(containers)
    )
    image = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/team/fraud:{number}@sha256:{64 * 'a'}"
    approver = Identity(f"arn:aws:sts::123456789012:assumed-role/{'r' * 64}/{'s' * 64}", 80 * "p", 64 * "i", 150 * "u")
    return {
        "pin": Pin(16 * "f", artifacts, (Image(image, image.rpartition("@")[2]),)),
        "approver": approver,
        "comment": comment,
    }


def _full(containers: int, comment: str = "all is well, see the ticket") -> Head:
    def given(number: int) -> Approval:
        return approval(number, **_large(number, containers, comment))

    return head(
        live=live(1, approval=given(1)),
        good=tuple(live(n, approval=given(n)) for n in range(2, 2 + MAXIMUM_GOOD)),
        attempt=attempt(30, approval=given(30)),
        approvals=tuple(given(n) for n in range(100, 200)),
        quarantined=tuple(Quarantined(given(n), SPEC.settings, 500 * "r") for n in range(40, 40 + MAXIMUM_QUARANTINED)),
    )


def _size(row: Head) -> int:
    return len(codec.encode(row).encode())


def test_a_head_with_everything_in_it_is_let_be() -> None:
    full = _full(containers=1)
    assert _size(full) < MAXIMUM_BYTES
    assert full.fitted() is full


def test_what_is_too_large_lets_the_oldest_of_quarantine_go_first() -> None:
    full = _full(containers=5)
    fitted = full.fitted()
    assert _size(fitted) <= MAXIMUM_BYTES < _size(full)
    assert 0 < len(fitted.quarantined) < MAXIMUM_QUARANTINED
    assert fitted.quarantined == full.quarantined[-len(fitted.quarantined) :]
    assert dataclasses.replace(fitted, quarantined=full.quarantined) == full


EMOJI = 1024 * "\N{OK HAND SIGN}"


def test_then_what_has_waited_longest() -> None:
    full = _full(containers=15, comment=EMOJI)
    newest = dataclasses.replace(full.approvals[0], at=NOW)
    full = dataclasses.replace(full, approvals=(newest, *full.approvals[1:]))
    fitted = full.fitted()
    assert _size(fitted) <= MAXIMUM_BYTES
    assert fitted.quarantined == full.quarantined[-1:]
    assert 0 < len(fitted.approvals) < 100
    assert fitted.approvals == (*full.approvals[1 - len(fitted.approvals) :], newest)
    assert dataclasses.replace(fitted, quarantined=full.quarantined, approvals=full.approvals) == full


def test_then_the_oldest_ways_back() -> None:
    full = _full(containers=60, comment=EMOJI)
    fitted = full.fitted()
    assert _size(fitted) <= MAXIMUM_BYTES
    assert (fitted.quarantined, fitted.approvals) == (full.quarantined[-1:], full.approvals[-1:])
    assert 0 < len(fitted.good) < MAXIMUM_GOOD
    assert dataclasses.replace(fitted, quarantined=full.quarantined, approvals=full.approvals, good=full.good) == full
    assert fitted.good == full.good[: len(fitted.good)]


def test_a_version_stays_revoked_since_it_was_first_found_so() -> None:
    known = head(good=(live(1), live(2)), attempt=attempt()).with_revoked(arn(2), NOW)
    again = known.with_revoked(arn(2), NOW + 300)
    assert again == known
    assert [good.revoked_at for good in known.good] == [None, NOW]
    assert known.attempt is not None
    assert known.attempt.revoked_at == NOW
    ended = again.with_revoked(arn(2), None)
    assert [good.revoked_at for good in ended.good] == [None, None]
