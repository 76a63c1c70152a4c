"""Messages as an RxPY observable. The only file of channels that needs ``reactivex``."""

from __future__ import annotations

from collections.abc import Callable

from reactivex import abc
from reactivex.disposable import Disposable

from metafor.channels.protocol import Message
from metafor.rx import ScheduledObservable, owned

__all__ = ["MessageStream"]


class MessageStream(ScheduledObservable[Message]):
    """A hot stream of messages: every one exactly once, in order, to each subscriber.

    It is no ``Subject``: there, one subscriber that raises starves those behind it. Here its error goes
    to ``failed``, and it and the others get the next message. Completes when the channel is disposed, or
    the owner under which it was subscribed; never because a connection ended (ruling 41).
    """

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        super().__init__()
        self._failed = failed
        # A tuple, replaced on change: emitting iterates over it while subscribers come and go.
        self._observers: tuple[abc.ObserverBase[Message], ...] = ()
        self._completed = False

    def _subscribe_core(
        self, observer: abc.ObserverBase[Message], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        if self._completed:
            observer.on_completed()
            return Disposable()
        self._observers = (*self._observers, observer)
        return owned(Disposable(lambda: self._forget(observer)), observer)

    def emit(self, message: Message) -> None:
        """Give one message to every subscriber."""
        for observer in self._observers:
            try:
                observer.on_next(message)
            except Exception as error:
                self._failed(error)

    def complete(self) -> None:
        """End the stream for every subscriber, now and later."""
        self._completed = True
        observers, self._observers = self._observers, ()
        for observer in observers:
            try:
                observer.on_completed()
            except Exception as error:
                self._failed(error)

    def _forget(self, observer: abc.ObserverBase[Message]) -> None:
        self._observers = tuple(other for other in self._observers if other is not observer)
