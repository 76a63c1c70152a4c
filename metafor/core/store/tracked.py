"""Stores: dicts, lists and dataclasses whose parts are tracked one by one.

A store *is* a dict, a list or an instance of the dataclass (a subclass of it), with the same API. Each part
that somebody reads while tracking has a signal of its own; writing a part notifies its readers and nobody
else. Plain containers put into a store become stores themselves, so that the whole tree is tracked.

What is read, and what wakes the reader::

    store["a"]   store[3]   todo.done      that part was replaced
    "a" in store, store.get("a")           that key came, went or was replaced
    len(store), iterating a dict           the number or the set of keys changed
    iterating a list, values(), items()    any item came, went or was replaced

A view (``keys()``, ``values()``, ``items()``) tracks when it is made, not when it is looked at later. What
changes a list behind its methods, as ``heapq`` does, is not seen, not even with a later edit of other items:
work on a plain list and hand that over, ``items[:] = heap``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar, cast

from metafor.core.equality import same
from metafor.core.errors import StoreError
from metafor.core.nodes import Signal
from metafor.core.scheduling import enter_batch, forbid_in_memo, leave_batch, write
from metafor.core.section import check_thread, now

__all__ = [
    "ALL",
    "SHAPE",
    "Tracked",
    "all_to_store",
    "check_write",
    "create_store",
    "is_change",
    "to_store",
    "too_deep",
]

T = TypeVar("T")

#: The keys under which a container's signals of the whole stand: what there is, and all of it.
SHAPE, ALL = object(), object()
_MISSING: Any = object()
#: Signals of parts that nobody reads any more are swept when there are this many more than parts.
_SWEEP_MARGIN = 64


def create_store(value: T) -> T:
    """Make a store of a copy of ``value``: a dict, a list or an instance of a dataclass, nested to any depth.

    The store has the API of what it wraps and is an instance of its class. Containers in it, and such as
    are put into it later, are stores too; the plain originals are copied, never changed. Values of other
    types are held as they are, and notify when they are replaced by one that is not equal
    (:mod:`metafor.core.equality`). Subclasses of dict and list, sets and frozen dataclasses are such values.
    Writing in a memo raises WriteInMemoError; a ``value`` that is no container raises StoreError. Each call
    that changes a store is one batch. Example::

        state = create_store({"todos": [{"text": "write", "done": False}]})
        create_effect(lambda: print(state["todos"][0]["done"]))
        state["todos"][0]["done"] = True  # prints True
        state["todos"].append({"text": "read", "done": False})  # prints nothing
    """
    store = to_store(value)
    if not isinstance(store, Tracked):
        raise StoreError(
            f"create_store() got a {type(value).__name__}, which it cannot track",
            next_step="give it a dict, a list or an instance of a dataclass that is not frozen; "
            "for a single value use create_signal()",
        )
    return cast(T, store)


def to_store(value: Any, seen: dict[int, Any] | None = None) -> Any:
    """Turn a plain container into a store, with everything in it; give any other value as it is."""
    kind: Any = type(value)
    if not _is_container(kind):
        return value
    if seen is None:
        seen = {}
    elif id(value) in seen:
        return seen[id(value)]
    from metafor.core.store.containers import DictStore, ListStore

    try:
        if kind is dict:
            made: Any = DictStore()
            seen[id(value)] = made
            for key, item in value.items():
                dict.__setitem__(made, key, to_store(item, seen))
        elif kind is list:
            made = ListStore()
            seen[id(value)] = made
            for item in value:
                list.append(made, to_store(item, seen))
        else:
            from metafor.core.store.objects import object_store

            made = object_store(value, seen)
    except RecursionError:
        raise too_deep() from None
    return made


def all_to_store(items: Iterable[Any]) -> list[Any]:
    """A list of ``items``, of which the plain containers are turned into stores, each on its own."""
    made = list(items)
    # Looked at by type: of many items there are few kinds. By id: not every class can be hashed.
    kinds = dict(zip(map(id, map(type, made)), map(type, made), strict=True)).values()
    if any(map(_is_container, kinds)):
        made = [to_store(item) for item in made]
    return made


def _is_container(kind: type[Any]) -> bool:
    return kind is dict or kind is list or (not issubclass(kind, Tracked) and is_dataclass(kind))


def too_deep() -> StoreError:
    """The error of a structure that recursion cannot walk."""
    return StoreError(
        "a store cannot be nested this deep",
        next_step="keep the items in one list or dict, and let them refer to each other by key",
    )


def check_write() -> None:
    """Before a store is changed: raise where a memo computes, and in another thread than the graph's."""
    forbid_in_memo("a store")
    check_thread()


class Tracked:
    """What all stores share: a signal for each part that somebody reads."""

    __slots__ = ()

    if TYPE_CHECKING:
        # The slot is in the subclasses: two bases with slots cannot be combined.
        @property
        def _nodes(self) -> dict[Any, Signal[None]] | None: ...
        @_nodes.setter
        def _nodes(self, nodes: dict[Any, Signal[None]] | None) -> None: ...

    def _track(self, key: Any) -> None:
        if not now.run:
            return
        nodes = self._nodes
        if nodes is None:
            nodes = self._nodes = {}
        node = nodes.get(key)
        if node is None:
            if len(nodes) > _SWEEP_MARGIN and len(nodes) > 2 * self._size() + _SWEEP_MARGIN:
                self._nodes = nodes = {one: node for one, node in nodes.items() if node._observers}
            node = nodes[key] = Signal(None, False, "store")
        node()

    def _announce(self, *keys: Any) -> None:
        """Wake the readers of these parts, as one batch."""
        nodes = self._nodes
        if nodes:
            enter_batch()
            try:
                for key in keys:
                    node = nodes.get(key)
                    if node is not None:
                        write(node, None)
            finally:
                leave_batch()

    def _size(self) -> int:
        return 0

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        # copy, deepcopy and pickle give plain data: a copy is nobody's store.
        from metafor.core.store.exchange import plain, snapshot

        return plain, (snapshot(self),)


def is_change(old: Any, new: Any) -> bool:
    """Whether putting ``new`` in the place of ``old`` is a change; a store in its own place is none."""
    return not (old is new and isinstance(old, Tracked)) and not same(old, new)
