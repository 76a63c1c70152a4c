"""Lists that are held in stores: the rows follow every edit, and only what was edited is looked at."""

from __future__ import annotations

import heapq
import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.core import batch, create_signal, create_store, reconcile
from metafor.dom import mount
from metafor.testing import Screen, render
from tests.core.test_store_oracle import Change, attempt, indexes, slices
from tests.dom.templates import component
from tests.dom.test_costs import Counting, no_garbage_collection


class Item:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def __deepcopy__(self, memo: Any) -> Item:
        return self


def changes_with(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Change]:
    several = st.lists(items, max_size=4)
    return st.one_of(
        st.tuples(st.just("append"), items),
        st.tuples(st.just("extend"), several),
        st.tuples(st.just("insert"), indexes, items),
        st.tuples(st.just("pop"), indexes),
        st.tuples(st.just("remove"), items),
        st.tuples(st.just("__setitem__"), indexes, items),
        st.tuples(st.just("__setitem__"), slices, several),
        st.tuples(st.just("__delitem__"), indexes | slices),
        st.tuples(st.just("__imul__"), st.integers(0, 2)),
        st.tuples(st.sampled_from(["clear", "reverse", "sort"])),
    )


#: Few of each, so that some come twice.
NUMBERS = st.integers(0, 6)
ITEMS = [Item(str(number)) for number in range(7)]
ROWS = {
    "For": "<For each=@{items}>@{lambda item: <li>@{text(item)}</li>}</For>",
    "For with a key": "<For each=@{items} key=@{key}>@{lambda item: <li>@{text(item)}</li>}</For>",
    "For with positions": "<For each=@{items}>@{lambda item, at: <li title=@{at()}>@{text(item)}</li>}</For>",
    "Index": "<Index each=@{items}>@{lambda item: <li>@{text(item)}</li>}</Index>",
}


def key(item: Any) -> Any:
    return item % 3 if isinstance(item, int) else item.text


def text(item: Any) -> str:
    return str(item) if isinstance(item, int) else item.text


def shown(screen: Screen) -> list[str]:
    return [row.textContent for row in screen.all("li")]


def show(rows: str, items: Any) -> Screen:
    return render(component(f"<ul>{rows}</ul>", items=items, key=key, text=text))


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@given(
    first=st.lists(NUMBERS, max_size=8),
    batches=st.lists(st.lists(changes_with(NUMBERS), max_size=4), max_size=6),
)
@settings(max_examples=150, deadline=None)
def test_rows_follow_any_edits_of_a_store(rows: str, first: list[int], batches: list[list[Change]]) -> None:
    plain, store = list(first), create_store(first)
    screen = show(rows, store)
    for changes in batches:
        with batch():
            for change in changes:
                assert attempt(store, change) == attempt(plain, change)
        assert shown(screen) == [str(item) for item in plain]
        if "at()" in rows:
            assert [row.getAttribute("title") for row in screen.all("li")] == [*map(str, range(len(plain)))]
    screen.dispose()


@given(batches=st.lists(st.lists(changes_with(st.sampled_from(ITEMS)), max_size=4), max_size=6))
@settings(max_examples=150, deadline=None)
def test_rows_of_objects_keep_their_nodes(batches: list[list[Change]]) -> None:
    plain = ITEMS[:5]
    store = create_store(plain)
    screen = show(ROWS["For"], store)
    for changes in batches:
        before = dict(zip(plain, screen.all("li"), strict=True)) if len({*plain}) == len(plain) else {}
        with batch():
            for change in changes:
                assert attempt(store, change) == attempt(plain, change)
        assert shown(screen) == [item.text for item in plain]
        if len({*plain}) == len(plain):
            assert all(before.get(item, li) is li for item, li in zip(plain, screen.all("li"), strict=True))
    screen.dispose()


def test_more_edits_in_one_batch_than_are_remembered() -> None:
    store = create_store(list(range(10)))
    screen = show(ROWS["For"], store)
    with batch():
        store[0] = -1
        for number in range(1_000):
            store.append(number)
            store.pop()
    assert shown(screen) == [*map(str, store)]


@pytest.mark.parametrize("edit", [lambda store: store.append(9), lambda store: store.pop(0)])
def test_items_that_came_or_went_behind_the_methods_show_with_the_next_edit(
    edit: Callable[[list[int]], Any],
) -> None:
    store = create_store([2, 4, 6, 8, 10])
    screen = show(ROWS["For"], store)
    heapq.heappush(store, 1)
    edit(store)
    assert shown(screen) == [*map(str, store)]
    heapq.heappop(store)
    edit(store)
    edit(store)
    assert shown(screen) == [*map(str, store)]
    with batch():
        edit(store)
        heapq.heappush(store, 0)
    assert shown(screen) == [*map(str, store)]


def test_a_store_given_again_shows_what_was_changed_behind_its_methods() -> None:
    store = create_store([3, 2, 1])
    items, set_items = create_signal(store)
    screen = show(ROWS["For"], items)
    list.sort(store)
    set_items(store)
    assert shown(screen) == ["1", "2", "3"]


def test_another_store_is_compared_as_a_whole() -> None:
    one, other = create_store([1, 2, 3]), create_store([4, 5])
    items, set_items = create_signal(one)
    screen = show(ROWS["For"], items)
    set_items(other)
    assert shown(screen) == ["4", "5"]
    one[0] = 7
    other.append(6)
    assert shown(screen) == ["4", "5", "6"]
    set_items(one)
    assert shown(screen) == ["7", "2", "3"]
    set_items([8])
    set_items(one)
    assert shown(screen) == ["7", "2", "3"]
    set_items(one)
    one.pop(0)
    assert shown(screen) == ["2", "3"]


def test_rows_that_belong_to_positions_stay_there() -> None:
    store = create_store([1, 2, 3])
    screen = show(ROWS["Index"], store)
    rows = screen.all("li")
    store.insert(0, 0)
    assert shown(screen) == ["0", "1", "2", "3"]
    assert screen.all("li")[:3] == rows
    store.pop(0)
    assert shown(screen) == ["1", "2", "3"]
    assert screen.all("li") == rows


def test_two_lists_of_one_store_see_each_edit_on_their_own() -> None:
    store = create_store([1, 2])
    late, show_late = create_signal(False)
    screen = render(
        component(
            f"<ul>{ROWS['For']}</ul><ol><Show when=@{{late}}>{ROWS['For']}</Show></ol>",
            items=store,
            late=late,
            text=text,
        )
    )
    store.append(3)
    show_late(True)
    store.insert(0, 0)
    show_late(False)
    store.pop()
    show_late(True)
    store.reverse()
    assert shown(screen) == 2 * ["2", "1", "0"]


def test_a_row_that_edits_the_store_while_rows_are_made() -> None:
    store = create_store([1, 2])

    def grow(item: Any) -> str:
        if item == 2 and 3 not in store:
            store.insert(0, 3)
        return str(item)

    screen = render(
        component(
            "<ul><For each=@{items}>@{lambda item: <li>@{grow(item)}</li>}</For></ul>", items=store, grow=grow
        )
    )
    assert shown(screen) == ["3", "1", "2"]
    store.remove(1)
    assert shown(screen) == ["3", "2"]


def test_an_edit_that_cannot_be_shown_is_seen_when_the_next_can(errors: list[BaseException]) -> None:
    items = [Item("one"), Item("two")]
    store = create_store(items)
    screen = show(ROWS["For with a key"], store)
    broken: Any = Item("three")
    broken.text = []  # no key: it cannot be hashed
    store[0] = broken
    assert [type(error) for error in errors] == [TypeError]
    broken.text = "three"
    store.append(Item("four"))
    assert shown(screen) == ["three", "two", "four"]


def test_reconciled_items_keep_their_rows() -> None:
    store = create_store([{"id": 1, "text": "one"}, {"id": 2, "text": "two"}])
    screen = render(
        component("<ul><For each=@{items}>@{lambda item: <li>@{item['text']}</li>}</For></ul>", items=store)
    )
    one, two = screen.all("li")
    reconcile(store, [{"id": 2, "text": "zwei"}, {"id": 1, "text": "one"}, {"id": 3, "text": "three"}])
    assert shown(screen) == ["zwei", "one", "three"]
    assert screen.all("li")[:2] == [two, one]


def _two_edits(store: list[Any]) -> None:
    store.pop(500)
    store.insert(501, Item("new"))


EDITS: dict[str, Callable[[list[Any]], Any]] = {
    "append": lambda store: store.append(Item("new")),
    "extend": lambda store: store.extend([Item("new"), Item("new, too")]),
    "remove the last but one": lambda store: store.pop(-2),
    "insert before the last": lambda store: store.insert(len(store) - 1, Item("new")),
    "replace the last": lambda store: store.__setitem__(-1, Item("new")),
    "remove the first": lambda store: store.pop(0),
    "two edits side by side": _two_edits,
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_looks_at_nothing_but_what_was_edited(edit: Callable[[list[Any]], Any]) -> None:
    few, many = create_store(_items(1_000)), create_store(_items(10_000))
    for store in (few, many):
        mount(component(ROWS["For"], items=store, text=text), "body", host=Counting())
        # Room for more, which lists take in advance.
        with batch():
            store.append(Item("room"))
            store.append(Item("room"))
        store.pop()
        edit(store)
    assert count_lines(lambda: edit(few)) == count_lines(lambda: edit(many)) < 1_000
    # A copy of 10,000 references takes 80,000 bytes.
    assert peak_bytes(lambda: edit(many)) < 20_000


def _items(count: int) -> list[Item]:
    return [Item(str(number)) for number in range(count)]


def count_lines(change: Callable[[], None]) -> int:
    """How many lines of Python run: each turn of a loop counts."""
    lines = 0

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    tracer = sys.gettrace()
    with no_garbage_collection():
        sys.settrace(count)
        try:
            change()
        finally:
            sys.settrace(tracer)
    return lines


def peak_bytes(change: Callable[[], None]) -> int:
    with no_garbage_collection():
        tracemalloc.start()
        try:
            change()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
