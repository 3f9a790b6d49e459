"""Let moto write its answers faster.

For each field of each answer, moto works out anew under which keys the value may stand. The keys depend only on the
model of the service and on the class of the object that holds the value.
"""

import functools
from types import SimpleNamespace
from typing import Any, Final

from moto.core import responses
from moto.core.serialize import AttributePickerContext, ResponseSerializer, XFormedAttributePicker
from moto.core.utils import MISSING, get_value

_MOTO_GET_VALUE: Final = ResponseSerializer.get_value
_MOTO_METHOD_NAMES: Final = responses.method_names_from_class
_MOTO_UNDERSCORES: Final = responses.camelcase_to_underscores


def install() -> None:
    """Make moto remember the possible keys of each field, and the operations of each service."""
    ResponseSerializer.get_value = _get_value
    responses.method_names_from_class = functools.cache(_MOTO_METHOD_NAMES)
    responses.camelcase_to_underscores = functools.cache(_MOTO_UNDERSCORES)


def _get_value(serializer: Any, holder: Any, key: str, shape: Any) -> Any:
    picker = serializer._value_picker
    if type(picker) is not XFormedAttributePicker or picker.response_transformers or hasattr(holder, "Meta"):
        return _MOTO_GET_VALUE(serializer, holder, key, shape)
    keys = _possible_keys(key, shape, type(holder).__name__)
    if type(holder) is dict:
        return next((holder[each] for each in keys if each in holder), None)
    found = (get_value(holder, each, MISSING) for each in keys)
    return next((value for value in found if value is not MISSING), None)


@functools.cache
def _possible_keys(key: str, shape: Any, kind: str) -> tuple[str, ...]:
    """Return the keys in moto's order. `kind` is the name of the holder's class. A shape belongs to one structure."""
    holder = type(kind, (SimpleNamespace,), {})()
    return tuple(dict.fromkeys(XFormedAttributePicker().get_possible_keys(AttributePickerContext(holder, key, shape))))
