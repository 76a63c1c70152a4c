"""SVG and MathML: in which namespace markup is made.

The compiler knows it of nearly all markup: by the names of its elements, or by what stands around them in
the same piece. For what a component inserts it is said by the place: a hole in an ``<svg>`` provides its
namespace to everything below, and markup whose names are ambiguous (``<a>``, ``<title>``) asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from metafor.core import graph
from metafor.core.context import Context, create_context, provide_context, use_context

if TYPE_CHECKING:
    from metafor.dom.hosts.base import Host

__all__ = ["AROUND", "current_space", "inside", "provide_space_of"]

T = TypeVar("T")

#: The namespace of markup that asks the place where it stands.
AROUND: Final = "around"

# A name, or a function for it: the host is asked only when somebody wants to know.
_space: Context[str | Callable[[], str]] = create_context("html", name="namespace")


def current_space() -> str:
    """The namespace of what the current owner makes: ``html``, ``svg`` or ``math``."""
    space = use_context(_space)
    return space if isinstance(space, str) else space()


def provide_space_of(host: Host, node: int) -> None:
    """Let everything below the current owner be made for a place inside ``node``."""
    provide_context(_space, lambda: host.space(node))


def inside(space: str, fn: Callable[[], T]) -> T:
    """Run ``fn``, which makes what stands in the namespace ``space``, and give its value."""
    from metafor.dom.content import child_scope

    scope = child_scope(space)
    scope._context = {_space: space}
    return graph.run_owned(scope, fn)
