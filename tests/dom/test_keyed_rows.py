"""Keyed rows under any sequence of lists: what is shown is what is there, and a key keeps its nodes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.core import create_selector, create_signal
from metafor.testing import render
from tests.dom.templates import component


class Item:
    def __init__(self, id: int, text: str) -> None:
        self.id = id
        self.text = text


#: Keys, each with the version of its object: the same version is the same object.
LISTS = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=12), min_size=1, max_size=6
)

ROWS = {
    "a row of one element": """
        <li class=@{"on" if is_selected(item.id) else None} title=@{item.text}>
            @{item.id}.@{item.text}
        </li>""",
    "a row of nodes": "<li>@{item.id}.@{item.text}</li>@{extra()}",
    "a row that shows markup by its item": """
        <li>
            @{<b>@{item.id}.@{item.text}</b> if item.text == "v1" else item.id}
            @{"" if item.text == "v1" else "."}
            @{None if item.text == "v1" else item.text}
        </li>""",
}


@pytest.mark.parametrize("row", ROWS)
@given(lists=LISTS)
@settings(max_examples=80, deadline=None)
def test_rows_follow_any_sequence_of_lists(row: str, lists: list[list[tuple[int, int]]]) -> None:
    pool = {(key, version): Item(key, f"v{version}") for key in range(10) for version in range(3)}
    items, set_items = create_signal([pool[one] for one in lists[0]])
    selected, select = create_signal(0)
    extra, _ = create_signal("")
    screen = render(
        component(
            f"<ul><For each=@{{items}} key='id'>@{{lambda item: <>{ROWS[row]}</>}}</For><li>end</li></ul>",
            items=items,
            is_selected=create_selector(selected),
            extra=extra,
        )
    )
    keys = [key for key, _ in lists[0]]
    for turn, values in enumerate(lists):
        before = {key: li for key, li in zip(keys, screen.all("li"), strict=False) if keys.count(key) == 1}
        set_items([pool[one] for one in values])
        select(turn)
        *shown, end = screen.all("li")
        texts = ["".join(li.textContent.split()) for li in shown]
        assert texts == [f"{key}.v{version}" for key, version in values]
        assert end.textContent == "end"
        if "title" in ROWS[row]:
            assert [li.getAttribute("title") for li in shown] == [f"v{version}" for _, version in values]
            classes = ["on" if key == turn else None for key, _ in values]
            assert [li.getAttribute("class") for li in shown] == classes
        keys = [key for key, _ in values]
        for li, key in zip(shown, keys, strict=True):
            assert keys.count(key) > 1 or before.get(key, li) is li
    screen.dispose()
    assert screen.host.live_ids == 0


def test_a_list_that_cannot_be_matched_changes_nothing(errors: list[BaseException]) -> None:
    first, second = Item(1, "first"), Item(2, "second")
    items, set_items = create_signal([first, second])
    screen = render(
        component(
            "<ul><For each=@{items} key='id'>@{lambda item: <li>@{item.text}</li>}</For></ul>", items=items
        )
    )
    cannot_be_hashed: Any = []
    set_items([Item(1, "changed"), Item(cannot_be_hashed, "third")])
    assert [type(error) for error in errors] == [TypeError]
    set_items([first, second])
    assert [row.textContent for row in screen.all("li")] == ["first", "second"]
