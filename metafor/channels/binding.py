"""Rooms that follow a signal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from metafor.channels.errors import ChannelDisposedError, NotConnectedError
from metafor.channels.protocol import check_room
from metafor.core import create_effect, create_root, untrack
from metafor.core.lifecycle import when_disposed

if TYPE_CHECKING:
    from metafor.channels.session import Session

__all__ = ["RoomBindings", "RoomNames"]

#: What a function given to ``bind_rooms`` may return: names, one name, or None for no room.
RoomNames = Iterable[str] | str | None


class RoomBindings:
    """All bindings of one channel, and the rooms that were joined by hand, which they leave alone.

    A room that several bindings hold is left with the last of them.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._holds: Counter[str] = Counter()
        #: Rooms that `Channel.join` asked for.
        self.by_hand: set[str] = set()
        self._stops: dict[Callable[[], None], None] = {}

    def bind(self, getter: Callable[[], RoomNames]) -> Callable[[], None]:
        """See `Channel.bind_rooms`."""
        if not callable(getter):
            raise TypeError(f"bind_rooms() takes a function that gives rooms, not {getter!r}")
        session = self._session
        held: dict[str, None] = {}

        def follow() -> None:
            names = dict.fromkeys(map(check_room, _listed(getter())))
            session.signals.state()  # where nothing is kept, an open brings what could not be joined before
            untrack(lambda: self._hold(held, names))

        def let_go() -> None:
            if stop in self._stops:
                del self._stops[stop]
                take_back()
                stop()
                untrack(lambda: self._hold(held, {}))

        def start(dispose: Callable[[], None]) -> Callable[[], None]:
            create_effect(follow, name="channel.bind_rooms")
            return dispose

        stop = create_root(start)
        self._stops[stop] = None
        take_back = when_disposed(let_go)
        return let_go

    def end(self) -> None:
        """The channel is disposed: follow nothing any more."""
        stops, self._stops = self._stops, {}
        for stop in stops:
            stop()

    def _hold(self, held: dict[str, None], names: dict[str, None]) -> None:
        session = self._session
        for name in [name for name in held if name not in names]:
            del held[name]
            self._holds[name] -= 1
            if not self._holds[name]:
                del self._holds[name]
                if name not in self.by_hand and name in session.membership:
                    self._try(session.leave_room, name)
        for name in names:
            if name not in held:
                held[name] = None
                self._holds[name] += 1
            if name not in session.membership:
                self._try(session.join_room, name)

    def _try(self, change: Callable[[str], None], name: str) -> None:
        # Without auto_reconnect nothing is joined until the channel is open; `follow` comes back then.
        with suppress(NotConnectedError, ChannelDisposedError):
            change(name)


def _listed(given: Any) -> Iterable[object]:
    """What a getter gave as a list of what should be names."""
    if isinstance(given, Iterable) and not isinstance(given, str):
        return given
    return () if given is None or given is False else (given,)
