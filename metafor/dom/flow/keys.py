"""What tells the items of a list apart: a key that the author named, else the items themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter, itemgetter
from typing import Any

from metafor.core.equality import same
from metafor.dom.errors import DomError

__all__ = ["keys_of"]


def keys_of(items: Iterable[Any], key: Any) -> list[Any]:
    """The keys of ``items``: ``key`` is None, a function of the item, or the name of a field or key.

    DomError for an item that lacks what is named.
    """
    if key is None:
        return _own_keys(items)
    if callable(key):
        return [key(item) for item in items]
    # By type, so that the question what an item is costs nothing for the second one.
    readers: dict[type, Callable[[Any], Any]] = {}
    keys: list[Any] = []
    for item in items:
        read = readers.get(type(item))
        if read is None:
            read = itemgetter(key) if isinstance(item, Mapping) else attrgetter(key)
            readers[type(item)] = read
        try:
            keys.append(read(item))
        except (LookupError, AttributeError) as missing:
            raise DomError(
                f"<For key={key!r}> found no {key!r} in {item!r}",
                next_step="name a field or key that all items have, or give a function of the item",
            ) from missing
    return keys


def _own_keys(items: Iterable[Any]) -> list[Any]:
    """The keys of items without one: scalars go by value, other objects by identity."""
    keys: list[Any] = []
    # Classes whose objects are no scalars; what is in a tuple or set is asked each time.
    by_identity: set[type] = set()
    for item in items:
        kind = type(item)
        if kind in by_identity:
            keys.append(id(item))
        elif same(item, item):
            keys.append((kind, item))
        else:
            keys.append(id(item))
            if kind is not tuple and kind is not frozenset:
                by_identity.add(kind)
    return keys
