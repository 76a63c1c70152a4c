"""The items that a list shows, and where the next list differs from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from metafor.core.graph import EditLog
from metafor.dom.flow.rows import common_head, common_tail

__all__ = ["Difference", "ShownItems"]


class Difference(NamedTuple):
    """``items`` come in the place of those from ``start`` to ``end``; all others stay."""

    start: int
    end: int
    items: list[Any]
    #: How many items there are then.
    length: int
    log: EditLog | None
    version: int


class ShownItems:
    """The items that are shown: a list of its own, since the page may change the one that it gave."""

    __slots__ = ("_log", "_version", "items")

    def __init__(self) -> None:
        self.items: list[Any] = []
        #: The edits of the store that held the items at last, and which of them are in ``items``.
        self._log: EditLog | None = None
        self._version = 0

    def compare(self, items: Sequence[Any], log: EditLog | None, *, both_ends: bool) -> Difference:
        """Where ``items`` differ; those of a store come with its ``log``. ``both_ends``: a common end stays.

        By identity, one ``is`` for each that stays (ruling 28); a store tells which need not be looked at.
        """
        start, kept = self._left_alone(len(items), log, both_ends)
        old, new, length = self.items, items, len(items)
        if start or kept:
            old = old[start : len(old) - kept]
        if log is not None:
            # A copy of what may differ: reading a store item by item calls its methods.
            new = items[start : length - kept]
        head = common_head(old, new)
        # A row that belongs to its position is not found again from the end.
        tail = common_tail(old, new, min(len(old), len(new)) - head) if both_ends else 0
        changed = list(new[head : len(new) - tail])
        end = start + len(old) - tail
        return Difference(start + head, end, changed, length, log, log.version if log is not None else 0)

    def take(self, difference: Difference) -> None:
        """Be what was compared."""
        # In place: a copy, and the end of the last one, would touch each object.
        self.items[difference.start : difference.end] = difference.items
        self._log, self._version = difference.log, difference.version

    def _left_alone(self, length: int, log: EditLog | None, both_ends: bool) -> tuple[int, int]:
        """How many items at the beginning and at the end of those that are shown have surely stayed."""
        if log is None or log is not self._log:
            return 0, 0
        head, tail = log.since(self._version, length)
        return head, tail if both_ends else 0
