"""The nodes of the graph: sources, and the computations that read them."""

from __future__ import annotations

from _thread import get_ident
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar, Union

from metafor.core.equality import SCALARS, Equals, same
from metafor.core.errors import CycleError, NoOwnerError, Pending
from metafor.core.owner import Owner
from metafor.core.ownership import label
from metafor.core.propagation import CLEAN, DIRTY, RUNNING, cycle, execute, link, mark, refresh, subscribe
from metafor.core.reporting import report_error
from metafor.core.section import THREADED, check_thread, now, owner_var

__all__ = ["Computation", "Effect", "Getter", "Memo", "RenderEffect", "Signal", "suspend"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: Runs of one computation that changes what it read, after which it is held never to settle (ruling 18).
RERUN_LIMIT = 100

_UNSET: Any = object()

#: Who reads a source: nobody or one, in a tuple; else a dict without values.
Observers = Union[tuple["Computation", ...], "dict[Computation, None]"]


def _nothing() -> None:
    """The function of a disposed computation."""


class Getter(Generic[T_co]):
    """What reads a reactive value: ``get()`` reads and tracks, ``get.peek()`` only reads.

    Signals, memos, resources, deferred values and live props are getters; a template binds any of them.
    Example of a parameter that takes any of them::

        def double(number: Getter[int]) -> Getter[int]:
            return create_memo(lambda: number() * 2)
    """

    __slots__ = ()

    def __call__(self) -> T_co:
        """Return the value and make the running computation depend on it."""
        raise NotImplementedError

    def peek(self) -> T_co:
        """Return the current value without depending on it."""
        raise NotImplementedError


class Signal(Getter[T]):
    """A source: a value that is written from outside."""

    __slots__ = ("__weakref__", "_equals", "_mark", "_observers", "_value", "name")

    _state: ClassVar[int] = CLEAN

    def __init__(self, value: T, equals: Equals = None, name: str | None = None) -> None:
        self._value = value
        self._equals = equals
        self._observers: Observers = ()
        self._mark = 0
        self.name = name

    def __call__(self) -> T:
        run = now.run
        if run and self._mark != run:
            self._mark = run
            node: Any = now.observer
            # The same read as in the last run, as nearly always: written out here, and in Memo.
            if node._fresh is None:
                try:
                    if node._sources[node._cursor] is self:
                        node._cursor += 1
                        value: T = self._value
                        return value
                except IndexError:
                    pass
            subscribe(self, node)
        return self._value

    def peek(self) -> T:
        return self._value

    def __repr__(self) -> str:
        return f"<Signal {self.name or ''}={self._value!r}>"


class Computation(Owner):
    """A node that reads sources: the common part of memos and effects."""

    __slots__ = ("_cursor", "_fn", "_fresh", "_seq", "_sources", "_state")

    #: The queue a marked node waits in; memos wait for a reader instead.
    _queue: ClassVar[list[Computation] | None] = None
    _observers: Observers = ()

    def __init__(self, fn: Callable[[], Any], name: str | None = None) -> None:
        if THREADED and now.thread != get_ident():
            check_thread()
        parent = now.owner
        if parent is None:
            parent = owner_var.get()
        # Owner.__init__ spelled out: this runs once for each binding of a page.
        self.parent = parent
        self.name = name
        self.disposed = False
        self._last = self._prev = self._next = self._cleanups = self._context = None
        self._fn = fn
        self._sources: list[Any] = _NO_SOURCES
        self._fresh: list[Any] | None = None
        self._cursor = 0
        self._state = DIRTY
        self._seq = now.created = now.created + 1
        if parent is not None:
            if parent.disposed:
                self.disposed = True
                self._release()
            else:
                last = parent._last
                if last is not None:
                    self._prev = last
                    last._next = self
                parent._last = self

    def _release(self) -> None:
        for source in self._sources:
            # unlink() spelled out: this runs once for each binding of a page.
            observers = source._observers
            if type(observers) is dict:
                observers.pop(self, None)
            elif observers and observers[0] is self:
                source._observers = ()
        self._sources = _NO_SOURCES
        # The closure goes now, not when somebody drops the last reference to the node.
        self._fn = _nothing
        self._state = CLEAN

    def _recompute(self) -> None:
        """Run the function and do what follows from its value; called on a marked node."""
        raise NotImplementedError

    def _leave_run(self) -> None:
        """Before what the last run made is disposed; not called after a run that left nothing to dispose."""

    def _settle_state(self) -> None:
        """After a run: clean, unless the run itself changed what it had read."""
        if self._state == RUNNING:
            self._state = CLEAN


#: Shared by all that have read nothing; never changed in place.
_NO_SOURCES: list[Any] = []


class Memo(Computation, Getter[T]):
    """A cached computation: lazy, and silent when its value stays equal."""

    __slots__ = ("_equals", "_error", "_mark", "_observers", "_value")

    def __init__(self, fn: Callable[[], T], equals: Equals = None, name: str | None = None) -> None:
        self._observers = ()
        self._mark = 0
        self._equals = equals
        self._value: T = _UNSET
        # The exception of the last run with its own traceback: raising it adds frames each time.
        self._error: tuple[BaseException, Any] | None = None
        Computation.__init__(self, fn, name)

    def __call__(self) -> T:
        # The edge comes first: a failure below must find it in place, to wake the reader later.
        run = now.run
        if run and self._mark != run:
            self._mark = run
            node: Any = now.observer
            linked = False
            if node._fresh is None:
                try:
                    if node._sources[node._cursor] is self:
                        node._cursor += 1
                        linked = True
                except IndexError:
                    pass
            if not linked:
                subscribe(self, node)
        if self._state:
            if self._state == RUNNING:
                raise cycle(self)
            refresh(self)
        if self._error is not None:
            raise self._error[0].with_traceback(self._error[1])
        return self._value

    def peek(self) -> T:
        if self._state:
            if self._state == RUNNING:
                raise cycle(self)
            refresh(self)
        if self._error is not None:
            raise self._error[0].with_traceback(self._error[1])
        return self._value

    def _release(self) -> None:
        if self._value is _UNSET and self._error is None:
            gone = NoOwnerError(
                f"memo {label(self)} was disposed before its first read",
                next_step="read it while its owner lives, or create it under an owner that lives longer",
            )
            self._error = (gone, None)
        super()._release()

    def _recompute(self) -> None:
        # A memo's computation is a batch: effects that it creates run when it has its value.
        outermost = not now.batch_depth
        if outermost:
            now.batch_depth = 1
        try:
            self._compute()
        finally:
            if outermost:
                now.batch_depth = 0
                if now.effects or now.bindings or now.mounts or now.commits or now.owning:
                    from metafor.core.scheduling import flush

                    flush()

    def _compute(self) -> None:
        runs = 0
        while True:
            error: tuple[BaseException, Any] | None = None
            value: Any = _UNSET
            unchanged = False
            try:
                value = execute(self)
                if self._error is None and self._value is not _UNSET:
                    unchanged = self._is_unchanged(value)
            except (Exception, Pending) as raised:
                error = (raised, raised.__traceback__)
                if isinstance(raised, Pending):
                    suspend(self, raised)
            except BaseException:
                # An interrupt is no result: whoever reads next computes again.
                self._state = DIRTY
                raise
            too_deep = error is not None and isinstance(error[0], RecursionError)
            if self._state == RUNNING or too_deep:
                self._state = CLEAN
            elif self._state > CLEAN and not self.disposed:
                # The run changed what it had read.
                runs += 1
                if runs < RERUN_LIMIT:
                    continue
                self._state = CLEAN
                error = (_restless(self, runs), None)
            break
        if error is not None:
            self._error = error
        elif unchanged:
            return
        else:
            self._error = None
            self._value = value
        waiting = False
        for node in self._observers:
            if node._state > CLEAN:
                node._state = DIRTY
            elif node._state == CLEAN and _gave_up(node):
                waiting = True
        if waiting and not too_deep:
            mark(self)
        if too_deep and not self._sources:
            # Too deep to begin with, and nothing would ever wake it: the next read tries again.
            self._state = DIRTY

    def _give_up(self, runs: int) -> None:
        """Fail rather than compute once more: what it creates changes what it reads (ruling 18)."""
        self._state = CLEAN
        self._error = (_restless(self, runs), None)
        for node in self._observers:
            if node._state > CLEAN:
                node._state = DIRTY

    def _is_unchanged(self, value: Any) -> bool:
        equals, old = self._equals, self._value
        if equals is None:
            if type(value) in SCALARS:
                return type(old) is type(value) and bool(old == value or (old != old and value != value))
            return same(old, value)
        return equals is not False and _compare(equals, old, value)

    def __repr__(self) -> str:
        return f"<Memo {label(self)}>"


def _gave_up(node: Any) -> bool:
    """Whether an observer that is not marked failed with a RecursionError before it had this value."""
    return node._queue is not None or (node._error is not None and isinstance(node._error[0], RecursionError))


def _compare(equals: Callable[[Any, Any], bool], old: Any, value: Any) -> bool:
    """Ask a user's ``equals``, untracked."""
    run, now.run = now.run, 0
    try:
        return bool(equals(old, value))
    finally:
        now.run = run


def _restless(node: Computation, runs: int) -> CycleError:
    return CycleError(
        f"{label(node)} triggered itself {runs} times in a row",
        next_step="do not write what it reads, or read it with peek()",
    )


class Effect(Computation):
    """A computation that runs for what it does, after the page has been committed."""

    __slots__ = ()

    _queue: ClassVar[list[Computation] | None] = now.effects

    def _recompute(self) -> None:
        # Tasks started by the effect find their owner here; bindings and memos start none.
        token = owner_var.set(self)
        try:
            execute(self, _start_coroutine)
        except Exception as raised:
            report_error(raised, self)
        except Pending as pending:
            suspend(self, pending)
        finally:
            owner_var.reset(token)
            if self._state == RUNNING:
                self._state = CLEAN


class RenderEffect(Computation):
    """A binding: runs before the commit, in the order of creation."""

    __slots__ = ()

    _queue: ClassVar[list[Computation] | None] = now.bindings

    def _recompute(self) -> None:
        try:
            execute(self)
        except Exception as raised:
            report_error(raised, self)
        except Pending as pending:
            suspend(self, pending)
        finally:
            self._settle_state()


#: The key under which an owner's context holds its suspense boundary: ``boundary(node, pending)``.
SUSPENSE = object()


def suspend(node: Computation, pending: Pending) -> None:
    """Make ``node``, whose run stopped at ``pending``, run again when the value arrives (ruling 21).

    The run may have read it untracked, in the set-up of a component. The nearest suspense boundary, a
    callable in the context of an owner under ``SUSPENSE``, is told of bindings and effects.
    """
    source = pending.source
    if not node.disposed and node not in source._observers:
        node._sources = [*node._sources, source]
        link(source, node)
    scope: Owner | None = node if node._queue is not None else None
    while scope is not None:
        boundary = scope._context.get(SUSPENSE) if scope._context is not None else None
        if boundary is not None:
            boundary(node, pending)
            return
        scope = scope.parent


def _start_coroutine(result: object) -> None:
    """Start what an effect returned, tracked up to its first await, owned by the effect (ruling 14)."""
    if result is not None and hasattr(result, "__await__"):
        from collections.abc import Coroutine

        if isinstance(result, Coroutine):
            from metafor.core.tasks import spawn

            spawn(result)
