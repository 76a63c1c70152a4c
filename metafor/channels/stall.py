"""Finds a link dead on which nothing moves any more, where nothing else would tell (ruling 42)."""

from __future__ import annotations

import asyncio

from metafor.channels.link import Link

__all__ = ["StallWatch"]

#: Seconds between two looks at the buffer.
_LOOK = 20.0
#: So many in a row that see nothing move, and the link is dead. They are counted, not the seconds: the first
#: look after a sleep of the machine would find that nothing moved for hours.
_LOOKS = 9


class StallWatch:
    """Watches the link while its socket has a buffer, and gives it up when nothing moves on it.

    That is: when for 180 s nothing left the buffer, though something is in it, and nothing arrived. So a
    dead link is found within 200 s of the last byte that left. It takes so long because behind the buffer
    that we see are others, of the browser and of the operating system, which show nothing: on a slow link
    that lives they take a megabyte and more at a time, and minutes from one time to the next
    (docs/channels-measured.md). What arrives shows that the link lives: TCP brings little to one whose
    acknowledgements do not get through.

    One timer, and none while the buffer is empty.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._timer: asyncio.TimerHandle | None = None
        self._still = 0
        #: Bytes that had left at the last look, and how often something had arrived.
        self._left = 0
        self._arrivals = 0

    def start(self) -> None:
        """There is a buffer: watch until it is empty, or until `stop`."""
        if self._timer is None:
            self._still = 0
            self._note()
            self._look_later()

    def stop(self) -> None:
        """The socket ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_LOOK, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._link.buffered:
            return
        self._still = 0 if self._note() else self._still + 1
        if self._still < _LOOKS:
            self._look_later()
        else:
            self._link.network_lost(f"nothing left for the network within {_LOOK * _LOOKS:g} s")

    def _note(self) -> bool:
        """Remember what is to be seen now; whether anything moved since the last time."""
        left, arrivals = self._link.given - self._link.buffered, self._link.arrivals
        # Less may have left than before: pongs of the library are in the buffer, too, which nobody gave.
        moved = left > self._left or arrivals > self._arrivals
        self._left, self._arrivals = left, arrivals
        return moved
