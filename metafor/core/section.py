"""The state of the running section: what is computing, who owns, what waits.

One object for the whole interpreter. Sections are synchronous and strictly nested, so that plain fields
do; what must outlive a section, the owner, is carried into asyncio tasks by :data:`owner_var`. The fields
are slots of one object rather than globals of a module, so that the files of the core can share them.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from metafor.core.errors import ThreadError

if TYPE_CHECKING:
    from metafor.core.nodes import Computation
    from metafor.core.owner import Owner

__all__ = ["THREADED", "Section", "check_thread", "now", "owner_var"]

#: Whether there may be other threads: Python in a page has one, and asking which it is costs half a write.
THREADED: Final = sys.platform != "emscripten"


class Section:
    """See the module; the only instance is :data:`now`."""

    __slots__ = (
        "batch_depth",
        "bindings",
        "commits",
        "created",
        "effects",
        "flushing",
        "mounts",
        "observer",
        "owner",
        "owning",
        "run",
        "running",
        "runs",
        "thread",
        "writers",
    )

    def __init__(self) -> None:
        #: Number of the run that is tracking, 0 when none is; ``runs`` numbers have been given.
        self.run = 0
        self.runs = 0
        #: The computation that runs, tracking or not; None in a section that has an owner of its own.
        self.observer: Computation | None = None
        #: The computations that run, outermost first.
        self.running: list[Computation] = []
        #: The owner of what is created; None: that of the asyncio task.
        self.owner: Owner | None = None
        #: Open batches; a flush is one.
        self.batch_depth = 0
        #: Computations created so far: effects run in this order.
        self.created = 0
        # The queues of the flush, in the order in which it serves them.
        self.bindings: list[Computation] = []
        self.commits: list[Callable[[], None]] = []
        self.mounts: list[Callable[[], None]] = []
        self.effects: list[Computation] = []
        #: Marked memos that somebody reads and that own something.
        self.owning: list[Computation] = []
        #: Whether a flush runs, and who has written, or raised, in it since it last ran.
        self.flushing = False
        self.writers: set[Owner] = set()
        #: The thread that the graph belongs to (ruling 21); 0 before its first use.
        self.thread = 0


now = Section()

#: The owner of the asyncio task that runs: a task inherits it with its context.
owner_var: ContextVar[Owner | None] = ContextVar("metafor_owner", default=None)


def check_thread() -> None:
    """Raise ThreadError unless this thread is the one that the graph belongs to (ruling 21).

    The first thread that uses the graph takes it; when that thread has ended, the next one does.
    """
    ident = get_ident()
    if ident == now.thread:
        return
    if now.thread:
        import threading

        owner = next((one for one in threading.enumerate() if one.ident == now.thread), None)
        if owner is not None:
            raise ThreadError(
                f"signals belong to thread {owner.name!r}, but {threading.current_thread().name!r} used them",
                next_step="hand the call over: loop.call_soon_threadsafe(set_value, value)",
            )
    now.thread = ident
