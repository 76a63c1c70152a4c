"""``<For each key fallback>`` and ``<Index each fallback>``: one row for each item, or each position.

A write of the list compares identities first (ruling 28): the common head and tail cost one ``is``
each. Only between them are rows matched by key, and only rows outside a longest increasing
subsequence move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from metafor.core import graph
from metafor.core.equality import same
from metafor.core.graph import Getter, RenderEffect, Signal
from metafor.core.owner import Owner
from metafor.dom.components import Constant, component, component_path
from metafor.dom.content import (
    Part,
    Parts,
    Renderable,
    TextNodes,
    build,
    child_scope,
    collect,
    is_live,
    remove,
)
from metafor.dom.errors import DomError
from metafor.dom.events import parameter_count
from metafor.dom.flow.rows import longest_increasing_subsequence
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host

__all__ = ["For", "Index", "RowFunction"]


class RowFunction:
    """A row function written in a template: its parameters arrive as getters, so a row can be updated."""

    __slots__ = ("fn", "parameters")

    def __init__(self, fn: Callable[..., Any], parameters: int) -> None:
        self.fn = fn
        self.parameters = parameters


@component
def For(props: Mapping[str, Any]) -> Any:
    """Show one row for each item of ``each``, in order; ``fallback`` when there is none.

    ``key`` is a function of the item or the name of a field or key; without it objects go by
    identity, scalars by value and occurrence. Equal and duplicate items are legal.
    """
    return _RowsFactory(props, by_position=False)


@component
def Index(props: Mapping[str, Any]) -> Any:
    """Show one row for each position of ``each``; a row stays when another item comes to its position.

    For lists of values that change in place, such as fields bound to a list of texts.
    """
    return _RowsFactory(props, by_position=True)


class _RowsFactory(Renderable):
    __slots__ = ("_by_position", "_props")

    def __init__(self, props: Mapping[str, Any], *, by_position: bool) -> None:
        self._props = props
        self._by_position = by_position

    def instantiate(self, host: Host) -> Part:
        rows = _Rows(host, self._props, self._by_position)
        rows.start()
        return rows


class _Row(Owner):
    """One row: its owner, its item and what it shows."""

    __slots__ = ("index", "item", "key", "parts", "signal")

    def __init__(self, parent: Owner, key: Any, item: Any) -> None:
        super().__init__(parent)
        parent._adopt(self)
        self.key = key
        self.item = item
        self.signal: Signal[Any] | None = None
        self.index: Signal[int] | None = None
        self.parts: Parts = []


class _Rows(RenderEffect, Part):
    """The rows of one ``<For>``: runs again when the list changes; rows outlive its runs."""

    __slots__ = (
        "_anchor",
        "_attached",
        "_by_position",
        "_fallback",
        "_host",
        "_items",
        "_props",
        "_rows",
        "_scope",
    )

    def __init__(self, host: Host, props: Mapping[str, Any], by_position: bool) -> None:
        # Rows hang on a scope beside the effect: what an effect owns ends with each of its runs.
        self._scope = child_scope("For")
        super().__init__(lambda: _as_list(props.get("each")))
        self._host = host
        self._props = props
        self._by_position = by_position
        self._anchor = TextNodes(host).make("")
        self._attached = False
        self._items: list[Any] = []
        self._rows: list[_Row] = []
        self._fallback: _Row | None = None

    def start(self) -> None:
        graph.start_binding(self)
        self._attached = True

    def collect(self, ids: list[int]) -> None:
        if self._fallback is not None:
            ids += collect(self._fallback.parts)
        for row in self._rows:
            ids += collect(row.parts)
        ids.append(self._anchor)

    def _recompute(self) -> None:
        try:
            items = graph.execute(self)
            graph.run_owned(self._scope, lambda: self._reconcile(items))
        except Exception as raised:
            graph.report_error(raised, self)
        except graph.Pending as pending:
            graph.suspend(self, pending)
        finally:
            self._settle_state()

    # -- reconciliation ------------------------------------------------------------------------------

    def _reconcile(self, items: list[Any]) -> None:
        old_items, old_rows = self._items, self._rows
        head, limit = 0, min(len(items), len(old_items))
        while head < limit and _unchanged(old_items[head], items[head]):
            head += 1
        tail = 0
        # A row that belongs to its position is not found again from the end.
        limit = 0 if self._by_position else limit - head
        while tail < limit and _unchanged(old_items[-1 - tail], items[-1 - tail]):
            tail += 1
        new_end, old_end = len(items) - tail, len(old_rows) - tail
        middle = self._match(items[head:new_end], old_rows[head:old_end], head)
        # A row may show nothing: the place is that of the first one that does.
        before = next((ids for row in old_rows[old_end:] if (ids := collect(row.parts))), [])
        self._items = items
        self._rows = old_rows[:head] + middle + old_rows[old_end:]
        self._place(middle, old_rows[head:old_end], before[0] if before else self._anchor)
        if new_end != old_end or middle:
            self._number(head)
        self._show_fallback(not items)

    def _match(self, items: list[Any], old: list[_Row], start: int) -> list[_Row]:
        """Find or make the row of each item between the common ends; rows left over are removed."""
        if not items:
            self._discard(old)
            return []
        keys = self._keys(items, start)
        # Equal keys are told apart by occurrence, so that duplicates are legal.
        waiting: dict[Any, list[_Row]] = {}
        for former in reversed(old):
            waiting.setdefault(former.key, []).append(former)
        render = self._props.get("children")
        updatable = isinstance(render, RowFunction)
        kept: list[_Row | None] = []
        for key, item in zip(keys, items, strict=True):
            candidates = waiting.get(key)
            # A row function that is not of the template gets the plain item: another object, another row.
            if candidates and (updatable or _unchanged(candidates[-1].item, item)):
                kept.append(candidates.pop())
            else:
                kept.append(None)
        self._discard([former for rest in waiting.values() for former in rest])
        rows: list[_Row] = []
        for key, item, row in zip(keys, items, kept, strict=True):
            if row is None:
                row = self._make(key, item, render)
            elif row.item is not item:
                row.item = item
                if row.signal is not None:
                    graph.write(row.signal, item)
            rows.append(row)
        return rows

    def _keys(self, items: list[Any], start: int) -> list[Any]:
        if self._by_position:
            return list(range(start, start + len(items)))
        key = self._props.get("key")
        if key is None:
            return [(type(item), item) if _is_scalar(item) else id(item) for item in items]
        if callable(key):
            return [key(item) for item in items]
        return [item[key] if isinstance(item, Mapping) else getattr(item, key) for item in items]

    def _make(self, key: Any, item: Any, render: Any) -> _Row:
        row = _Row(self._scope, key, item)
        host = self._host

        def fill() -> None:
            row.parts = build(host, self._call(render, row, item))

        try:
            graph.run_owned(row, fill)
        except Exception as raised:
            graph.report_error(raised, row)
        except graph.Pending:
            # The row function waits for a resource: a hole runs it again when the value is there.
            row.parts = graph.run_owned(row, lambda: build(host, lambda: self._call(render, row, item)))
        return row

    def _call(self, render: Any, row: _Row, item: Any) -> Any:
        if isinstance(render, RowFunction):
            value: Getter[Any]
            if self._by_position or self._props.get("key") is not None:
                value = row.signal = Signal(item, False)
            else:
                # Without a key a row belongs to its object: its bindings need not watch for another.
                value = Constant(item)
            if render.parameters == 1:
                return render.fn(value)
            row.index = Signal(0)
            return render.fn(value, row.index)
        if isinstance(render, Renderable):
            return render
        if not callable(render):
            raise DomError(
                f"{component_path(row)} has no row function: its content is {render!r}",
                next_step="write <For each=@{items}>@{lambda item: <li>@{item}</li>}</For>",
            )
        parameters = parameter_count(render)
        if parameters == 0:
            return render()
        if parameters == 1:
            return render(item)
        row.index = Signal(0)
        return render(item, row.index)

    # -- the page ------------------------------------------------------------------------------------

    def _discard(self, rows: list[_Row]) -> None:
        host = self._host
        if rows:
            ids: list[int] = []
            for row in rows:
                ids += collect(row.parts)
            if ids:
                host.emit(op.REMOVE, len(ids), *ids)
            for row in reversed(rows):
                graph.dispose(row)

    def _place(self, rows: list[_Row], old: list[_Row], before: int) -> None:
        """Insert new rows and move those that stand out of order, from the last to the first."""
        if not self._attached or not rows:
            return
        position_of = {id(row): position for position, row in enumerate(old)}
        positions = [position_of.get(id(row), -1) for row in rows]
        steady = set(longest_increasing_subsequence(positions))
        chunk: list[list[int]] = []  # neighbours that go before the same node, last first
        for position in range(len(rows) - 1, -1, -1):
            ids = collect(rows[position].parts)
            if position not in steady:
                chunk.append(ids)
                continue
            before = self._insert(chunk, before)
            chunk = []
            if ids:
                before = ids[0]
        self._insert(chunk, before)

    def _insert(self, chunk: list[list[int]], before: int) -> int:
        ids = [node for row in reversed(chunk) for node in row]
        if not ids:
            return before
        self._host.emit(op.BEFORE, before, len(ids), *ids)
        return ids[0]

    def _number(self, start: int) -> None:
        for position in range(start, len(self._rows)):
            index = self._rows[position].index
            if index is not None:
                graph.write(index, position)

    def _show_fallback(self, empty: bool) -> None:
        row = self._fallback
        if empty and row is None:
            fallback = self._props.get("fallback")
            if fallback is None:
                return
            self._fallback = self._make("fallback", None, lambda: fallback)
            ids = collect(self._fallback.parts)
            if ids and self._attached:
                self._host.emit(op.BEFORE, self._anchor, len(ids), *ids)
        elif not empty and row is not None:
            self._fallback = None
            remove(self._host, row.parts)
            graph.dispose(row)


def _as_list(value: Any) -> list[Any]:
    while is_live(value):
        value = value()
    if value is None:
        return []
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise DomError(
            f"<For each> was given {value!r}, which is no list",
            next_step="give it a list, a tuple or another iterable of items, or a signal that holds one",
        )
    return list(value)


def _is_scalar(item: Any) -> bool:
    return same(item, item)


def _unchanged(old: Any, new: Any) -> bool:
    return old is new or same(old, new)
