"""Bridges between signals and RxPY, and the scheduler that RxPY needs in a browser.

Importing this module loads ``reactivex``; nothing else of metafor does before a stream is asked for.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NoReturn, TypeVar, cast, overload
from weakref import WeakKeyDictionary

from reactivex import Observable, abc, typing
from reactivex.disposable import CompositeDisposable, Disposable, SingleAssignmentDisposable
from reactivex.observable import ConnectableObservable
from reactivex.scheduler import TimeoutScheduler
from reactivex.scheduler.periodicscheduler import PeriodicScheduler

from metafor.core import (
    Getter,
    NoOwnerError,
    batch,
    create_effect,
    create_root,
    create_signal,
    get_owner,
    report_error,
    run_with_owner,
    untrack,
)
from metafor.core.lifecycle import when_disposed
from metafor.errors import MetaforError

__all__ = [
    "LoopScheduler",
    "NoThreadsError",
    "ScheduledObservable",
    "from_signal",
    "owned",
    "scheduled",
    "scheduler",
    "to_signal",
]

T = TypeVar("T")
State = TypeVar("State")


class NoThreadsError(MetaforError):
    """A time operator of RxPY wanted to start a thread where there are none: in a browser."""

    code: ClassVar[str] = "rx/no-threads"


# -- Scheduler -------------------------------------------------------------------------------------


def scheduler() -> LoopScheduler:
    """The RxPY scheduler of whatever asyncio event loop is running when something is scheduled on it.

    The streams of channels use it by themselves (ruling 40). Hand it to the time operators of other
    observables: their default starts threads, which a browser does not have. Each scheduled action is
    one batch of signals, and its error is reported like that of an effect.

    Example::

        reactivex.interval(1.0, scheduler=metafor.rx.scheduler()).subscribe(tick)
    """
    return _SCHEDULER


class LoopScheduler(PeriodicScheduler):
    """See `scheduler`. RuntimeError if no event loop is running when something is scheduled."""

    @property
    def now(self) -> datetime:
        """The time in UTC, moving with the clock of the running loop, so that virtual time works."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return datetime.now(UTC)
        began = _loop_began.get(loop)
        if began is None:
            began = _loop_began[loop] = time.time() - loop.time()
        return datetime.fromtimestamp(began + loop.time(), UTC)

    def schedule(
        self, action: typing.ScheduledAction[State], state: State | None = None
    ) -> abc.DisposableBase:
        """Run ``action`` in the loop's next turn."""
        return self._start(lambda loop, run: loop.call_soon(run), action, state)

    def schedule_relative(
        self, duetime: typing.RelativeTime, action: typing.ScheduledAction[State], state: State | None = None
    ) -> abc.DisposableBase:
        """Run ``action`` in ``duetime`` (seconds or a timedelta)."""
        seconds = max(0.0, self.to_seconds(duetime))
        return self._start(lambda loop, run: loop.call_later(seconds, run), action, state)

    def schedule_absolute(
        self, duetime: typing.AbsoluteTime, action: typing.ScheduledAction[State], state: State | None = None
    ) -> abc.DisposableBase:
        """Run ``action`` at ``duetime`` (a datetime, or seconds since 1970)."""
        wait: timedelta = self.to_datetime(duetime) - self.now
        return self.schedule_relative(wait, action, state)

    def _start(
        self,
        start: Callable[[asyncio.AbstractEventLoop, Callable[[], None]], asyncio.Handle],
        action: typing.ScheduledAction[State],
        state: State | None,
    ) -> abc.DisposableBase:
        started = SingleAssignmentDisposable()
        owner = get_owner()

        def act() -> None:
            started.disposable = self.invoke_action(action, state=state)

        def run() -> None:
            try:
                run_with_owner(owner, lambda: batch(act))
            except Exception as error:
                report_error(error, owner)

        handle = start(asyncio.get_running_loop(), run)
        return CompositeDisposable(started, Disposable(handle.cancel))


_SCHEDULER = LoopScheduler()
_loop_began: WeakKeyDictionary[asyncio.AbstractEventLoop, float] = WeakKeyDictionary()


# -- Observables that bring the scheduler along ------------------------------------------------------


class ScheduledObservable(Observable[T]):
    """An observable whose operators, piped or chained, use `scheduler` unless they are given another."""

    def pipe(self, *operators: Callable[[Any], Any]) -> Any:
        """Compose operators left to right, as RxPY does; what comes out is scheduled like this one."""
        source: Any = self
        for operator in operators:
            result = operator(source)
            if isinstance(result, ConnectableObservable):
                # It subscribes to its source by itself, in connect(), and may name no scheduler then.
                result = operator(scheduled(source))
            source = result
        return scheduled(source) if isinstance(source, Observable) else source


def scheduled(source: Observable[T]) -> Observable[T]:
    """``source`` with `scheduler` as the default of the time operators in it and piped to it.

    A subscription made under an owner ends with it: it completes, and its timers stop.

    Example::

        scheduled(reactivex.interval(1.0)).subscribe(tick)  # also in a browser
    """
    if isinstance(source, (ScheduledObservable, ConnectableObservable)):
        return source

    def subscribe(
        observer: abc.ObserverBase[T], given: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        return owned(source.subscribe(observer, scheduler=given or _SCHEDULER), observer)

    return ScheduledObservable(subscribe)


def owned(subscription: abc.DisposableBase, observer: abc.ObserverBase[T]) -> abc.DisposableBase:
    """``subscription``, which ends with the current owner, if there is one, and completes ``observer`` then.

    All that the operators of the chain hold, their timers too, is released before that.
    """

    def end() -> None:
        subscription.dispose()
        observer.on_completed()

    take_back = when_disposed(end)

    def dispose() -> None:
        take_back()
        subscription.dispose()

    return Disposable(dispose)


# -- Signals <-> observables -------------------------------------------------------------------------


def from_signal(getter: Callable[[], T]) -> Observable[T]:
    """An observable of a signal's values: the present one on subscription, then one for each change.

    ``getter`` may be any function that reads signals. It completes with the owner under which it was
    subscribed, else never. Errors of ``getter`` are reported like those of an effect.

    Example::

        from_signal(query).pipe(ops.debounce(0.3)).subscribe(search)
    """

    def subscribe(
        observer: abc.ObserverBase[T], _scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        def emit() -> None:
            value = getter()
            untrack(lambda: observer.on_next(value))

        def start(dispose: Callable[[], None]) -> Callable[[], None]:
            create_effect(emit, name="from_signal")
            return dispose

        return owned(Disposable(create_root(start)), observer)

    return ScheduledObservable(subscribe)


@overload
def to_signal(observable: Observable[T]) -> Getter[T | None]: ...
@overload
def to_signal(observable: Observable[T], initial: T) -> Getter[T]: ...
def to_signal(observable: Observable[Any], initial: Any = None) -> Getter[Any]:
    """A signal of the latest value of ``observable``, ``initial`` before the first.

    It subscribes at once and unsubscribes with the current owner; `NoOwnerError` if there is none. An
    error of the observable is reported to the owner's error boundary, and the last value stays. Equal
    values in a row notify by the rule of signals.

    Example::

        prices = to_signal(channel.stream.pipe(ops.map(lambda m: m.data), ops.throttle_first(0.1)))
    """
    owner = get_owner()
    if owner is None:
        raise NoOwnerError(
            "to_signal() was called where nothing owns the subscription",
            next_step="call it in a component, an effect or create_root",
        )
    latest, set_latest = create_signal(initial, name="to_signal")
    stream = scheduled(observable)
    # Untracked: what a foreign observable reads when it is subscribed to is no business of an effect here.
    untrack(lambda: stream.subscribe(set_latest, on_error=lambda error: report_error(error, owner)))
    return latest


def _refuse_thread(*_args: object, **_kwargs: object) -> NoReturn:
    raise NoThreadsError(
        "a time operator of RxPY tried to start a thread, which a browser does not have",
        next_step="give it scheduler=metafor.rx.scheduler(), or wrap its source in metafor.rx.scheduled()",
    )


def _explain_missing_threads() -> None:
    """Replace "can't start new thread" by an error that says what to do (ruling 40)."""
    threads = cast(Any, TimeoutScheduler)
    threads.schedule = threads.schedule_relative = threads.schedule_absolute = _refuse_thread


if sys.platform == "emscripten":
    _explain_missing_threads()
