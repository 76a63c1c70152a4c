"""The todos and what can be done with them. No markup and no browser: plain signals."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from metafor.core import create_memo, create_signal

__all__ = ["FILTERS", "Storage", "Todo", "TodoList"]

_KEY = "todos-metafor"


class Storage(Protocol):
    """Texts by key: a browser's ``localStorage``, or a stand-in."""

    def load(self, key: str) -> str | None:
        """The text that was saved, or None."""

    def save(self, key: str, text: str) -> None:
        """Keep a text."""


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do."""

    id: str
    title: str
    completed: bool = False


#: What the routes show: "#/", "#/active", "#/completed".
FILTERS: dict[str, Callable[[Todo], bool]] = {
    "All": lambda todo: True,
    "Active": lambda todo: not todo.completed,
    "Completed": lambda todo: todo.completed,
}


class TodoList:
    """All todos, in order, saved after each change."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.items, self._set_items = create_signal(_read(storage.load(_KEY)))
        #: How many are to be done still.
        self.left = create_memo(lambda: sum(not todo.completed for todo in self.items()))

    def add(self, title: str) -> None:
        """Append a todo; a title of white space alone is none."""
        if title := title.strip():
            self._change([*self.items.peek(), Todo(uuid.uuid4().hex, title)])

    def rename(self, todo: Todo, title: str) -> None:
        """Give a todo another title; an empty one removes it."""
        if title := title.strip():
            self._replace(todo, replace(todo, title=title))
        else:
            self.remove(todo)

    def complete(self, todo: Todo, completed: bool) -> None:
        """Say whether a todo is done."""
        self._replace(todo, replace(todo, completed=completed))

    def complete_all(self, completed: bool) -> None:
        """Say of all todos whether they are done."""
        self._change([replace(todo, completed=completed) for todo in self.items.peek()])

    def remove(self, todo: Todo) -> None:
        """Remove a todo."""
        self._change([one for one in self.items.peek() if one.id != todo.id])

    def clear_completed(self) -> None:
        """Remove what is done."""
        self._change([one for one in self.items.peek() if not one.completed])

    def _replace(self, old: Todo, new: Todo) -> None:
        self._change([new if one.id == old.id else one for one in self.items.peek()])

    def _change(self, items: list[Todo]) -> None:
        self._set_items(items)
        self._storage.save(_KEY, json.dumps([asdict(todo) for todo in items]))


def _read(text: str | None) -> list[Todo]:
    """What was saved; anything that this app did not write is left out."""
    try:
        saved = json.loads(text or "[]")
    except ValueError:
        return []
    fields = [one for one in saved if isinstance(one, dict)] if isinstance(saved, list) else []
    return [
        Todo(str(one["id"]), one["title"], one.get("completed") is True)
        for one in fields
        if one.get("id") and isinstance(one.get("title"), str)
    ]
