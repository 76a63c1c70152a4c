"""``<Show>`` and ``<For>``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.core import create_effect, create_signal, on_dispose, on_mount, set_error_handler
from metafor.dom import DomError
from metafor.dom.flow.rows import longest_increasing_subsequence, runs, runs_to_place
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


@given(st.data())
def test_what_is_placed_among_rows_that_stay_is_as_little_as_can_be(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 40))
    changed = data.draw(st.lists(st.integers(0, length - 1), unique=True, max_size=12).map(sorted))
    places = data.draw(st.permutations(changed))
    for at in data.draw(st.lists(st.integers(0, len(changed) - 1), max_size=3)) if changed else ():
        places[at] = -1  # a new row
    positions = list(range(length))
    for position, place in zip(changed, places, strict=True):
        positions[position] = place
    placed = runs_to_place(length, changed, places)
    staying = [positions[at] for start, stop in runs(length, [*_all(placed)]) for at in range(start, stop)]
    assert staying == sorted(staying)
    assert -1 not in staying
    assert len(staying) == len(longest_increasing_subsequence(positions))


def _all(stretches: list[tuple[int, int]]) -> Iterator[int]:
    for start, stop in stretches:
        yield from range(start, stop)


@pytest.mark.parametrize("count", [1, 50])
def test_one_commit_makes_all_rows(count: int) -> None:
    screen = render(
        component("<ul><For each=@{items}>@{lambda it: <li>@{it}</li>}</For></ul>", items=list(range(count)))
    )
    assert screen.host.commits == 1


def test_a_boundary_without_fallback_takes_no_error() -> None:
    risky = component("<i>@{1 / 0}</i>")
    markup = """
    <p><ErrorBoundary fallback=@{lambda e: f"outer: {e}"}>
        <ErrorBoundary ...@{{}}><Risky/></ErrorBoundary>
    </ErrorBoundary></p>
    """
    screen = render(component(markup, Risky=risky))
    assert screen.html == "<p>outer: division by zero</p>"


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


def test_an_item_may_be_a_handler_a_list_or_what_a_component_is_given() -> None:
    called: list[str] = []
    given = component("<i>@{props['value']}</i>")
    screen = render(
        component(
            """
            <For each=@{[lambda: called.append("a"), None]}>
                @{lambda item: <button onclick=@{item}>go</button>}
            </For>
            <For each=@{[[1, 2], []]}>
                @{lambda item: <p><For each=@{item}>@{lambda n: <Given value=@{n}/>}</For></p>}
            </For>
            """,
            called=called,
            Given=given,
        )
    )
    for button in screen.all("button"):
        screen.click(button)
    assert called == ["a"]
    assert screen.text == "gogo12"


def test_an_item_that_is_none_is_a_child_like_any_other() -> None:
    frame = component("<a>@{children}</a>", "@prop children")
    for key in ("", " key=@{str}"):
        markup = f"<For each=@{{['a', None]}}{key}>@{{lambda item: <Frame>@{{item}}</Frame>}}</For>"
        assert render(component(markup, Frame=frame)).html == "<a>a</a><a></a>"


def test_an_item_that_is_a_signal_is_a_live_prop() -> None:
    # Like any signal that is given as an attribute, with a key and without.
    count, set_count = create_signal(1)
    field = component("<i>@{value + 1}</i>", "@prop value: int")
    for key in ("", " key=@{id}"):
        set_count(1)
        markup = f"<For each=@{{[count]}}{key}>@{{lambda item: <Field value=@{{item}}/>}}</For>"
        screen = render(component(markup, Field=field, count=count))
        assert screen.html == "<i>2</i>"
        set_count(4)
        assert screen.html == "<i>5</i>"


# -- Index, Switch, Dynamic, Portal, ErrorBoundary -------------------------------------------------


@given(LISTS)
@settings(max_examples=60, deadline=None)
def test_index_keeps_a_row_for_each_position(lists: list[list[int]]) -> None:
    items, set_items = create_signal(lists[0])
    markup = "<ul><Index each=@{items}>@{lambda x, i: <li>@{i}:@{x}</li>}</Index></ul>"
    screen = render(component(markup, items=items))
    for values in lists:
        before = screen.all("li")
        set_items(values)
        after = screen.all("li")
        assert [li.textContent for li in after] == [f"{i}:{x}" for i, x in enumerate(values)]
        for old, new in zip(before, after, strict=False):
            assert old is new
    screen.dispose()
    assert screen.host.live_ids == 0


def test_switch_shows_the_first_branch_that_matches() -> None:
    number, set_number = create_signal(0)
    runs: list[str] = []
    branch = component("<b>@{props['name']}</b>", "runs.append(props['name'])", runs=runs)
    markup = """
    <Switch fallback=@{<i>none</i>}>
        <Match when=@{number() > 10}><Branch name="big"/></Match>
        <Match when=@{number() > 0}><Branch name="small"/></Match>
    </Switch>
    """
    screen = render(component(markup, number=number, Branch=branch))
    seen = []
    for value in (5, 6, 50, 60, 0):
        set_number(value)
        seen.append(screen.text)
    assert seen == ["small", "small", "big", "big", "none"]
    assert runs == ["small", "big"]


def test_a_match_outside_a_switch_is_named() -> None:
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    try:
        render(component("<p><Match when=@{True}>a</Match></p>"))
    finally:
        set_error_handler(previous)
    assert "outside any <Switch>" in str(errors[0])
    assert isinstance(errors[0], DomError)


def test_dynamic_shows_a_component_or_an_element() -> None:
    first = component("<b>@{props['name']} @{props['children']}</b>")
    target, set_target = create_signal(first)
    markup = '<Dynamic component=@{target} name="n" class="c">in</Dynamic>'
    screen = render(component(markup, target=target))
    assert screen.html == "<b>n in</b>"
    set_target("h2")
    assert screen.html == '<h2 name="n" class="c">in</h2>'
    set_target(None)
    assert screen.html == ""


@pytest.mark.parametrize("target", [3, "script", "H2", "a b"])
def test_dynamic_refuses_what_is_no_component(target: object) -> None:
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    try:
        render(component("<Dynamic component=@{target}/>", target=target))
    finally:
        set_error_handler(previous)
    assert "<Dynamic component> was given" in str(errors[0])


def test_a_portal_stands_elsewhere_and_its_events_bubble_through_the_component_tree() -> None:
    log: list[str] = []
    shown, set_shown = create_signal(True)
    markup = """
    <section onclick=@{lambda: log.append("section")}>
        <Show when=@{shown}>
            <Portal><button onclick=@{lambda: log.append("button")}>go</button></Portal>
        </Show>
    </section>
    """
    screen = render(component(markup, shown=shown, log=log))
    assert screen.one("section").textContent == ""
    screen.click(screen.one("button"))
    assert log == ["button", "section"]
    set_shown(False)
    assert screen.all("button") == []
    screen.dispose()
    assert screen.host.live_ids == 0


def test_an_error_boundary_shows_its_fallback_and_can_be_reset() -> None:
    divisor, set_divisor = create_signal(0)
    markup = """
    <p>a<ErrorBoundary fallback=@{
        lambda error, reset: <button onclick=@{reset}>@{type(error).__name__}</button>
    }>
        <b>@{10 // divisor()}</b>
    </ErrorBoundary>z</p>
    """
    screen = render(component(markup, divisor=divisor))
    assert screen.text == "aZeroDivisionErrorz"
    set_divisor(5)
    screen.click(screen.one("button"))
    assert screen.html == "<p>a<b>2</b>z</p>"
    set_divisor(0)
    assert screen.text == "aZeroDivisionErrorz"


def test_an_error_boundary_takes_errors_of_set_up_effects_handlers_and_mounts() -> None:
    body = """
    kind = props["kind"]
    def fail():
        raise ValueError(kind)
    if kind == "set-up": fail()
    if kind == "effect": create_effect(fail)
    if kind == "mount": on_mount(fail)
    """
    risky = component(
        "<button onclick=@{fail}>x</button>", body, create_effect=create_effect, on_mount=on_mount
    )
    for kind in ("set-up", "effect", "mount", "handler"):
        screen = render(
            component(
                "<p><ErrorBoundary fallback=@{lambda e: str(e)}><Risky kind=@{kind}/></ErrorBoundary></p>",
                kind=kind,
                Risky=risky,
            )
        )
        if kind == "handler":
            screen.click(screen.one("button"))
        assert screen.text == kind


def test_an_error_of_a_fallback_goes_to_the_next_boundary() -> None:
    markup = """
    <ErrorBoundary fallback=@{lambda e: "outer " + str(e)}>
        <ErrorBoundary fallback=@{lambda e: [][1]}>@{1 // 0}</ErrorBoundary>
    </ErrorBoundary>
    """
    assert render(component(markup)).text == "outer list index out of range"
