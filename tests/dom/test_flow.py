"""``<Show>`` and ``<For>``."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.core import create_signal, on_dispose, set_error_handler
from metafor.dom.flow.rows import longest_increasing_subsequence
from metafor.testing import render
from tests.dom.templates import component, load


class Item:
    def __init__(self, key: int, text: str = "") -> None:
        self.key = key
        self.text = text


# -- Show ------------------------------------------------------------------------------------------


def test_show_is_lazy_and_keeps_its_content_while_the_truth_stays() -> None:
    runs: list[str] = []
    when, set_when = create_signal(0)
    inner = component("<b>@{props['name']}</b>", "runs.append(props['name'])", runs=runs)
    screen = render(
        component(
            "<p><Show when=@{when} fallback=@{<Inner name='no'/>}><Inner name='yes'/></Show></p>",
            when=when,
            Inner=inner,
        )
    )
    assert (screen.text, runs) == ("no", ["no"])
    set_when(1)
    assert (screen.text, runs) == ("yes", ["no", "yes"])
    set_when(2)
    assert runs == ["no", "yes"]
    set_when(0)
    assert (screen.text, runs) == ("no", ["no", "yes", "no"])


def test_the_snippet_of_the_specification() -> None:
    is_connected, set_is_connected = create_signal(False)
    screen = render(
        component(
            """
            <Show when=@{is_connected} fallback=@{<p>Connecting...</p>}>
                <div>Connected!</div>
            </Show>
            """,
            is_connected=is_connected,
        )
    )
    assert screen.html == "<p>Connecting...</p>"
    set_is_connected(True)
    assert screen.html == "<div>Connected!</div>"


# -- For -------------------------------------------------------------------------------------------

LISTS = st.lists(st.lists(st.integers(0, 8), max_size=12), min_size=1, max_size=6)


@given(LISTS)
@settings(max_examples=150, deadline=None)
def test_rows_of_scalars_follow_any_sequence_of_lists(lists: list[list[int]]) -> None:
    items, set_items = create_signal(lists[0])
    screen = render(
        component("<ul><For each=@{items}>@{lambda x, i: <li>@{i}:@{x}</li>}</For></ul>", items=items)
    )
    for values in lists:
        set_items(values)
        assert [li.textContent for li in screen.all("li")] == [f"{i}:{x}" for i, x in enumerate(values)]
    screen.dispose()
    assert screen.host.live_ids == 0


@given(LISTS)
@settings(max_examples=150, deadline=None)
def test_rows_of_objects_keep_their_nodes_and_leave_with_their_objects(lists: list[list[int]]) -> None:
    pool = [Item(number) for number in range(9)]
    alive: list[int] = []
    items, set_items = create_signal([pool[n] for n in lists[0]])

    def note(item: Item) -> None:
        alive.append(item.key)
        on_dispose(lambda: alive.remove(item.key))

    row = component("<li>@{item.key}</li>", "@prop item\nnote(item)", note=note)
    screen = render(
        component("<ul><For each=@{items}>@{lambda it: <Row item=@{it}/>}</For></ul>", items=items, Row=row)
    )
    for values in lists:
        before = {id(li): li.textContent for li in screen.all("li")}
        kept = [n for n in set(values) if str(n) in before.values()]
        set_items([pool[n] for n in values])
        rows = screen.all("li")
        assert [li.textContent for li in rows] == [str(n) for n in values]
        assert sorted(alive) == sorted(values)
        for number in kept:
            assert any(id(li) in before and li.textContent == str(number) for li in rows)


def test_a_row_is_not_run_again_when_its_object_stays() -> None:
    runs: list[int] = []
    a, b, c = Item(1), Item(2), Item(3)
    items, set_items = create_signal([a, b])
    markup = "<ul><For each=@{items}>@{lambda it: <li>@{(runs.append(it.key), it.key)[1]}</li>}</For></ul>"
    screen = render(component(markup, items=items, runs=runs))
    set_items([b, c, a])
    assert (screen.text, runs) == ("231", [1, 2, 3])


def test_another_object_under_an_old_key_updates_the_row_in_place() -> None:
    """Ruling 28."""
    items, set_items = create_signal([Item(1, "old"), Item(2, "two")])
    markup = "<ul><For each=@{items} key='key'>@{lambda it: <li>@{it.text}</li>}</For></ul>"
    screen = render(component(markup, items=items))
    first = screen.all("li")[0]
    set_items([Item(2, "two"), Item(1, "new")])
    assert screen.text == "twonew"
    assert screen.all("li")[1] is first


def test_a_row_function_defined_elsewhere_gets_the_plain_item() -> None:
    """Ruling 28: its row is made anew when the object changes."""
    module = load(
        """
        def row(item, index):
            return <li>@{index}:@{item.text}</li>

        @component("Subject") @ptml {
            <ul><For each=@{props["items"]} key=@{lambda item: item.key}>@{row}</For></ul>
        }
        """
    )
    items, set_items = create_signal([Item(1, "a"), Item(2, "b")])
    screen = render(module.Subject, items=items)
    first, second = screen.all("li")
    kept = items()[1]
    set_items([Item(1, "c"), kept])
    assert screen.text == "0:c1:b"
    assert screen.all("li")[0] is not first
    assert screen.all("li")[1] is second


def test_keys_may_be_mapping_fields_and_equal() -> None:
    items, set_items = create_signal([{"id": 1, "t": "a"}, {"id": 1, "t": "b"}])
    markup = "<ul><For each=@{items} key='id'>@{lambda it: <li>@{it['t']}</li>}</For></ul>"
    screen = render(component(markup, items=items))
    assert screen.text == "ab"
    set_items([{"id": 1, "t": "c"}, {"id": 2, "t": "d"}, {"id": 1, "t": "e"}])
    assert screen.text == "cde"


def test_the_fallback_stands_while_there_are_no_items() -> None:
    items, set_items = create_signal([])
    markup = (
        "<ul><li>x</li><For each=@{items} fallback=@{<li>none</li>}>@{lambda it: <li>@{it}</li>}</For></ul>"
    )
    screen = render(component(markup, items=items))
    assert screen.text == "xnone"
    set_items([1, 2])
    assert screen.text == "x12"
    set_items([])
    assert screen.text == "xnone"


def test_a_list_changed_in_place_and_written_again_is_shown() -> None:
    values = [1]
    items, set_items = create_signal(values)
    screen = render(component("<ul><For each=@{items}>@{lambda it: <li>@{it}</li>}</For></ul>", items=items))
    values.append(2)
    set_items(values)
    assert screen.text == "12"


def test_appending_a_row_costs_one_row() -> None:
    pool = [Item(number) for number in range(300)]
    items, set_items = create_signal(pool)
    screen = render(
        component("<ul><For each=@{items}>@{lambda it: <li>@{it.key}</li>}</For></ul>", items=items)
    )
    sizes: list[int] = []
    apply = screen.host.apply
    screen.host.apply = lambda ops: (sizes.append(len(ops)), apply(ops))  # type: ignore[method-assign,func-returns-value,assignment]
    set_items([*pool, Item(300)])
    assert sizes[0] < 12


def test_a_row_that_fails_leaves_a_gap_and_what_is_no_list_is_named() -> None:
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    try:
        items, set_items = create_signal([1, 0, 2])
        screen = render(
            component("<ul><For each=@{items}>@{lambda it: <li>@{4 // it}</li>}</For></ul>", items=items)
        )
        assert screen.text == "42"
        set_items("text")  # type: ignore[arg-type]
        assert screen.text == "42"
    finally:
        set_error_handler(previous)
    assert [type(error).__name__ for error in errors] == ["ZeroDivisionError", "DomError"]
    assert "is no list" in str(errors[1])


@given(st.lists(st.integers(-1, 30), max_size=30, unique_by=lambda n: n if n >= 0 else object()))
def test_the_longest_increasing_subsequence_is_increasing_and_longest(values: list[int]) -> None:
    found = [values[position] for position in longest_increasing_subsequence(values)]
    assert found == sorted(set(found))
    best: list[int] = [0] * len(values)
    for i, value in enumerate(values):
        if value >= 0:
            best[i] = 1 + max((best[j] for j in range(i) if 0 <= values[j] < value), default=0)
    assert len(found) == max(best, default=0)


@pytest.mark.parametrize("count", [1, 50])
def test_one_commit_makes_all_rows(count: int) -> None:
    screen = render(
        component("<ul><For each=@{items}>@{lambda it: <li>@{it}</li>}</For></ul>", items=list(range(count)))
    )
    assert screen.host.commits == 1


def test_rows_pass_through_nested_lists() -> None:
    table, set_table = create_signal([[1, 2], [3]])
    markup = """
    <table><tbody>
        <For each=@{table}>
            @{lambda row: <tr><For each=@{row}>@{lambda cell: <td>@{cell}</td>}</For></tr>}
        </For>
    </tbody></table>
    """
    screen = render(component(markup, table=table))
    assert [tr.textContent for tr in screen.all("tr")] == ["12", "3"]
    set_table([[3], [4, 5], [1]])
    assert [tr.textContent for tr in screen.all("tr")] == ["3", "45", "1"]
