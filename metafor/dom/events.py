"""Event handlers: how one is called.

A handler takes no argument or the DOM event, and may be a coroutine function: it then runs at once up
to its first ``await``, so that ``preventDefault()`` works (ruling 30), and to its end even if it
removed its own node (ruling 15). Each call is one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from inspect import CO_VARARGS
from types import FunctionType, MethodType
from typing import Any

from metafor.core import graph
from metafor.core.graph import Getter
from metafor.core.owner import Owner

__all__ = ["Handler", "Late", "call_handler", "parameter_count"]

#: A function and the owner under which it was bound.
Handler = tuple[Any, Owner | None]


class Late:
    """A handler that is a live prop: looked up when the event comes (ruling 30)."""

    __slots__ = ("getter",)

    def __init__(self, getter: Getter[Any]) -> None:
        self.getter = getter


def call_handler(handler: Handler, event: Callable[[], Any]) -> None:
    """Call a handler, with what ``event`` gives if it takes one; errors go to the boundary above it."""
    fn, owner = handler
    graph.run_batch(owner, _call, fn, event)


def _call(fn: Any, event: Callable[[], Any]) -> None:
    if type(fn) is FunctionType and not fn.__code__.co_argcount and not fn.__code__.co_flags & CO_VARARGS:
        # As nearly always: it does not ask for the event.
        result = fn()
    else:
        if isinstance(fn, Late):
            fn = fn.getter.peek()
            if fn is None:
                return
        result = fn(event()) if parameter_count(fn) else fn()
    if result is None:
        return
    if isinstance(result, Coroutine):
        from metafor.core.tasks import start_task

        start_task(result)
    else:
        graph.settle_result(result)


def parameter_count(fn: Callable[..., Any]) -> int:
    """How many positional arguments ``fn`` requires; ``*args`` counts as one.

    Parameters with a default do not count: ``lambda row=row: …`` captures, it does not ask for the event.
    """
    function, bound = (fn.__func__, 1) if isinstance(fn, MethodType) else (fn, 0)
    if isinstance(function, FunctionType):
        code = function.__code__
        required = code.co_argcount - len(function.__defaults__ or ()) - bound
        return max(required, 1 if code.co_flags & CO_VARARGS else 0)
    return _count_by_signature(fn)


def _count_by_signature(fn: Callable[..., Any]) -> int:
    from inspect import Parameter, signature

    try:
        parameters = signature(fn).parameters.values()
    except (TypeError, ValueError):
        # A builtin without a signature: handlers such as list.append take the event.
        return 1
    positional = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return sum(
        one.kind is Parameter.VAR_POSITIONAL or (one.kind in positional and one.default is Parameter.empty)
        for one in parameters
    )
