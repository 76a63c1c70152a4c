"""Which rooms a channel wants to be in, and which the server was told of on this connection."""

from __future__ import annotations

__all__ = ["Membership"]


class Membership:
    """Rooms as the user wants them (`wanted`) against what this connection was told.

    While there is no connection only the wish changes, so that any number of joins and leaves collapse
    to the final set (ruling 6). Both `join` and `leave` say whether the server must be told now.
    """

    def __init__(self) -> None:
        # dicts for their order: rooms are joined again in the order they were first joined.
        self._wanted: dict[str, None] = {}
        self._told: set[str] = set()  # by the connection that is open; begun anew with each

    @property
    def wanted(self) -> tuple[str, ...]:
        """The rooms that the channel is in, or will be once it is open, oldest first."""
        return tuple(self._wanted)

    def __contains__(self, room: object) -> bool:
        return room in self._wanted

    def join(self, room: str, *, connected: bool) -> bool:
        """Want to be in ``room``. True if a join must be sent now: once per connection, whoever asks."""
        self._wanted[room] = None
        if not connected or room in self._told:
            return False
        self._told.add(room)
        return True

    def leave(self, room: str, *, connected: bool) -> bool:
        """No longer want to be in ``room``. True if a leave must be sent now."""
        self._wanted.pop(room, None)
        if not connected or room not in self._told:
            return False
        self._told.discard(room)
        return True

    def opened(self) -> list[str]:
        """A connection is open and knows of no room yet: these must be joined, in this order."""
        self._told = set(self._wanted)
        return list(self._wanted)

    def ended(self, *, keep: bool) -> None:
        """The connection ended. ``keep`` False forgets the rooms (ruling 6: without auto_reconnect)."""
        if not keep:
            self._wanted.clear()
