"""Checks of what an application gives, made when it gives it."""

from __future__ import annotations

import math

from metafor.server.errors import LimitError, WrongArgumentError

__all__ = ["check_hook", "check_kind", "check_number", "check_whole"]


def check_number(call: str, name: str, value: object, *, zero: bool = False) -> None:
    """Raise `LimitError` unless ``value`` is a finite number above 0, or 0 if that is allowed."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not (value > 0 or (zero and value == 0)):  # type: ignore[arg-type, operator]
        _refuse(call, name, value, f"a finite number {'from' if zero else 'above'} 0")


def check_whole(call: str, name: str, value: object, *, zero: bool = False) -> None:
    """Raise `LimitError` unless ``value`` is a whole number above 0, or 0 if that is allowed."""
    if isinstance(value, bool) or not isinstance(value, int) or value < (0 if zero else 1):
        _refuse(call, name, value, f"a whole number from {0 if zero else 1}")


def check_hook(call: str, name: str, value: object) -> None:
    """Raise `WrongArgumentError` unless ``value`` can be called, or is None."""
    if value is not None and not callable(value):
        raise WrongArgumentError(
            f"{call}({name}={value!r}) is no function",
            next_step="give the function itself (not what it returns), or leave it out",
        )


def check_kind(call: str, name: str, value: object, kind: type) -> None:
    """Raise `WrongArgumentError` unless ``value`` is a ``kind`` (a protocol: has its members), or None."""
    if value is not None and (isinstance(value, type) or not isinstance(value, kind)):
        raise WrongArgumentError(
            f"{call}({name}={value!r}) is no {kind.__name__}",
            next_step=f"give a {kind.__name__}, or leave it out for the default",
        )


def _refuse(call: str, name: str, value: object, what: str) -> None:
    raise LimitError(f"{call}({name}={value!r}) is not {what}", next_step="leave it out for the default")
