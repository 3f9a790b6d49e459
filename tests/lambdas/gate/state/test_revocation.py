from itertools import permutations

from lambdas.gate.state.identity import Identity
from lambdas.gate.state.revocation import Revoker
from tests.lambdas.builders import NOW


def test_those_who_revoked_a_version_at_one_time_have_one_order() -> None:
    """The registry and CloudTrail name one caller differently, under one label."""
    by_registry = Revoker(Identity(arn="arn:aws:iam::123456789012:user/bob"), NOW)
    by_trail = Revoker(Identity(arn="arn:aws:iam::123456789012:user/bob", principal_id="AIDA"), NOW, by_trail=True)
    later = Revoker(Identity(arn="arn:aws:iam::123456789012:user/amy"), NOW + 1)
    orders = permutations((by_registry, by_trail, later))
    assert {tuple(sorted(each, key=lambda revoker: revoker.place)) for each in orders} == {
        (by_registry, by_trail, later)
    }
