"""``<For each key fallback>`` and ``<Index each fallback>``: one row for each item, or each position.

A write of the list compares identities first (ruling 28): what both lists begin and end with costs one
``is`` each. Only between them are rows matched by key, and only rows outside a longest increasing
subsequence move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from metafor.core import graph
from metafor.core.equality import same
from metafor.core.graph import EditLog, RenderEffect
from metafor.dom.components import component
from metafor.dom.content import Part, Renderable, TextNodes, child_scope, is_live
from metafor.dom.errors import DomError
from metafor.dom.flow.keys import keys_of
from metafor.dom.flow.row import Renderer, Row, RowFunction, renderer
from metafor.dom.flow.rows import (
    changed_positions,
    longest_increasing_subsequence,
    runs,
    runs_to_place,
)
from metafor.dom.flow.shown import ShownItems
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host

__all__ = ["For", "Index", "RowFunction"]


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


class _Rows(RenderEffect, Part):
    """The rows of one ``<For>``: runs again when the list changes; rows outlive its runs."""

    __slots__ = (
        "_anchor",
        "_attached",
        "_by_position",
        "_fallback",
        "_host",
        "_indexed",
        "_props",
        "_rows",
        "_scope",
        "_shown",
        "_updatable",
    )

    def __init__(self, host: Host, props: Mapping[str, Any], by_position: bool) -> None:
        # Rows hang on a scope beside the effect: what an effect owns ends with each of its runs.
        self._scope = child_scope("For")
        tag = "Index" if by_position else "For"
        super().__init__(lambda: _read(props.get("each"), tag))
        self._host = host
        self._props = props
        self._by_position = by_position
        self._anchor = TextNodes(host).make("")
        self._attached = False
        self._shown = ShownItems()
        self._rows: list[Row] = []
        self._fallback: Row | None = None
        #: Whether another object may come into a row; whether one shows its position.
        self._updatable = self._indexed = False

    def start(self) -> None:
        graph.start_binding(self)
        self._attached = True

    def collect(self, ids: list[int]) -> None:
        if self._fallback is not None:
            self._fallback.collect(ids)
        for row in self._rows:
            row.collect(ids)
        ids.append(self._anchor)

    def _recompute(self) -> None:
        try:
            items, log = graph.execute(self)
            graph.run_owned(self._scope, self._reconcile, items, log)
        except Exception as raised:
            graph.report_error(raised, self)
        except graph.Pending as pending:
            graph.suspend(self, pending)
        finally:
            self._settle_state()

    # -- reconciliation ------------------------------------------------------------------------------

    def _reconcile(self, items: Sequence[Any], log: EditLog | None) -> None:
        shown, old_rows = self._shown, self._rows
        difference = shown.compare(items, log, both_ends=not self._by_position)
        start, end, new = difference[:3]
        #: The rows that are to be inserted or moved, counted from the start: (start, stop) of each run.
        to_place: list[tuple[int, int]] = []
        if new and start + len(new) == end:
            to_place = self._match_in_place(new, shown.items[start:end], start)
        else:
            old = old_rows[start:end]
            rows: list[Row] = []
            if new and not old:
                rows = self._make(new, self._keys(new, start), self._renderer())
                to_place = [(0, len(rows))]
            elif new:
                rows, positions = self._match(new, old, self._keys(new, start))
                to_place = runs(len(rows), longest_increasing_subsequence(positions))
            else:
                self._discard(old)
            # In place, as the items: a copy, and the end of the last one, would touch each object.
            old_rows[start:end] = rows
        if self._scope.disposed:
            return
        shown.take(difference)
        if self._attached:
            self._place(start, to_place)
        if self._indexed and (new or end > start):
            self._number(start)
        self._show_fallback(not difference.length)

    def _match_in_place(self, items: list[Any], old_items: list[Any], start: int) -> list[tuple[int, int]]:
        """Match as many items as there were: most rows are where they belong. Gives what to place."""
        render = self._renderer()
        rows = self._rows
        moved: list[int] = []
        updates: list[tuple[Row, Any]] = []
        changed = changed_positions(old_items, items)
        keys = self._keys([items[position] for position in changed], start, changed)
        others: list[Any] = []
        for position, key in zip(changed, keys, strict=True):
            row = rows[start + position]
            if self._updatable and row.key == key:
                updates.append((row, items[position]))
            else:
                moved.append(position)
                others.append(key)
        to_place: list[tuple[int, int]] = []
        if moved:
            to_place = self._replace(moved, items, others, start, render)
        # When nothing can fail any more: rows would show another list than the one that was kept.
        if not self._scope.disposed:
            for row, item in updates:
                row.update(item)
        return to_place

    def _replace(
        self, moved: list[int], items: list[Any], keys: list[Any], start: int, render: Renderer
    ) -> list[tuple[int, int]]:
        """Match the items at ``moved`` positions, with these keys, with the rows that stand there."""
        rows = self._rows
        before = [rows[start + position] for position in moved]
        found, places = self._match([items[position] for position in moved], before, keys, render)
        for position, row in zip(moved, found, strict=True):
            rows[start + position] = row
        stood = [moved[place] if place >= 0 else -1 for place in places]
        return runs_to_place(len(items), moved, stood)

    def _match(
        self, items: list[Any], old: list[Row], keys: list[Any], render: Renderer | None = None
    ) -> tuple[list[Row], list[int]]:
        """Find or make the row of each item, and tell where it was in ``old``; rows left over are removed."""
        render = render or self._renderer()
        if {row.key for row in old}.isdisjoint(keys):
            # All others, as when another page of a table is shown.
            self._discard(old, replaced=True)
            return self._make(items, keys, render), [-1] * len(items)
        # Equal keys are told apart by occurrence, so that duplicates are legal.
        waiting: dict[Any, list[int]] = {}
        for position in range(len(old) - 1, -1, -1):
            waiting.setdefault(old[position].key, []).append(position)
        positions: list[int] = []
        for key, item in zip(keys, items, strict=True):
            candidates = waiting.get(key)
            # A row function that is not of the template gets the plain item: another object, another row.
            if candidates and (self._updatable or _unchanged(old[candidates[-1]].item, item)):
                positions.append(candidates.pop())
            else:
                positions.append(-1)
        missing = [at for at, position in enumerate(positions) if position < 0]
        left_over = [old[position] for position in sorted(chain.from_iterable(waiting.values()))]
        self._discard(left_over, replaced=bool(missing))
        made = iter(self._make([items[at] for at in missing], [keys[at] for at in missing], render))
        rows: list[Row] = []
        for item, position in zip(items, positions, strict=True):
            row = old[position] if position >= 0 else next(made)
            if row.item is not item:
                row.update(item)
            rows.append(row)
        return rows, positions

    def _make(self, items: list[Any], keys: list[Any], render: Renderer) -> list[Row]:
        """New rows, detached."""
        rows: list[Row] = []
        host, scope = self._host, self._scope
        for item, key in zip(items, keys, strict=True):
            row = Row(host, scope, key, item)
            graph.shift_owner(row)
            row.make(render)
            rows.append(row)
        graph.shift_owner(scope)
        if scope.disposed:
            # A row took away the page that it was made for. Those made after that hang on nothing that ends.
            self._end(rows)
        return rows

    def _renderer(self) -> Renderer:
        """What calls the row function; asked for once in a run, which may bring another function."""
        children = self._props.get("children")
        if isinstance(children, RowFunction):
            # The compiler tells by the tag's name whether an item is live; what is called so may be another
            # list. A row that has the plain item is made anew then.
            keeps_rows = self._by_position or self._props.get("key") is not None
            self._updatable = keeps_rows and not children.takes_item
            self._indexed = self._indexed or children.parameters > 1
        else:
            self._updatable = False
            self._indexed = True
        return renderer(children, updatable=self._updatable, owner=self._scope)

    def _keys(self, items: list[Any], start: int, positions: Iterable[int] | None = None) -> list[Any]:
        """The keys of items, whose positions are those from ``start`` on, or ``start`` plus these."""
        if self._by_position:
            return [start + position for position in positions or range(len(items))]
        return keys_of(items, self._props.get("key"))

    # -- the page ------------------------------------------------------------------------------------

    def _discard(self, rows: list[Row], *, replaced: bool = False) -> None:
        """Remove rows, which come in the order in which they stand; ``replaced``: others come."""
        if not rows:
            return
        host = self._host
        ids: list[int] = []
        if len(rows) == len(self._rows) and self._attached:
            first = self._first_id(0)
            if first != self._anchor:
                host.emit(op.EMPTY, first, self._anchor)
        else:
            for row in rows:
                row.collect(ids)
            if ids:
                host.emit(op.REMOVE, len(ids), *ids)
        self._end(rows, replaced=replaced)

    def _end(self, rows: list[Row], *, replaced: bool = False) -> None:
        """Dispose rows in the batch of this run, all at once; ``replaced``: their memory is needed now."""
        living = (row for row in reversed(rows) if not row.disposed)
        if replaced:
            graph.dispose_trees(living)
        else:
            self._host.dispose(living)

    def _place(self, start: int, to_place: list[tuple[int, int]]) -> None:
        """Put these runs of rows, counted from ``start`` on, where they belong."""
        rows = self._rows
        for first, last in reversed(to_place):
            ids: list[int] = []
            for row in rows[start + first : start + last]:
                row.collect(ids)
            if ids:
                self._host.emit(op.BEFORE, self._first_id(start + last), len(ids), *ids)

    def _first_id(self, position: int) -> int:
        """The first node at or behind ``position``: a row may show nothing."""
        ids: list[int] = []
        while not ids and position < len(self._rows):
            self._rows[position].collect(ids)
            position += 1
        return ids[0] if ids else self._anchor

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
            (row,) = self._make([None], ["fallback"], lambda row, item: fallback)
            if self._scope.disposed:
                return
            self._fallback = row
            ids: list[int] = []
            row.collect(ids)
            if ids and self._attached:
                self._host.emit(op.BEFORE, self._anchor, len(ids), *ids)
        elif not empty and row is not None:
            self._fallback = None
            ids = []
            row.collect(ids)
            if ids:
                self._host.emit(op.REMOVE, len(ids), *ids)
            graph.dispose(row)


def _read(value: Any, tag: str) -> tuple[Sequence[Any], EditLog | None]:
    """The items of ``each``, and what was done to them where that is known."""
    while is_live(value):
        value = value()
    if value is None:
        return [], None
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise DomError(
            f"<{tag} each> was given {value!r}, which is no list",
            next_step="give it a list, a tuple or another iterable of items, or a signal that holds one",
        )
    log = graph.edits_of(value)
    if log is not None or type(value) is list or type(value) is tuple:
        return cast("Sequence[Any]", value), log
    return list(value), None


def _unchanged(old: Any, new: Any) -> bool:
    return old is new or same(old, new)
