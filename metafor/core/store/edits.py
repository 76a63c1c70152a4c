"""What was done to a list, for those who look at it again and again.

A list that tells nothing is compared with what it was, item by item. A store knows what its methods did: each
edit left some items alone at the beginning, and some at the end. This module needs no other: a page without
stores loads none of theirs.
"""

from __future__ import annotations

from typing import Any

__all__ = ["EditLog", "Edited", "edits_of"]

#: So many edits are remembered at most. A reader looks after each batch, and few batches are of more.
_MOST = 64


class EditLog:
    """The last edits of a list; ``version`` is the number of all that there were."""

    __slots__ = ("_ends", "_length", "version")

    def __init__(self, length: int) -> None:
        self.version = 0
        #: For each of the last edits, how many items it left alone at the beginning and at the end.
        self._ends: list[tuple[int, int]] = []
        #: Of the list after the last edit: another one means that it was changed behind its methods.
        self._length = length

    def note(self, length: int, start: int, stop: int, count: int) -> None:
        """Remember that of ``length`` items those from ``start`` to ``stop`` gave way to ``count``."""
        if len(self._ends) == _MOST:
            del self._ends[: _MOST // 2]
        self._ends.append((start, length - stop) if length == self._length else (0, 0))
        self._length = length - (stop - start) + count
        self.version += 1

    def since(self, version: int, length: int) -> tuple[int, int]:
        """How many items at the beginning and at the end every edit since ``version`` left alone.

        ``length`` is that of the list now. Two zeros when there was no edit, so that whoever asks again looks
        at all items; when there were more than are remembered; when the list was changed behind its methods.
        Example: ``(100, 0)`` after one was appended to a hundred.
        """
        edits = self.version - version
        if not 0 < edits <= len(self._ends) or length != self._length:
            return 0, 0
        heads, tails = zip(*self._ends[-edits:], strict=True)
        return min(heads), min(tails)


class Edited:
    """A list that knows its edits."""

    __slots__ = ()

    def _track_edits(self) -> EditLog:
        """Track the list as a whole, and give its edits from now on."""
        raise NotImplementedError


def edits_of(value: Any) -> EditLog | None:
    """Track a store of a list as a whole, and give its edits from now on; None for any other ``value``."""
    return value._track_edits() if isinstance(value, Edited) else None
