"""The reactive graph: push-mark, pull-compute, and the flush.

The whole algorithm and its state live in this one file; the other files of the package are its
public face. Three rules carry it:

1. A write *pushes* a mark. Direct observers become ``DIRTY``, those behind a memo ``CHECK``
   ("perhaps"). Effects that get their first mark are queued. Nothing is computed.
2. A read *pulls*. A memo that is marked first brings its sources up to date, in order, and computes
   only if one of them really changed. Nobody can see two sources from different moments.
3. The end of the outermost batch *flushes*: bindings, commit, mounts, effects, until nothing is left.

States of a node::

    CLEAN ──write above──▶ CHECK ──a source changed──▶ DIRTY ──recompute──▶ RUNNING ──▶ CLEAN
      └────────────────direct write────────────────────▶┘          CHECK ──none changed──▶ CLEAN

An edge is kept twice: the observer holds its sources in a list in the order of reading, the source
holds its observers in a dict (insertion order, O(1) removal). While a computation runs, ``_cursor``
walks that list; as long as the reads repeat, nothing is allocated. From the first read that differs
on, sources are collected in ``_fresh``, and what is left of the old list is unsubscribed at the end.
``_mark`` on a source holds the number of the last run that read it, so a repeated read costs one
comparison.

Marking and checking are loops, not recursion: a chain of 100,000 memos updates on a small stack.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextvars import ContextVar
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar, cast

from metafor.core.equality import Equals, same
from metafor.core.errors import CycleError, NoOwnerError, WriteInMemoError
from metafor.core.owner import Owner

__all__ = ["Computation", "Effect", "Getter", "Memo", "RenderEffect", "Signal"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

RUNNING, CLEAN, CHECK, DIRTY = -1, 0, 1, 2

#: Nested computations up to this depth pull what they read as they read it, so that a source which
#: is no longer read is not computed. Deeper, known sources are brought up to date first, by a loop.
_NESTING_LIMIT = 64
#: Runs of one effect in one flush after which it is held to trigger itself (ruling 18).
_RERUN_LIMIT = 100

# The state of the running section. It is plain module state because a tracked section is synchronous
# and strictly nested; what must outlive it, the owner, is carried over into tasks by `owner_var`.
_run = 0  # number of the run that is tracking, 0 when none is
_run_count = 0
_observer: Computation | None = None  # the computation that runs, tracking or not
_running: list[Computation] = []  # the computations that run, outermost first
_owner: Owner | None = None
_depth = 0  # nested memo computations
_batch_depth = 0
_sequence = 0

owner_var: ContextVar[Owner | None] = ContextVar("metafor_owner", default=None)

# The queues of the flush, in the order in which it serves them.
_bindings: list[Computation] = []
_commits: list[Callable[[], None]] = []
_mounts: list[Callable[[], None]] = []
_effects: list[Computation] = []

_by_creation = attrgetter("_seq")
_UNSET = object()


def _nothing() -> None:
    """The function of a disposed computation."""


class Getter(Generic[T_co]):
    """What reads a reactive value: ``get()`` reads and tracks, ``get.peek()`` only reads.

    Signals, memos and live props are getters; a template binds any of them.
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
        self._observers: dict[Computation, None] | None = None
        self._mark = 0
        self.name = name

    def __call__(self) -> T:
        if _run and self._mark != _run:
            self._mark = _run
            _link(self)
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
    _observers: dict[Computation, None] | None = None

    def __init__(self, fn: Callable[[], Any], name: str | None = None) -> None:
        global _sequence
        parent = current_owner()
        # Owner.__init__ spelled out: this runs once for each binding of a page.
        self.parent = parent
        self.name = name
        self.disposed = False
        self._last = self._prev = self._next = None
        self._cleanups = None
        self._context = None
        self._fn = fn
        self._sources: list[Any] = []
        self._fresh: list[Any] | None = None
        self._cursor = 0
        self._state = DIRTY
        _sequence += 1
        self._seq = _sequence
        if parent is not None:
            if parent.disposed:
                self.disposed = True
                self._state = CLEAN
            else:
                parent._adopt(self)

    def _release(self) -> None:
        sources = self._sources
        if sources:
            for source in sources:
                observers = source._observers
                if observers is not None:
                    observers.pop(self, None)
            self._sources = []
        # The closure goes now, not when somebody drops the last reference to the node.
        self._fn = _nothing
        self._state = CLEAN

    def _recompute(self) -> None:
        """Run the function and do what follows from its value; called on a marked node."""
        raise NotImplementedError

    def _settle_state(self) -> None:
        """After a run: clean, unless the run itself changed what it had read."""
        if self._state == RUNNING:
            self._state = CLEAN


class Memo(Computation, Getter[T]):
    """A cached computation: lazy, and silent when its value stays equal."""

    __slots__ = ("_equals", "_error", "_mark", "_observers", "_value")

    def __init__(self, fn: Callable[[], T], equals: Equals = None, name: str | None = None) -> None:
        super().__init__(fn, name)
        self._observers = None
        self._mark = 0
        self._equals = equals
        self._value: T = cast(T, _UNSET)
        # The exception of the last run with its own traceback: raising it adds frames each time.
        self._error: tuple[Exception, Any] | None = None

    def __call__(self) -> T:
        if self._state:
            _refresh(self)
        if _run and self._mark != _run:
            self._mark = _run
            _link(self)
        if self._error is not None:
            raise self._error[0].with_traceback(self._error[1])
        return self._value

    def peek(self) -> T:
        if self._state:
            _refresh(self)
        if self._error is not None:
            raise self._error[0].with_traceback(self._error[1])
        return self._value

    def _release(self) -> None:
        if self._value is _UNSET and self._error is None:
            gone = NoOwnerError(f"memo {label(self)} was disposed before its first read")
            self._error = (gone, None)
        super()._release()

    def _recompute(self) -> None:
        global _depth
        _depth += 1
        error: tuple[Exception, Any] | None = None
        value: Any = _UNSET
        try:
            value = execute(self)
        except Exception as raised:
            error = (raised, raised.__traceback__)
        except BaseException:
            # An interrupt or a suspension is no result: whoever reads next computes again.
            self._state = DIRTY
            raise
        finally:
            _depth -= 1
        if self._state == RUNNING:
            self._state = CLEAN
        if error is None and self._error is None and self._value is not _UNSET:
            equals = self._equals
            if equals is None:
                if same(self._value, value):
                    return
            elif equals is not False and equals(self._value, value):
                return
        self._error = error
        if error is None:
            self._value = value
        if self._observers:
            for node in self._observers:
                if node._state == CHECK:
                    node._state = DIRTY

    def __repr__(self) -> str:
        return f"<Memo {label(self)}>"


class Effect(Computation):
    """A computation that runs for what it does, after the page has been committed."""

    __slots__ = ()

    _queue: ClassVar[list[Computation] | None] = _effects

    def _recompute(self) -> None:
        # Tasks started by the effect find their owner here; bindings and memos start none.
        token = owner_var.set(self)
        try:
            execute(self, _spawn_coroutine)
        except Exception as raised:
            report_error(raised, self)
        finally:
            owner_var.reset(token)
            self._settle_state()


class RenderEffect(Computation):
    """A binding: runs before the commit, in the order of creation."""

    __slots__ = ()

    _queue: ClassVar[list[Computation] | None] = _bindings

    def _recompute(self) -> None:
        try:
            execute(self)
        except Exception as raised:
            report_error(raised, self)
        finally:
            self._settle_state()


def _spawn_coroutine(result: object) -> None:
    """Start what an effect returned, tracked up to its first await, owned by the effect (ruling 14)."""
    if isinstance(result, Coroutine):
        from metafor.core.tasks import spawn

        spawn(result)


# -- edges -----------------------------------------------------------------------------------------


def _link(source: Any) -> None:
    """Make the running computation depend on ``source``, which it reads for the first time in this run."""
    node = _observer
    assert node is not None
    fresh = node._fresh
    if fresh is None:
        cursor = node._cursor
        sources = node._sources
        if cursor < len(sources) and sources[cursor] is source:
            node._cursor = cursor + 1
            return
        fresh = node._fresh = []
    fresh.append(source)
    observers = source._observers
    if observers is None:
        source._observers = {node: None}
    else:
        observers[node] = None


def _settle(node: Computation) -> None:
    """After a run: keep the sources it read, unsubscribe from those it did not read again."""
    cursor, fresh, sources = node._cursor, node._fresh, node._sources
    if fresh is None:
        if cursor == len(sources):
            return
        stale = sources[cursor:]
        del sources[cursor:]
    else:
        node._fresh = None
        if node.disposed:
            stale = fresh
        elif not sources:
            node._sources = fresh
            return
        else:
            stale = sources[cursor:]
            sources[cursor:] = fresh
    kept = set(map(id, node._sources))
    for source in stale:
        if id(source) not in kept:
            source._observers.pop(node, None)


# -- push ------------------------------------------------------------------------------------------


def write(signal: Signal[T], value: T) -> None:
    """Store ``value`` and mark what depends on it; flush unless a batch is open."""
    if _observer is not None and _observer._queue is None:
        raise WriteInMemoError(
            f"memo {label(_observer)} wrote to signal {signal.name or '(unnamed)'}",
            next_step="a memo only computes: move the write to an effect or an event handler",
        )
    equals = signal._equals
    old = signal._value
    if equals is None:
        if same(old, value):
            return
    elif equals is not False and equals(old, value):
        return
    signal._value = value
    if signal._observers:
        _mark_observers(signal)
        if not _batch_depth:
            flush()


def _mark_observers(signal: Signal[Any]) -> None:
    behind: list[Any] = []
    for node in signal._observers or ():
        state = node._state
        if state != DIRTY:
            node._state = DIRTY
            if state != CHECK:
                if node._queue is not None:
                    node._queue.append(node)
                elif node._observers:
                    behind.append(node)
    while behind:
        for node in behind.pop()._observers:
            if node._state < CHECK:
                node._state = CHECK
                if node._queue is not None:
                    node._queue.append(node)
                elif node._observers:
                    behind.append(node)


# -- pull ------------------------------------------------------------------------------------------


def _refresh(target: Computation) -> None:
    """Bring a marked node up to date: its sources first, then itself if one of them changed."""
    node = target
    waiting: list[tuple[Computation, Iterator[Any]]] = []
    sources: Iterator[Any] | None = None
    while True:
        if sources is None:
            if node._state == RUNNING:
                raise _cycle(node)
            if node._state == DIRTY and (_depth < _NESTING_LIMIT or not node._sources):
                sources = iter(())
            else:
                sources = iter(node._sources)
        for source in sources:
            if source._state > CLEAN:
                waiting.append((node, sources))
                node, sources = source, None
                break
            if source._state == RUNNING:
                # Whether this is a cycle shows when the node reads, in this run, what it read before.
                node._state = DIRTY
                break
            if node._state == DIRTY and _depth < _NESTING_LIMIT:
                break
        if sources is None:
            continue
        if node._state == DIRTY:
            node._recompute()
        elif node._state == CHECK:
            node._state = CLEAN
        if not waiting:
            return
        node, sources = waiting.pop()
        if node._state == DIRTY and _depth < _NESTING_LIMIT:
            sources = iter(())


def execute(node: Computation, then: Callable[[object], None] | None = None) -> Any:
    """Run the function of ``node``, tracked, as owner of what it creates; ``then`` gets the result."""
    global _run, _run_count, _observer, _owner
    if node._last is not None or node._cleanups:
        _dispose_tree(node, inclusive=False)
    outer = _run, _observer, _owner
    _run_count += 1
    _run = _run_count
    _observer = _owner = node
    node._state = RUNNING
    node._cursor = 0
    _running.append(node)
    try:
        value = node._fn()
        if then is not None:
            then(value)
        return value
    finally:
        _running.pop()
        _run, _observer, _owner = outer
        _settle(node)


def _cycle(node: Computation) -> CycleError:
    path = [*_running[_running.index(node) :], node] if node in _running else [node, node]
    return CycleError(
        "a computation needs its own result: " + " -> ".join(map(label, path)),
        next_step="break the circle: one of them must not read the other, or read it with peek()",
    )


# -- flush -----------------------------------------------------------------------------------------


def flush() -> None:
    """Serve the queues until all are empty: bindings, then commits, then mounts, then effects."""
    global _batch_depth
    runs: dict[Computation, int] = {}
    _batch_depth += 1
    try:
        while True:
            if _bindings:
                _run_queue(_bindings, runs)
            elif _commits:
                _call_all(_commits)
            elif _mounts:
                _call_all(_mounts)
            elif _effects:
                _run_queue(_effects, runs)
            else:
                return
    finally:
        _batch_depth -= 1


def _run_queue(queue: list[Computation], runs: dict[Computation, int]) -> None:
    nodes = queue[:]
    queue.clear()
    if len(nodes) > 1:
        nodes.sort(key=_by_creation)
    for position, node in enumerate(nodes):
        if node._state <= CLEAN:
            continue
        count = runs[node] = runs.get(node, 0) + 1
        if count > _RERUN_LIMIT:
            node._state = CLEAN
            report_error(
                CycleError(
                    f"effect {label(node)} triggered itself {_RERUN_LIMIT} times in one flush",
                    next_step="do not write what the effect reads, or read it with peek()",
                ),
                node,
            )
            continue
        try:
            _refresh(node)
        except Exception as raised:
            # A source failed while it was checked: the effect fails as if it had read it.
            node._state = CLEAN
            report_error(raised, node)
        except BaseException:
            queue[:0] = nodes[position + 1 :]
            raise


def _call_all(queue: list[Callable[[], None]]) -> None:
    calls = queue[:]
    queue.clear()
    for position, call in enumerate(calls):
        try:
            call()
        except Exception as raised:
            report_error(raised)
        except BaseException:
            queue[:0] = calls[position + 1 :]
            raise


def start_effect(node: Effect) -> None:
    """Queue a new effect: it runs at the end of the open batch, at once when there is none."""
    if not node.disposed:
        _effects.append(node)
        if not _batch_depth:
            flush()


def start_binding(node: RenderEffect) -> None:
    """Run a new binding now; one that read nothing and owns nothing is dropped (DESIGN §4)."""
    if node.disposed:
        return
    node._recompute()
    if not node._sources and node._last is None and not node._cleanups and node._state == CLEAN:
        node._orphan()


def schedule_commit(commit: Callable[[], None]) -> None:
    """Run ``commit`` once, after the bindings of this flush.

    A host calls it with its first operation, always inside a batch: what is still to come in the
    section belongs to the same commit.
    """
    _commits.append(commit)


def schedule_mount(mount: Callable[[], None]) -> None:
    """Run ``mount`` after the next commit; at once when no batch is open."""
    _mounts.append(mount)
    if not _batch_depth:
        flush()


def enter_batch() -> None:
    """Open a batch: nothing flushes before the matching :func:`leave_batch`."""
    global _batch_depth
    _batch_depth += 1


def leave_batch() -> None:
    """Close a batch; the outermost one flushes."""
    global _batch_depth
    _batch_depth -= 1
    if not _batch_depth and (_bindings or _commits or _mounts or _effects):
        flush()


# -- owners ----------------------------------------------------------------------------------------


def current_owner() -> Owner | None:
    """The owner of what is created now: that of the running section, else the one of this task."""
    return _owner if _owner is not None else owner_var.get()


def current_observer() -> Computation | None:
    """The computation that tracks reads now, if any."""
    return _observer if _run else None


def run_owned(owner: Owner | None, fn: Callable[[], T]) -> T:
    """Run ``fn`` untracked with ``owner`` as current owner, in this section and in tasks it starts."""
    global _run, _observer, _owner
    outer = _run, _observer, _owner
    _run, _observer, _owner = 0, None, owner
    token = owner_var.set(owner)
    try:
        return fn()
    finally:
        owner_var.reset(token)
        _run, _observer, _owner = outer


def run_in_owner(owner: Owner, fn: Callable[[], T]) -> T:
    """Run ``fn`` with ``owner`` as current owner and tracking left as it is."""
    global _owner
    outer, _owner = _owner, owner
    token = owner_var.set(owner)
    try:
        return fn()
    finally:
        owner_var.reset(token)
        _owner = outer


def swap_owner(owner: Owner | None) -> Owner | None:
    """Make ``owner`` the current one and give the one before, which the caller must put back.

    For sections that start no tasks; :func:`run_in_owner` is for those that run a user's code.
    """
    global _owner
    outer, _owner = _owner, owner
    return outer


def run_tracking(fn: Callable[[], T], tracking: bool) -> T:
    """Run ``fn`` with tracking switched on (for the computation that runs) or off."""
    global _run, _run_count
    outer = _run
    if not tracking:
        _run = 0
    elif not outer and _observer is not None:
        # A run number of its own: marks left by the part that ran before untrack stay valid.
        _run_count += 1
        _run = _run_count
    try:
        return fn()
    finally:
        _run = outer


def dispose(root: Owner) -> None:
    """Dispose ``root``: children first, last created first, then its callbacks, last in first out.

    A second call does nothing. What the callbacks write flushes once, at the end.
    """
    if root.disposed:
        return
    enter_batch()
    try:
        _dispose_tree(root, inclusive=True)
    finally:
        leave_batch()


def _dispose_tree(root: Owner, inclusive: bool) -> None:
    global _run, _observer, _owner
    outer = _run, _observer, _owner
    _run, _observer = 0, None
    try:
        node = root
        while True:
            last = node._last
            if last is not None:
                node = last
                continue
            if node is root and not inclusive:
                _run_cleanups(node)
                if node._last is None and not node._cleanups:
                    return
                continue
            parent = node.parent
            node.disposed = True
            if node._cleanups:
                _run_cleanups(node)
            node._release()
            node._orphan()
            if node is root:
                return
            assert parent is not None
            node = parent
    finally:
        _run, _observer, _owner = outer


def _run_cleanups(node: Owner) -> None:
    global _owner
    _owner = node
    while node._cleanups:
        callback = node._cleanups.pop()
        try:
            settle_result(callback())
        except Exception as raised:
            report_error(raised, node)
    node._cleanups = None


def settle_result(result: object) -> None:
    """Take care of what a callback returned: an awaitable is held until it is done (ruling 44)."""
    if result is not None and hasattr(result, "__await__"):
        from metafor.core.tasks import hold

        hold(result)


# -- errors ----------------------------------------------------------------------------------------


def label(owner: Owner) -> str:
    """The name an error message gives an owner: its own, else its function's qualified name."""
    if owner.name:
        return owner.name
    fn = getattr(owner, "_fn", None)
    return str(getattr(fn, "__qualname__", type(owner).__name__.lower()))


#: The key under which an owner's context holds its error handler.
ERROR_HANDLER = object()


def report_error(error: BaseException, owner: Owner | None = None) -> None:
    """Give ``error`` to the nearest error handler above ``owner``, else to the global one.

    A handler that raises passes its own error on to the next one above (ruling 16).
    """
    scope = owner if owner is not None else current_owner()
    while scope is not None:
        handler = scope._context.get(ERROR_HANDLER) if scope._context is not None else None
        scope = scope.parent
        if handler is None:
            continue
        try:
            run_owned(scope, lambda handler=handler, error=error: handler(error))  # type: ignore[misc]
            return
        except Exception as raised:
            error = raised
    _global_handler(error)


def _print_error(error: BaseException) -> None:
    import sys
    import traceback

    traceback.print_exception(error, file=sys.stderr)


_global_handler: Callable[[BaseException], object] = _print_error


def set_error_handler(
    handler: Callable[[BaseException], object] | None,
) -> Callable[[BaseException], object]:
    """Make ``handler`` the one that gets every error no boundary took; None restores the default.

    Returns the handler that was in force. The default prints the whole traceback to stderr, which in
    a page is ``console.error``. Example::

        previous = set_error_handler(lambda error: log.exception("in the page", exc_info=error))
    """
    global _global_handler
    previous = _global_handler
    _global_handler = handler if handler is not None else _print_error
    return previous
