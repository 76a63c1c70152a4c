"""Dicts and lists whose parts are tracked one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import index as as_integer
from typing import Any, SupportsIndex

from metafor.core.scheduling import enter_batch, leave_batch
from metafor.core.section import now
from metafor.core.store.edits import Edited, EditLog
from metafor.core.store.tracked import ALL, SHAPE, Tracked, all_to_store, check_write, is_change, to_store

__all__ = ["DictStore", "ListStore"]

_MISSING: Any = object()


class DictStore(dict[Any, Any], Tracked):
    """A dict whose keys are tracked one by one."""

    __slots__ = ("__weakref__", "_nodes")

    def __init__(self, *args: Any, **items: Any) -> None:
        self._nodes = None
        super().__init__()
        for key, value in dict(*args, **items).items():
            dict.__setitem__(self, key, to_store(value))

    def _size(self) -> int:
        return dict.__len__(self)

    # -- reading -------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> Any:
        self._track(key)
        return dict.__getitem__(self, key)

    def get(self, key: Any, default: Any = None) -> Any:
        self._track(key)
        return dict.get(self, key, default)

    def __contains__(self, key: object) -> bool:
        self._track(key)
        return dict.__contains__(self, key)

    def __len__(self) -> int:
        self._track(SHAPE)
        return dict.__len__(self)

    def __iter__(self) -> Iterator[Any]:
        self._track(SHAPE)
        return dict.__iter__(self)

    def __reversed__(self) -> Iterator[Any]:
        self._track(SHAPE)
        return dict.__reversed__(self)

    def keys(self) -> Any:
        self._track(SHAPE)
        return dict.keys(self)

    def values(self) -> Any:
        self._track(ALL)
        return dict.values(self)

    def items(self) -> Any:
        self._track(ALL)
        return dict.items(self)

    def copy(self) -> dict[Any, Any]:
        self._track(ALL)
        return dict(dict.items(self))

    def __eq__(self, other: object) -> bool:
        self._track(ALL)
        return dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __or__(self, other: Any) -> Any:
        return self.copy() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.copy()

    def __repr__(self) -> str:
        self._track(ALL)
        return dict.__repr__(self)

    # -- writing -------------------------------------------------------------------------------------

    def __setitem__(self, key: Any, value: Any) -> None:
        check_write()
        old = dict.get(self, key, _MISSING)
        value = to_store(value)
        if old is _MISSING:
            dict.__setitem__(self, key, value)
            self._announce(key, SHAPE, ALL)
        elif is_change(old, value):
            dict.__setitem__(self, key, value)
            self._announce(key, ALL)

    def __delitem__(self, key: Any) -> None:
        check_write()
        dict.__delitem__(self, key)
        self._announce(key, SHAPE, ALL)

    def pop(self, key: Any, *default: Any) -> Any:
        check_write()
        if not dict.__contains__(self, key):
            return dict.pop(self, key, *default)
        value = dict.pop(self, key)
        self._announce(key, SHAPE, ALL)
        return value

    def popitem(self) -> tuple[Any, Any]:
        check_write()
        key, value = dict.popitem(self)
        self._announce(key, SHAPE, ALL)
        return key, value

    def clear(self) -> None:
        check_write()
        keys = list(dict.keys(self))
        dict.clear(self)
        if keys:
            self._announce(*keys, SHAPE, ALL)

    def update(self, *args: Any, **items: Any) -> None:
        enter_batch()
        try:
            for key, value in dict(*args, **items).items():
                self[key] = value
        finally:
            leave_batch()

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if not dict.__contains__(self, key):
            self[key] = default
        return self[key]

    def __ior__(self, other: Any) -> Any:
        self.update(other)
        return self

    def _arrange(self, order: Iterable[Any]) -> None:
        """Put the keys in the given order, which holds all of them."""
        keys = list(order)
        if keys != list(dict.keys(self)):
            items = [(key, dict.__getitem__(self, key)) for key in keys]
            dict.clear(self)
            dict.update(self, items)
            self._announce(SHAPE, ALL)


class ListStore(list[Any], Tracked, Edited):
    """A list whose items are tracked one by one."""

    __slots__ = ("__weakref__", "_edits", "_nodes")

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self._nodes = None
        #: What was done to the list since somebody asked.
        self._edits: EditLog | None = None
        super().__init__(all_to_store(items))

    def _size(self) -> int:
        return list.__len__(self)

    def _track_edits(self) -> EditLog:
        self._track(ALL)
        if self._edits is None:
            self._edits = EditLog(list.__len__(self))
        return self._edits

    # -- reading -------------------------------------------------------------------------------------

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            self._track(ALL)
        elif now.run:
            position = index.__index__()
            length = list.__len__(self)
            if -length <= position < 0:
                # Counted from the end, another length means another item.
                self._track(SHAPE)
                position += length
            self._track(position if 0 <= position < length else SHAPE)
        return list.__getitem__(self, index)

    def __len__(self) -> int:
        self._track(SHAPE)
        return list.__len__(self)

    def __iter__(self) -> Iterator[Any]:
        self._track(ALL)
        return list.__iter__(self)

    def __reversed__(self) -> Iterator[Any]:
        self._track(ALL)
        return list.__reversed__(self)

    def __contains__(self, item: object) -> bool:
        self._track(ALL)
        return list.__contains__(self, item)

    def index(self, *args: Any) -> int:
        self._track(ALL)
        return list.index(self, *args)

    def count(self, item: Any) -> int:
        self._track(ALL)
        return list.count(self, item)

    def copy(self) -> list[Any]:
        return list(self)

    def __eq__(self, other: object) -> bool:
        self._track(ALL)
        return list.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: list[Any]) -> bool:
        self._track(ALL)
        return list.__lt__(self, other)

    def __le__(self, other: list[Any]) -> bool:
        self._track(ALL)
        return list.__le__(self, other)

    def __gt__(self, other: list[Any]) -> bool:
        self._track(ALL)
        return list.__gt__(self, other)

    def __ge__(self, other: list[Any]) -> bool:
        self._track(ALL)
        return list.__ge__(self, other)

    def __add__(self, other: Any) -> list[Any]:
        return list(self) + list(other)

    def __radd__(self, other: list[Any]) -> list[Any]:
        return other + list(self)

    def __mul__(self, count: SupportsIndex) -> list[Any]:
        return list(self) * count

    def __rmul__(self, count: SupportsIndex) -> list[Any]:
        return list(self) * count

    def __repr__(self) -> str:
        self._track(ALL)
        return list.__repr__(self)

    # -- writing -------------------------------------------------------------------------------------

    def append(self, item: Any) -> None:
        check_write()
        made = to_store(item)
        if self._edits is not None:
            length = list.__len__(self)
            self._edits.note(length, length, length, 1)
        list.append(self, made)
        self._announce(SHAPE, ALL)

    def extend(self, items: Iterable[Any]) -> None:
        check_write()
        made = all_to_store(items)
        length = list.__len__(self)
        self._splice(length, length, made)

    def insert(self, index: SupportsIndex, item: Any) -> None:
        check_write()
        position = slice(as_integer(index), None).indices(list.__len__(self))[0]
        self._splice(position, position, [to_store(item)])

    def __setitem__(self, index: Any, value: Any) -> None:
        check_write()
        if isinstance(index, slice):
            self._set_slice(index, all_to_store(value))
            return
        value = to_store(value)
        old = list.__getitem__(self, index)
        if is_change(old, value):
            position, length = self._position(index), list.__len__(self)
            if self._edits is not None:
                self._edits.note(length, position, position + 1, 1)
            list.__setitem__(self, position, value)
            self._announce(position, ALL)

    def __delitem__(self, index: Any) -> None:
        check_write()
        if isinstance(index, slice):
            self._set_slice(index, None)
        elif 0 <= (position := self._position(index)) < list.__len__(self):
            self._splice(position, position + 1, [])
        else:
            list.__delitem__(self, index)  # which raises

    def pop(self, index: SupportsIndex = -1) -> Any:
        check_write()
        position = self._position(index)
        if not 0 <= position < list.__len__(self):
            return list.pop(self, index)  # which raises
        item = list.__getitem__(self, position)
        self._splice(position, position + 1, [])
        return item

    def remove(self, item: Any) -> None:
        check_write()
        position = list.index(self, item)
        self._splice(position, position + 1, [])

    def clear(self) -> None:
        check_write()
        self._splice(0, list.__len__(self), [])

    def reverse(self) -> None:
        self[:] = list(list.__reversed__(self))

    def sort(self, **options: Any) -> None:
        check_write()
        # Not in place: list.sort() shows the key function an empty list.
        self[:] = sorted(list.__iter__(self), **options)

    def __iadd__(self, other: Iterable[Any]) -> Any:  # type: ignore[misc]
        self.extend(other)
        return self

    def __imul__(self, count: SupportsIndex) -> Any:
        self[:] = list(list.__iter__(self)) * count
        return self

    def _position(self, index: SupportsIndex) -> int:
        """``index`` from the beginning; out of range if it is."""
        position = as_integer(index)
        return position if position >= 0 else position + list.__len__(self)

    def _set_slice(self, index: slice, items: list[Any] | None) -> None:
        """Put ``items`` in the place of a slice; None deletes it."""
        start, stop, step = index.indices(list.__len__(self))
        if step != 1:
            start, stop = 0, list.__len__(self)
            changed = list(list.__iter__(self))
            if items is None:
                del changed[index]
            else:
                changed[index] = items
            items = changed
        self._splice(start, max(start, stop), items or [])

    def _splice(self, start: int, stop: int, items: list[Any]) -> None:
        """Put ``items`` in the place of those from ``start`` to ``stop``; notify whom that concerns alone."""
        if stop == start and not items:
            return
        length, nodes, part = list.__len__(self), self._nodes, slice(start, stop)
        if self._edits is not None:
            self._edits.note(length, start, stop, len(items))
        if not nodes:
            list.__setitem__(self, part, items)
            return
        old = list.__getitem__(self, part)
        moved = len(items) != len(old)
        # The positions that are read and may hold another item then, and what they hold.
        watched = {
            position: list.__getitem__(self, position) if position < length else _MISSING
            for position in nodes
            if isinstance(position, int) and start <= position and (moved or position < stop)
        }
        list.__setitem__(self, part, items)
        length = list.__len__(self)
        keys: list[Any] = [
            position
            for position, item in watched.items()
            if position >= length or is_change(item, list.__getitem__(self, position))
        ]
        if moved:
            keys += (SHAPE, ALL)
        elif any(map(is_change, old, items)):
            keys.append(ALL)
        self._announce(*keys)
