"""What changes of a list cost, counted: operations, row functions, calls of Python functions."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from metafor.core import create_selector, create_signal
from metafor.dom import mount
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host
from tests.dom.templates import component


class Counting(Host):
    """A host that shows nothing, and keeps the operations of the last commit."""

    def __init__(self) -> None:
        super().__init__()
        self.last: list[Any] = []

    def target(self, target: Any) -> int:
        return self.allocate(1)

    def claim(self, node: int) -> int:
        return 0

    def apply(self, ops: list[Any]) -> None:
        self.last = ops


class Item:
    __slots__ = ("id", "text")

    def __init__(self, id: int, text: str = "text") -> None:
        self.id = id
        self.text = text


class Rows:
    """A list of ``count`` rows, each with a live class, two texts and a handler."""

    def __init__(self, count: int, key: str = " key='id'") -> None:
        self.made = 0
        self.items, self.set_items = create_signal([Item(id) for id in range(count)])
        self.selected, self.select = create_signal(-1)
        self.host = Counting()
        markup = f"""
            <ul><For each=@{{items}}{key}>@{{lambda item:
                <li class=@{{"on" if is_selected(item.id) else None}} onclick=@{{lambda: select(item.id)}}>
                    <i>@{{count(item.id)}}</i><b>@{{item.text}}</b>
                </li>}}</For></ul>
        """
        page = component(
            markup,
            items=self.items,
            select=self.select,
            count=self._count,
            is_selected=create_selector(self.selected),
        )
        self.mounted = mount(page, "body", host=self.host)

    def _count(self, id: int) -> int:
        self.made += 1
        return id

    def cost(self, items: list[Item]) -> tuple[list[Any], int, int]:
        """Write the list; gives the operations, how many rows ran, and the calls of Python functions."""
        self.made = 0
        calls = count_calls(lambda: self.set_items(items))
        return self.host.last, self.made, calls


def count_calls(change: Callable[[], None]) -> int:
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    with no_garbage_collection():
        sys.setprofile(count)
        try:
            change()
        finally:
            sys.setprofile(None)
    return calls


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """None that comes by itself: it would call what test tools have hung on it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def append_one(count: int) -> tuple[list[Any], int, int]:
    rows = Rows(count)
    return rows.cost([*rows.items(), Item(-1)])


def test_appending_one_row_to_10000_costs_what_it_costs_to_append_one_to_1000() -> None:
    few_ops, few_rows, few_calls = append_one(1_000)
    many_ops, many_rows, many_calls = append_one(10_000)
    assert (few_rows, many_rows) == (1, 1)
    assert len(few_ops) == len(many_ops) < 10
    assert few_calls == many_calls < 200


def test_equal_texts_that_are_other_objects_are_compared_by_value_only_once() -> None:
    texts: list[str | None] = [f"text {number}" for number in range(1_000)]
    texts[0] = texts[500] = texts[999] = None  # of which there is but one object
    items, set_items = create_signal([])
    mount(
        component("<For each=@{items}>@{lambda item: <li>@{item}</li>}</For>", items=items),
        "body",
        host=Counting(),
    )
    set_items(texts)
    others = [text and "".join(text) for text in texts]
    assert others[1] is not texts[1]
    assert count_calls(lambda: set_items(others)) > 1_000
    assert count_calls(lambda: set_items([*others, "one more"])) < 200


def test_a_row_of_markup_is_made_by_one_operation() -> None:
    rows = Rows(0)
    ops, made, _ = rows.cost([Item(1, "one"), Item(2, "two")])
    assert made == 2
    template, clones = ops[:7], ops[7:15]
    assert template[0] == op.TEMPLATE
    assert clones[0] == clones[4] == op.CLONE
    assert [clones[3], clones[7]] == [[None, "1", "one"], [None, "2", "two"]]
    assert ops[15:] == [op.BEFORE, rows.host.last[16], 2, clones[2], clones[6]]


def test_another_object_under_a_key_runs_the_code_of_its_row_alone_and_changes_its_text_alone() -> None:
    rows = Rows(1_000)
    items = rows.items().copy()
    items[500] = Item(500, "changed")
    ops, made, calls = rows.cost(items)
    assert made == 1
    assert (ops[0], ops[2:]) == (op.CONTENT, ["changed"])
    assert calls < 150


def test_swapping_two_rows_moves_two_and_runs_the_code_of_none() -> None:
    rows = Rows(1_000)
    items = rows.items().copy()
    items[1], items[998] = items[998], items[1]
    ops, made, calls = rows.cost(items)
    assert made == 0
    assert [ops[0], ops[4]] == [op.BEFORE, op.BEFORE]
    assert len(ops) == 8
    assert calls < 100


def test_removing_one_row_runs_the_code_of_none() -> None:
    rows = Rows(1_000)
    items = rows.items()
    ops, made, calls = rows.cost(items[:3] + items[4:])
    assert made == 0
    assert (ops[0], ops[1], ops[3]) == (op.REMOVE, 1, op.FREE)
    assert calls < 100


def test_removing_all_rows_is_one_operation() -> None:
    rows = Rows(1_000)
    ops, _, _ = rows.cost([])
    assert (ops[0], ops[3], ops[4]) == (op.EMPTY, op.FREE, 1)
    # Their ids lie side by side, and are freed as one block.
    assert len(ops) == 3 + 2 + 2


def test_selecting_wakes_two_rows() -> None:
    rows = Rows(1_000)
    rows.select(10)
    calls = count_calls(lambda: rows.select(20))
    assert rows.host.last[0::4] == [op.ATTRIBUTE, op.ATTRIBUTE]
    assert calls < 100


def test_without_a_key_rows_need_no_signals() -> None:
    rows = Rows(10, key="")
    _, made, _ = rows.cost([*rows.items(), Item(-1)])
    assert made == 1
