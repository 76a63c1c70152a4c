"""The ownership tree: who disposes whom.

An :class:`Owner` is a node of the tree. Children hang on their parent as an intrusive doubly linked
list, so that adding and removing one child allocates nothing and costs the same among a hundred
thousand siblings::

    parent._last ──▶ child C ──_prev──▶ child B ──_prev──▶ child A ──▶ None
                       ▲──────_next──────┘  ▲──────_next─────┘

The walks that dispose a subtree live in :mod:`metafor.core.disposal`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

__all__ = ["Owner"]


class Owner:
    """A scope that owns what is created in it: effects, memos, tasks, callbacks, other owners.

    Owners are made by :func:`create_root`, by components and by computations; user code receives one
    from :func:`get_owner` and hands it to :func:`run_with_owner`. ``parent``, ``name`` and ``disposed`` may
    be read. Example::

        owner = get_owner()
        if owner is not None and not owner.disposed:
            run_with_owner(owner, lambda: create_effect(show))
    """

    __slots__ = (
        "__weakref__",
        "_cleanups",
        "_context",
        "_last",
        "_next",
        "_prev",
        "disposed",
        "name",
        "parent",
    )

    #: Whether this is the scope of a task, which ends when the task is done.
    is_task = False

    #: Whether somebody may hold this owner; a trial (:mod:`metafor.core.trial`) serves again if not.
    kept: ClassVar[bool] = True

    def __init__(self, parent: Owner | None = None, name: str | None = None) -> None:
        #: The owner above, for context, errors and the component path; None for a top-level root.
        self.parent = parent
        #: What error messages and tools call this owner.
        self.name = name
        #: True once the owner has been disposed; what is created under it afterwards is inert.
        self.disposed = False
        self._last: Owner | None = None
        self._prev: Owner | None = None
        self._next: Owner | None = None
        self._cleanups: list[Callable[[], Any]] | None = None
        self._context: dict[Any, Any] | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name or hex(id(self))}{' disposed' if self.disposed else ''}>"

    def _adopt(self, child: Owner) -> None:
        last = self._last
        if last is not None:
            child._prev = last
            last._next = child
        self._last = child

    def _orphan(self) -> None:
        """Take this node out of its parent's list of children; harmless when it is in none."""
        before, after, parent = self._prev, self._next, self.parent
        if after is not None:
            after._prev = before
        elif parent is not None and parent._last is self:
            parent._last = before
        if before is not None:
            before._next = after
        self._prev = self._next = None

    def _release(self) -> None:
        """Let go of what the node holds beside children and callbacks; computations add theirs."""
