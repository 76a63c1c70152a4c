"""Dataclasses whose fields are tracked one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar
from weakref import WeakKeyDictionary, ref

from metafor.core.store.tracked import Tracked, check_write, is_change, to_store

__all__ = ["ObjectStore", "object_store", "original_class"]

_MISSING: Any = object()
#: The tracked class of each dataclass; weakly, since it holds the dataclass, its base.
_classes: WeakKeyDictionary[type, ref[type]] = WeakKeyDictionary()


class _Field:
    """A tracked field of a dataclass; the value stays where the dataclass keeps it."""

    __slots__ = ("_slot", "name")

    def __init__(self, name: str, slot: Any) -> None:
        self.name = name
        #: The descriptor of the slot that holds the value, None for an entry of ``__dict__``.
        self._slot = slot

    def __get__(self, target: Any, owner: type) -> Any:
        if target is None:
            return getattr(original_class(owner), self.name)
        target._track(self.name)
        return self.load(target)

    def __set__(self, target: Any, value: Any) -> None:
        check_write()
        value = to_store(value)
        try:
            old = self.load(target)
        except AttributeError:
            old = _MISSING
        if old is _MISSING or is_change(old, value):
            self.save(target, value)
            target._announce(self.name)

    def __delete__(self, target: Any) -> None:
        check_write()
        if self._slot is not None:
            self._slot.__delete__(target)
        elif target.__dict__.pop(self.name, _MISSING) is _MISSING:
            raise AttributeError(self.name)
        target._announce(self.name)

    def load(self, target: Any) -> Any:
        """Give the value, untracked; AttributeError where there is none."""
        if self._slot is not None:
            return self._slot.__get__(target, type(target))
        try:
            return target.__dict__[self.name]
        except KeyError:
            raise AttributeError(f"{type(target).__name__!r} object has no attribute {self.name!r}") from None

    def save(self, target: Any, value: Any) -> None:
        """Store the value, unannounced."""
        if self._slot is not None:
            self._slot.__set__(target, value)
        else:
            target.__dict__[self.name] = value


class ObjectStore(Tracked):
    """Marks the tracked subclass of a dataclass."""

    __slots__ = ()

    _fields: ClassVar[Mapping[str, _Field]]
    _original: ClassVar[type]


def object_store(value: Any, seen: dict[int, Any]) -> Any:
    """Make the tracked copy of an instance of a dataclass; ``value`` itself if it is frozen."""
    kind = type(value)
    tracked = _tracked_class(kind)
    if tracked is None:
        return value
    made: Any = object.__new__(tracked)
    seen[id(value)] = made
    made._nodes = None
    for name, item in getattr(value, "__dict__", {}).items():
        if name not in tracked._fields:
            made.__dict__[name] = item
    for name, field in tracked._fields.items():
        item = getattr(value, name, _MISSING)
        if item is not _MISSING:
            field.save(made, to_store(item, seen))
    return made


def _tracked_class(kind: Any) -> Any:
    known = _classes.get(kind)
    tracked: Any = known() if known is not None else None
    if tracked is None and not kind.__dataclass_params__.frozen:
        tracked_fields = {}
        for field in fields(kind):
            slot = getattr(kind, field.name, None)
            is_slot = hasattr(slot, "__set__") and hasattr(slot, "__objclass__")
            tracked_fields[field.name] = _Field(field.name, slot if is_slot else None)
        namespace: dict[str, Any] = {
            "__slots__": ("_nodes",),
            "__module__": kind.__module__,
            "__qualname__": kind.__qualname__,
            "__doc__": kind.__doc__,
            "_fields": tracked_fields,
            "_original": kind,
            "__new__": _new,
            **tracked_fields,
        }
        if kind.__dataclass_params__.eq:
            namespace["__eq__"] = _equal
            namespace["__hash__"] = kind.__hash__
        tracked = type(kind.__name__, (ObjectStore, kind), namespace)
        _classes[kind] = ref(tracked)
    return tracked


def _new(cls: type[ObjectStore], *args: Any, **fields: Any) -> Any:
    # type(self)(…) and dataclasses.replace() make a plain instance: a copy is nobody's store.
    return cls._original(*args, **fields)


def original_class(kind: type) -> type:
    """The class that a tracked class is made of; any other class as it is."""
    return kind._original if issubclass(kind, ObjectStore) else kind


def _equal(self: Any, other: object) -> Any:
    if original_class(type(other)) is not original_class(type(self)):
        return NotImplemented
    return all(
        bool(getattr(self, field.name) == getattr(other, field.name))
        for field in fields(self)
        if field.compare
    )
