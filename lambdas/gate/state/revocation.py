"""A revocation of the live version that has not taken effect: what is known about who set its status."""

from dataclasses import dataclass, field

from lambdas.gate import codec
from lambdas.gate.state.identity import Identity


@dataclass(frozen=True)
class Revoker:
    """Who set the version's status, or deleted the version. `identity`: as AWS names the caller. `at`: in seconds since
    1970. `by_trail`: True if CloudTrail's event history names the caller, False if the registry does. `approved`: True
    if the call approved the version, so that it revoked nothing."""

    identity: Identity
    at: float
    by_trail: bool = False
    deleted: bool = False
    approved: bool = field(default=False, metadata=codec.LEFT_OUT)

    @property
    def place(self) -> tuple[float, str, str]:
        """Its place among the revokers of a version: by time, and then by all that is known. So what is learned once
        more is stored as it is already."""
        return self.at, self.identity.label, codec.encode(self)


@dataclass(frozen=True)
class Revocation:
    """A live version is no longer Approved, and no approver is known to have revoked it; or somebody whom the gate does
    not accept approved it again, and it may have been revoked before that.

    `found_at`: when a reconcile found that, in seconds since 1970. `set_at`: when the status was set since the
    version's last approval, according to registry events. `by`: who did, according to the registry and CloudTrail's
    event history. `is_deleted`: True if the version is gone. `is_outsiders`: True if AWS names the caller of each of
    these acts, and none of them is an approver. Otherwise the revocation takes effect soon. `changed_at`: when the
    version was changed last, or found revoked, as far as is known. `read_at`: when the event history was read last.
    """

    found_at: float
    set_at: tuple[float, ...] = ()
    by: tuple[Revoker, ...] = ()
    is_deleted: bool = False
    is_outsiders: bool = False
    changed_at: float = field(default=0.0, metadata=codec.LEFT_OUT)
    read_at: float = field(default=0.0, metadata=codec.LEFT_OUT)

    @property
    def who(self) -> str:
        """The last known one who revoked it, for people."""
        revokers = (revoker for revoker in self.by if not revoker.approved)
        last = max(revokers, key=lambda revoker: revoker.at, default=None)
        return last.identity.label if last else "unknown"
