"""Whether a value has the type that ``@prop name: type`` declares.

Checked is what a running program can see cheaply: classes, unions, ``None``, literals, and the outer
class of a generic (``list[str]`` takes any list). What cannot be checked is taken as it is.
"""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

__all__ = ["matches", "type_name"]


def matches(value: Any, expected: Any) -> bool:
    """Tell whether ``value`` is of the type ``expected``; an int passes for a float (PEP 484)."""
    if expected is None:
        return value is None
    if isinstance(expected, type) and get_origin(expected) is None:
        if expected is float:
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        try:
            return isinstance(value, expected)
        except TypeError:
            return True
    origin = get_origin(expected)
    if origin is Union or origin is UnionType:
        return any(matches(value, one) for one in get_args(expected))
    if origin is Literal:
        return any(value == one and type(value) is type(one) for one in get_args(expected))
    if isinstance(origin, type):
        # collections.abc.Callable is among them: its isinstance() asks callable().
        try:
            return isinstance(value, origin)
        except TypeError:
            return True
    return True


def type_name(expected: Any) -> str:
    """How a message names a type."""
    if isinstance(expected, type) and get_origin(expected) is None:
        return expected.__name__
    return str(expected).replace("typing.", "")
