"""Parts of the file that are valid alone, so that one mistake does not hide another."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from infra.config.sections.rollout import AnyRollout
from infra.config.sections.section import Section

S = TypeVar("S", bound=Section)
_ROLLOUT: TypeAdapter[AnyRollout] = TypeAdapter(AnyRollout)


def valid(section: type[S], keys: object) -> S | None:
    """Return the section, or None if the keys are not valid."""
    try:
        return section.model_validate(keys)
    except ValidationError:
        return None


def any_rollout(raw: Mapping[str, Any]) -> AnyRollout | None:
    """Return an entry's rollout, or None if it is not valid."""
    try:
        return _ROLLOUT.validate_python(raw.get("rollout", {}))
    except ValidationError:
        return None
