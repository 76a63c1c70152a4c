"""``class`` and ``style`` as a whole and in parts at once: ``class="row @{kind}" class:open=@{is_open}``.

Writing the whole would undo the parts, so that an element which has both is given them as one attribute.
In the same way ``bind:group`` is given the ``value`` of its field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from metafor.dom.attributes import ALIASES, class_names, style_text
from metafor.dom.bind import group_of
from metafor.dom.content import is_live
from metafor.dom.css import declaration

__all__ = ["Merge", "find_merges"]

Slot = tuple[int, str, str]
Parts = list[tuple[str, Any]]


class Merge:
    """One attribute of a template that takes the values of several slots.

    ``whole`` is the position of the slot that gets the merged value, ``parts`` are the positions and
    names of those that go into it.
    """

    __slots__ = ("_join", "parts", "whole")

    def __init__(self, whole: int, parts: list[tuple[int, str]], join: Callable[[Any, Parts], str]) -> None:
        self.whole = whole
        self.parts = parts
        self._join = join

    def value(self, values: Sequence[Any]) -> Any:
        """What to bind to the whole, from the values of all slots."""
        whole, join = values[self.whole], self._join
        parts = [(name, values[position]) for position, name in self.parts]
        return lambda: join(_read(whole), [(name, _read(value)) for name, value in parts])


class _GroupMerge(Merge):
    """``bind:group`` takes the value of its field along, whatever its type."""

    __slots__ = ("_own",)

    def __init__(self, group: int, own: int | None) -> None:
        super().__init__(group, [], _join_classes)
        self._own = own

    def value(self, values: Sequence[Any]) -> Any:
        return group_of(values[self.whole], None if self._own is None else values[self._own])


def find_merges(slots: Sequence[Slot]) -> list[Merge]:
    """The merges that a template with these slots needs; hardly any does."""
    wholes = {
        (node, ALIASES.get(name, name)): position
        for position, (node, kind, name) in enumerate(slots)
        if kind == "attr"
    }
    parts: dict[tuple[int, str], list[tuple[int, str]]] = {}
    for position, (node, kind, name) in enumerate(slots):
        if kind in _JOINS and (node, kind) in wholes:
            parts.setdefault((node, kind), []).append((position, name))
    groups: list[Merge] = [
        _GroupMerge(position, wholes.get((node, "value")))
        for position, (node, kind, name) in enumerate(slots)
        if kind == "bind" and name == "group"
    ]
    return groups + [Merge(wholes[key], found, _JOINS[key[1]]) for key, found in parts.items()]


def _join_classes(whole: Any, parts: Parts) -> str:
    names = dict.fromkeys((class_names(whole) or "").split())
    for name, on in parts:
        if on:
            names[name] = None
        else:
            names.pop(name, None)
    return " ".join(names)


def _join_styles(whole: Any, parts: Parts) -> str:
    written = [style_text(whole)]
    written += [declaration(name, value) for name, value in parts]
    return ";".join(filter(None, written))


_JOINS: dict[str, Callable[[Any, Parts], str]] = {"class": _join_classes, "style": _join_styles}


def _read(value: Any) -> Any:
    while is_live(value):
        value = value()
    return value
