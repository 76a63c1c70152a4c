"""When Python looks for garbage in a page: when that is idle, rather than in the middle of an answer."""

from __future__ import annotations

import gc

__all__ = ["GarbageSearch"]

# A list of 1,000 rows is 27,000 new objects that all stay. Looking for garbage after each 2,000 of them, as
# Python does by itself, takes a third of the time that it takes to make them.
#: New objects after which Python looks for garbage at once, whatever it is about to do.
_FULL = 100_000
#: New objects for which an idle time is worth asking for.
_MANY = 10_000


class GarbageSearch:
    """Searches that an idle time is asked for. An app that switched the search off is left alone."""

    def __init__(self) -> None:
        first, *others = gc.get_threshold()
        if first:
            gc.set_threshold(_FULL, *others)
        #: New objects since all were looked at; so many make it worth doing again.
        self._since_whole = 0
        self._whole_at = _FULL

    @property
    def is_due(self) -> bool:
        """Whether there are many new objects."""
        return gc.get_count()[0] > _MANY and gc.isenabled() and gc.get_threshold()[0] > 0

    def run(self) -> None:
        """Look at what is new, and now and then at all there is.

        That would come by itself only with a search that no idle time forestalled: what became garbage after
        it had outlived one would stay for ever.
        """
        self._since_whole += gc.get_count()[0]
        if self._since_whole < self._whole_at:
            gc.collect(1)
            return
        gc.collect()
        self._since_whole = 0
        # The more there is to look at, the longer it takes, and the more must have come.
        self._whole_at = max(_FULL, len(gc.get_objects()) // 4)
