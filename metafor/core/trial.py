"""The first run of bindings that may need no second one.

Most holes of a page read nothing that changes: the text of a label, a row's number. A :class:`Trial` stands
in for a binding while its function runs for the first time, and one serves many functions in a row. Only
when a function read a source, or made something that must be owned, a binding is made, and takes over what
was read and made as if it had run itself.
"""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from metafor.core.disposal import dispose_tree
from metafor.core.errors import Pending
from metafor.core.nodes import Computation, Signal
from metafor.core.owner import Owner
from metafor.core.propagation import CLEAN, DIRTY, RUNNING, drop_stale, link, mark, unlink
from metafor.core.section import THREADED, check_thread, now

__all__ = ["Given", "Trial"]

T = TypeVar("T")


class Trial(Owner):
    """Observer and owner of functions that run for the first time.

    From :meth:`begin` to :meth:`end` whatever is read and made belongs to it. After each function ask
    :meth:`needs_binding`; if so, one takes over before the next function runs. Example::

        trial = Trial.begin(owner)
        try:
            for fn in functions:
                show(fn())
                if trial.needs_binding():
                    trial = trial.hand_over(RenderEffect(fn))
        finally:
            trial.end()
    """

    __slots__ = ("_fresh", "_outer", "_seq", "_state", "given", "kept", "used_given")

    # What the graph asks of an observer.
    _queue: ClassVar[list[Computation] | None] = now.bindings

    _idle: ClassVar[list[Trial]] = []

    def __init__(self) -> None:
        super().__init__(None, "hole")
        self._fresh: list[Any] = []
        self._state = RUNNING
        self._outer: Any = None
        self._seq = 0
        self.kept = False  # type: ignore[misc]
        #: A source that needs no edge: who runs the trial runs it again when that changes.
        self.given: Given[Any] | None = None
        #: Whether the function that ran last read it.
        self.used_given = False

    @classmethod
    def begin(cls, owner: Owner, given: Given[Any] | None = None) -> Trial:
        """Begin a section whose functions run below ``owner``."""
        if THREADED and now.thread != get_ident():
            check_thread()
        trial = cls._idle.pop() if cls._idle else cls()
        trial.parent = owner
        trial.given = given
        trial._outer = now.run, now.observer, now.owner
        # _enter() spelled out: this runs once for each row of a list.
        now.run = now.runs = now.runs + 1
        trial._seq = now.created = now.created + 1
        now.observer = now.owner = trial  # type: ignore[assignment]
        return trial

    def end(self) -> None:
        """End the section."""
        now.run, now.observer, now.owner = self._outer
        if self._fresh:
            for source in self._fresh:
                unlink(source, self)  # type: ignore[arg-type]  # an observer that is no computation
            self._fresh = []
        if self._last is None and not self.kept:
            self.parent = self.given = self._outer = None
            self.used_given = False
            self._idle.append(self)

    def needs_binding(self) -> bool:
        """Whether what ran since the last hand-over read or made something.

        Then make one, and hand over to it at once: it is created below the owner of the section.
        """
        # Callbacks and context come to an owner by way of current_owner(), which makes it a kept one.
        if not self._fresh and self._last is None and not self.kept:
            return False
        now.owner = self.parent
        return True

    def is_untouched(self) -> bool:
        """Whether what ran since the last hand-over read and made nothing: nothing would run it again."""
        return not (self._fresh or self.used_given or self.kept) and self._last is None

    def only_reads(self, source: Signal[Any]) -> bool:
        """Take ``source`` for read by the function that ran last, if that read and made nothing else."""
        if self._fresh or self.used_given or self.kept or self._last is not None:
            return False
        source._mark = now.run
        # The observer is noted by the binding that this needs, and that takes over.
        self._fresh.append(source)
        return True

    def hand_over(self, node: Computation) -> Trial:
        """Let ``node``, a new binding, take over what was read and made; gives the trial to go on with."""
        if (
            self._last is None
            and self._state == RUNNING
            and node.parent is self.parent
            and not self.kept
            and not node.disposed
        ):
            # As nearly always, it read something and that is all. _place() and _enter() spelled out, and
            # _give_sources() for a lone source that nobody else reads.
            node._seq = self._seq
            fresh = self._fresh
            observers = fresh[0]._observers if len(fresh) == 1 and not self.used_given else None
            if type(observers) is tuple and (not observers or observers[0] is self):
                fresh[0]._observers = (node,)
                node._sources = fresh
                self._fresh = []
            else:
                node._sources = self._give_sources(node)
            node._state = CLEAN
            now.run = now.runs = now.runs + 1
            self._seq = now.created = now.created + 1
            now.observer = now.owner = self  # type: ignore[assignment]
            return self
        self._place(node)
        heir = self._give(node)
        heir._go_on_after(node)
        return heir

    def resume(
        self, node: Computation, step: Callable[[], object]
    ) -> tuple[Trial, Exception | Pending | None]:
        """As :meth:`hand_over`, but the run goes on with ``step``, as one of ``node``; gives its error."""
        self._place(node)
        heir = self._give(node)
        error: Exception | Pending | None = None
        now.observer = now.owner = node
        now.running.append(node)
        try:
            step()
        except (Exception, Pending) as raised:
            error = raised
        finally:
            del now.running[-1]
            heir._go_on_after(node)
        return heir, error

    def _go_on_after(self, node: Computation) -> None:
        drop_stale(node)
        if node._state == RUNNING:
            node._state = CLEAN
        elif node._state > CLEAN:
            # The run changed what it had read.
            node._state = DIRTY
            now.bindings.append(node)
        if node.disposed:
            node._release()
            dispose_tree(node, inclusive=False)
        self._enter()

    def _enter(self) -> None:
        # A number of its own for each function: sources carry that of the last run that read them.
        now.run = now.runs = now.runs + 1
        self._seq = now.created = now.created + 1
        now.observer = now.owner = self  # type: ignore[assignment]  # an observer that is no computation

    def _place(self, node: Computation) -> None:
        """Put ``node`` beside what was made, not among it, and before that in the order of creation."""
        node._seq = self._seq
        if node.parent is self:
            self._last, node._prev = node._prev, None
            if self._last is not None:
                self._last._next = None
            node.parent = owner = self.parent
            if owner is not None and owner.disposed:
                node.disposed = True
            elif owner is not None:
                owner._adopt(node)

    def _give_sources(self, node: Computation) -> list[Any]:
        fresh, self._fresh = self._fresh, []
        if self.used_given and self.given is not None:
            # From here on the binding runs by itself.
            fresh.append(self.given)
            self.used_given = False
        for source in fresh:
            observers = source._observers
            if type(observers) is tuple and (not observers or observers[0] is self):
                source._observers = (node,)
            else:
                unlink(source, self)  # type: ignore[arg-type]
                link(source, node)
        return fresh

    def _give(self, node: Computation) -> Trial:
        node._fresh = self._give_sources(node)
        node._state, self._state = self._state, RUNNING
        if self.kept:
            return self._stay_below(node)
        child = self._last
        while child is not None:
            child.parent = node
            child = child._prev
        node._last, self._last = self._last, None
        node._cleanups, self._cleanups = self._cleanups, None
        node._context, self._context = self._context, None
        return self

    def _stay_below(self, node: Computation) -> Trial:
        """Somebody holds this owner: it lives as long as the run of ``node``; another trial goes on."""
        heir = self._idle.pop() if self._idle else Trial()
        heir.parent, heir.given, heir._outer = self.parent, self.given, self._outer
        self.parent = node
        node._last = self
        self.given = self._outer = None
        return heir


class Given(Signal[T]):
    """A signal that a trial which is :attr:`~Trial.given` it reads without subscribing to it.

    Written with :meth:`renew`, by whoever runs the trial again.
    """

    __slots__ = ()

    def __init__(self, value: T) -> None:
        # Signal.__init__ spelled out: this runs once for each row of a list.
        self._value = value
        self._equals = False
        self._observers = ()
        self._mark = 0
        self.name = None

    def __call__(self) -> T:
        node: Any = now.observer
        if type(node) is Trial and node.given is self and now.run:
            node.used_given = True
            return self._value
        return super().__call__()

    def renew(self, value: T) -> None:
        """Store ``value`` and mark those that did subscribe; only inside a batch."""
        self._value = value
        if self._observers:
            mark(self)
