"""Plain data out of a store, and new plain data into it."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Any, TypeVar

from metafor.core.errors import StoreError
from metafor.core.scheduling import enter_batch, leave_batch
from metafor.core.store.containers import DictStore, ListStore
from metafor.core.store.objects import ObjectStore, original_class
from metafor.core.store.tracked import Tracked, check_write, too_deep

__all__ = ["plain", "reconcile", "snapshot"]

T = TypeVar("T")

_MISSING: Any = object()


def plain(value: T) -> T:
    """Give ``value``: what a pickled store is restored by."""
    return value


def snapshot(store: T) -> T:
    """Give plain data that equals ``store`` now: dicts, lists and instances of the dataclasses, copied.

    Values that are no containers are the same objects. It reads everything, so that an effect that takes a
    snapshot runs again after every change; use :func:`untrack` where that is not wanted. A value that is no
    store is given back as it is. Example::

        create_effect(lambda: save(json.dumps(snapshot(state))))
    """
    try:
        return _snapshot(store, {})  # type: ignore[no-any-return]
    except RecursionError:
        raise too_deep() from None


def _snapshot(value: Any, seen: dict[int, Any]) -> Any:
    if not isinstance(value, Tracked):
        return value
    if id(value) in seen:
        return seen[id(value)]
    if isinstance(value, DictStore):
        copy: Any = {}
        seen[id(value)] = copy
        for key, item in value.items():
            copy[key] = _snapshot(item, seen)
    elif isinstance(value, ListStore):
        copy = []
        seen[id(value)] = copy
        copy += [_snapshot(item, seen) for item in value]
    else:
        copy = object.__new__(original_class(type(value)))
        seen[id(value)] = copy
        extra = getattr(value, "__dict__", {})
        for name in extra.keys() - value._fields.keys():  # type: ignore[attr-defined]
            object.__setattr__(copy, name, extra[name])
        for name in value._fields:  # type: ignore[attr-defined]
            item = getattr(value, name, _MISSING)
            if item is not _MISSING:
                object.__setattr__(copy, name, _snapshot(item, seen))
    return copy


def reconcile(store: T, new: T, *, key: str = "id") -> None:
    """Make ``store`` equal to ``new``, changing only what differs, as one batch.

    For data that comes whole from a server: parts that are equal keep their identity and wake nobody. Items
    of lists are matched by their ``key`` (a key of a dict, a field of a dataclass), those without one by
    position. The keys of a dict take the order that they have in ``new``. Raises StoreError when ``store`` is
    no store, or ``new`` is of another type. Example::

        reconcile(state, await fetch_state())
    """
    check_write()
    if not isinstance(store, Tracked):
        raise StoreError(
            f"reconcile() got a {type(store).__name__}, which is no store",
            next_step="give it what create_store() returned, or a container inside that",
        )
    if _kind(store) is not _kind(new):
        raise StoreError(
            f"reconcile() cannot turn a store of {_kind(store).__name__} into {_kind(new).__name__}",
            next_step="give it data of the same type, or put the new data into a part of the store",
        )
    enter_batch()
    try:
        _reconcile(store, new, key, set())
    except RecursionError:
        raise too_deep() from None
    finally:
        leave_batch()


def _reconcile(store: Any, new: Any, key: str, done: set[tuple[int, int]]) -> None:
    # Both may hold themselves. The new data lives as long as this walk, and so do the parts of the store
    # that have met one: their ids stand for them.
    if store is new or (id(store), id(new)) in done:
        return
    done.add((id(store), id(new)))
    if isinstance(store, DictStore):
        for gone in [name for name in dict.keys(store) if name not in new]:
            del store[gone]
        for name, item in new.items():
            store[name] = _merged(dict.get(store, name), item, key, done)
        store._arrange(new)
    elif isinstance(store, ListStore):
        store[:] = _merged_items(list(list.__iter__(store)), new, key, done)
    else:
        for name, field in store._fields.items():
            item = getattr(new, name, _MISSING)
            if item is not _MISSING:
                try:
                    old = field.load(store)
                except AttributeError:
                    old = None
                setattr(store, name, _merged(old, item, key, done))


def _merged(old: Any, new: Any, key: str, done: set[tuple[int, int]]) -> Any:
    """Give ``old`` made equal to ``new`` where both are containers of a kind, else ``new``."""
    if isinstance(old, Tracked) and _kind(old) is _kind(new):
        _reconcile(old, new, key, done)
        return old
    return new


def _merged_items(old: list[Any], new: list[Any], key: str, done: set[tuple[int, int]]) -> list[Any]:
    by_key: dict[Any, Any] = {}
    for item in old:
        name = _key_of(item, key)
        if name is not _MISSING:
            by_key.setdefault((_kind(item), name), item)
    merged = []
    for position, item in enumerate(new):
        name = _key_of(item, key)
        if name is not _MISSING:
            former = by_key.pop((_kind(item), name), None)
        elif position < len(old) and _key_of(old[position], key) is _MISSING:
            former = old[position]
        else:
            former = None
        merged.append(_merged(former, item, key, done))
    return merged


def _key_of(item: Any, key: str) -> Any:
    if isinstance(item, dict):
        name = dict.get(item, key, _MISSING)
    elif isinstance(item, ObjectStore):
        field = item._fields.get(key)
        name = getattr(item, key, _MISSING) if field is not None else _MISSING
    elif is_dataclass(item):
        name = getattr(item, key, _MISSING)
    else:
        return _MISSING
    try:
        hash(name)
    except TypeError:
        return _MISSING
    return name


def _kind(value: Any) -> type:
    if isinstance(value, DictStore):
        return dict
    if isinstance(value, ListStore):
        return list
    return original_class(type(value))
