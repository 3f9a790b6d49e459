"""The keys of `gate_floor`."""

from typing import Annotated

from pydantic import Field

from infra.config.sections.gate import MOST, Approvers, Condition, Freezes, Images, Level, Witness
from infra.config.sections.section import Section, key
from infra.config.sections.texts import Approver


class GateFloor(Section):
    """The checks that a version must pass on every endpoint, besides those of the endpoint's own `gate`. Both must
    pass. Neither `mode: advise` of an entry nor an operator's override lets a version pass them. See docs/govern.md."""

    EXAMPLE = "gate_floor: {four_eyes: true, identity: [identity_center], pin: true}"
    four_eyes: Annotated[bool, key("True holds a version that was approved by the one who registered it.")] = False
    identity: Annotated[
        list[Level],
        key("What tells two people of one role apart, for the floor's `four_eyes`.", ["identity_center"], max_length=3),
    ] = Field(default_factory=list)
    automation: Annotated[
        list[Approver],
        key(
            "Patterns for roles that no person uses, for the floor's `four_eyes`.",
            ["role/pipelines-*"],
            max_length=MOST,
        ),
    ] = Field(default_factory=list)
    approvers: Approvers = Field(default_factory=list)
    require: Annotated[
        list[Condition],
        key(
            "Conditions that must all be true. The reports that they ask about must be written before the version's "
            "registration.",
            max_length=MOST,
        ),
    ] = Field(default_factory=list)
    images: Images = Field(default_factory=list)
    freeze: Freezes = Field(default_factory=list)
    witness: Witness = None
    pin: Annotated[bool, key("True refuses an entry with `gate.pin: false`.")] = False
    golden_requests: Annotated[bool, key("True refuses an entry without `golden_requests`.")] = False
