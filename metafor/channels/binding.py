"""Rooms that follow a signal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from metafor.channels.connection import ChannelState
from metafor.channels.protocol import check_room
from metafor.core import create_effect, create_root, get_owner, on_dispose, untrack

if TYPE_CHECKING:
    from metafor.channels.session import Session

__all__ = ["RoomBindings", "RoomNames"]

#: What a function given to ``bind_rooms`` may return: names, one name, or None for no room.
RoomNames = Iterable[str] | str | None


class RoomBindings:
    """All bindings of one channel. A room is left when the last of those that hold it lets go."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._holds: Counter[str] = Counter()
        #: Rooms that were joined by hand before a binding came: it does not leave them.
        self._by_hand: set[str] = set()

    def bind(self, getter: Callable[[], RoomNames]) -> Callable[[], None]:
        """See `Channel.bind_rooms`."""
        session = self._session
        held: dict[str, None] = {}

        def follow() -> None:
            given = getter()
            names = dict.fromkeys((given,) if isinstance(given, str) else given or ())
            for name in names:
                check_room(name)
            is_open = session.signals.state() is ChannelState.OPEN
            untrack(lambda: self._hold(held, names, is_open))

        def let_go() -> None:
            stop()
            untrack(lambda: self._hold(held, {}, session.link.state is ChannelState.OPEN))

        def start(dispose: Callable[[], None]) -> Callable[[], None]:
            create_effect(follow, name="channel.bind_rooms")
            return dispose

        stop = create_root(start)
        if get_owner() is not None:
            on_dispose(let_go)
        return let_go

    def _hold(self, held: dict[str, None], names: dict[str, None], is_open: bool) -> None:
        session = self._session
        possible = not session.disposed and (is_open or session.keeps)
        for name in [name for name in held if name not in names]:
            del held[name]
            self._holds[name] -= 1
            if self._holds[name] == 0:
                del self._holds[name]
                if name in self._by_hand:
                    self._by_hand.discard(name)
                elif possible and name in session.membership:
                    session.leave(name)
        for name in names:
            if name not in held:
                if not self._holds[name] and name in session.membership:
                    self._by_hand.add(name)
                held[name] = None
                self._holds[name] += 1
            if possible and name not in session.membership:
                session.join(name)
