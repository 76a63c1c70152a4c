"""When a write changes nothing (ruling 12).

Only immutable scalars can be equal: everything else may have been changed in place, so writing it
always notifies. Types must be the same (``1``, ``1.0`` and ``True`` are three values), and two NaN
are equal, or an effect that reads NaN would run for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Literal

__all__ = ["SCALARS", "Equals", "same"]

#: How a signal or memo compares: a function of (old, new), False for "always different".
Equals = Callable[[Any, Any], bool] | Literal[False] | None

#: The immutable scalars that compare with ``==`` and nothing else to think of.
SCALARS: set[type] = {int, float, complex, bool, str, bytes, type(None)}
# Named rather than imported: a page that uses no Decimal should not load the module.
_LAZY_SCALARS = {
    ("fractions", "Fraction"),
    ("datetime", "date"),
    ("datetime", "time"),
    ("datetime", "datetime"),
    ("datetime", "timedelta"),
    ("uuid", "UUID"),
}
_LAZY_MODULES = {module for module, _ in _LAZY_SCALARS} | {"decimal"}
#: Tuples nested deeper than this are different.
_DEEPEST = 50
_IDENTITY_TYPES = (FunctionType, BuiltinFunctionType, type, ModuleType)


def same(old: Any, new: Any) -> bool:
    """Tell whether writing ``new`` over ``old`` changes nothing.

    Takes any two values and never calls the ``__eq__`` of a mutable or foreign class, so arrays are
    never compared. Example: ``same(1, 1)`` is true; ``same(1, True)`` and ``same([], [])`` are not.
    """
    kind: Any = type(old)
    if kind is not type(new):
        return False
    if kind in SCALARS:
        return bool(old == new or (old != old and new != new))
    if kind is tuple:
        return _same_items(old, new, _DEEPEST)
    if kind is frozenset:
        return _same_sets(old, new)
    if isinstance(old, _IDENTITY_TYPES) or (type(kind) is not type and _is_enum(kind)):
        return old is new
    if kind.__module__ not in _LAZY_MODULES:
        return False
    if (kind.__module__, kind.__qualname__) in _LAZY_SCALARS:
        SCALARS.add(kind)
        return same(old, new)
    if (kind.__module__, kind.__qualname__) == ("decimal", "Decimal"):
        # A signalling NaN raises when it is compared with ==.
        return bool(old.compare_total(new) == 0 or (old.is_nan() and new.is_nan())) or (
            not old.is_nan() and not new.is_nan() and bool(old == new)
        )
    return False


def _same_items(old: tuple[Any, ...], new: tuple[Any, ...], depth: int) -> bool:
    if len(old) != len(new) or not depth:
        # Nested too deep to compare: a notification too many does no harm, an overflow ends the page.
        return False
    for before, after in zip(old, new, strict=True):
        if type(before) is tuple and type(after) is tuple:
            if not _same_items(before, after, depth - 1):
                return False
        elif not same(before, after):
            return False
    return True


def _same_sets(old: frozenset[Any], new: frozenset[Any]) -> bool:
    if len(old) != len(new) or old != new:
        return False
    # Equal sets can still hold 1 where the other holds True: pair the members and compare each.
    partner = {member: member for member in new}
    return all(same(member, partner[member]) for member in old)


def _is_enum(kind: type) -> bool:
    # An enum member's class is made by EnumType (EnumMeta before 3.11); no need to import enum here.
    return any(meta.__module__ == "enum" for meta in type.mro(type(kind)))
