"""Context: values that an owner provides to everything below it; error boundaries are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from metafor.core import graph
from metafor.core.errors import NoOwnerError
from metafor.core.owner import Owner

__all__ = ["Context", "catch_error", "create_context", "provide_context", "use_context"]

T = TypeVar("T")


class Context(Generic[T]):
    """A key for :func:`provide_context` and :func:`use_context`, with the value that holds by default.

    Made by :func:`create_context`. ``default`` and ``name`` may be read. Example::

        theme: Context[str] = create_context("light", name="theme")
    """

    __slots__ = ("default", "name")

    def __init__(self, default: T, name: str | None = None) -> None:
        self.default = default
        self.name = name

    def __repr__(self) -> str:
        return f"<Context {self.name or hex(id(self))}>"


def create_context(default: T, *, name: str | None = None) -> Context[T]:
    """Create a context: a value that reaches everything below an owner without being handed down.

    Takes the value that :func:`use_context` gives where nobody provides another, and a ``name`` for messages.
    Needs no owner; usually made once, at the top of a module. Example::

        theme = create_context("light", name="theme")
    """
    return Context(default, name)


def provide_context(context: Context[T], value: T) -> None:
    """Give ``value`` to the current owner and all its descendants, those made so far too.

    A second call for the same owner replaces the value. What an effect or memo provides ends with its run.
    ``value`` is read once, by each :func:`use_context`: provide a getter for one that changes. Raises
    NoOwnerError where there is no owner. Example, in a component::

        provide_context(theme, "dark")
    """
    owner = graph.current_owner()
    if owner is None:
        raise NoOwnerError(
            "provide_context() was called where nothing owns it",
            next_step="call it in a component or create_root",
        )
    if owner._context is None:
        owner._context = {}
    owner._context[context] = value


def use_context(context: Context[T]) -> T:
    """Give the value of the nearest owner that provides it, else the context's default.

    Looks upwards from the current owner, through roots, and after an ``await`` in a task started under it
    too; it tracks nothing. Example, in a component below::

        colour = "white" if use_context(theme) == "dark" else "black"
    """
    owner = graph.current_owner()
    while owner is not None:
        if owner._context is not None and context in owner._context:
            value: T = owner._context[context]
            return value
        owner = owner.parent
    return context.default


def catch_error(fn: Callable[[], T], handler: Callable[[BaseException], object]) -> T | None:
    """Run ``fn`` under an owner of its own whose errors go to ``handler``, now and later.

    Gives ``fn``'s value, or None when it raised and ``handler`` took the error. A handler that raises
    passes its error to the next boundary (ruling 16). Example::

        catch_error(lambda: create_effect(render_chart), lambda error: set_message(str(error)))
    """
    parent = graph.current_owner()
    scope = Owner(parent, "catch_error")
    if parent is not None and not parent.disposed:
        parent._adopt(scope)
    scope._context = {graph.ERROR_HANDLER: handler}
    try:
        return graph.run_in_owner(scope, fn)
    except Exception as error:
        graph.dispose(scope)
        try:
            handler(error)
        except Exception as raised:
            graph.report_error(raised, parent)
        return None
