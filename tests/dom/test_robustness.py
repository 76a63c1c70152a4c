"""What goes wrong stays where it is: errors, odd data, ids and mounts that come and go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from metafor.core import create_effect, create_signal, on_mount
from metafor.dom import DomError, mount
from metafor.dom import component as python_component
from metafor.dom.hosts.memory import MemoryHost
from metafor.testing import render
from tests.dom.templates import component, load


def test_a_key_error_of_an_attribute_is_no_missing_attribute(errors: list[BaseException]) -> None:
    @python_component
    def Title(props: Any) -> Any:
        return lambda: props.get("title", "default")

    render(component("<p><Title title=@{{}['nope']}/></p>", Title=Title))
    render(component("<p><For each=@{{}['rows']}>@{lambda x: <b/>}</For></p>"))
    assert [str(error) for error in errors] == ["'nope'", "'rows'"]


def test_rows_keep_their_place_before_rows_that_show_nothing() -> None:
    items, set_items = create_signal([1, 2, 3])
    markup = "<ul><For each=@{items}>@{lambda x: <li>@{x}</li> if x % 2 else None}</For></ul>"
    screen = render(component(markup, items=items))
    set_items([1, 5, 2, 3])
    assert screen.text == "153"


def test_an_error_of_a_key_stops_nothing_else(errors: list[BaseException]) -> None:
    items, set_items = create_signal([{"id": 1}])
    other, set_other = create_signal(0)
    markup = "<p><For each=@{items} key='id'>@{lambda x: <b>@{x['id']}</b>}</For>@{other}</p>"
    screen = render(component(markup, items=items, other=other))

    def both() -> None:
        set_items([{"id": 1}, {"no": 2}])
        set_other(5)

    both()
    assert screen.html == "<p><b>1</b>5</p>"
    (error,) = errors
    assert isinstance(error, DomError)
    assert error.message == "<For key='id'> found no 'id' in {'no': 2}"
    set_items([{"id": 2}])
    assert screen.html == "<p><b>2</b>5</p>"


@pytest.mark.parametrize("name", ["onclick", "ONCLICK", "onLoad"])
def test_text_in_a_spread_never_becomes_a_handler(name: str, errors: list[BaseException]) -> None:
    screen = render(component("<p ...@{given}></p>", given={name: "alert(1)"}))
    assert screen.html == "<p></p>"
    assert "cannot be called" in str(errors[0])


def test_an_address_in_a_spread_is_looked_at_whatever_its_case() -> None:
    with pytest.warns(RuntimeWarning):
        html = render(component("<a ...@{given}></a>", given={"HREF": "javascript:alert(1)"})).html
    assert html == '<a HREF="about:blank"></a>'


def test_a_handler_of_a_spread_ends_when_it_is_gone_or_none() -> None:
    log: list[str] = []
    given, set_given = create_signal({"onclick": lambda: log.append("on")})
    screen = render(component("<p ...@{given}></p>", given=given))
    screen.click(screen.one("p"))
    for value in ({}, {"onclick": None}):
        set_given(value)
        screen.click(screen.one("p"))
    assert log == ["on"]


def test_an_id_is_not_used_again_within_its_commit() -> None:
    """While a node leaves, a browser still fires `blur` at it: the new node must not get it."""
    first, set_first = create_signal(True)
    markup = "<p>@{<input onblur=@{f}/> if first() else <input onblur=@{g}/>}</p>"
    screen = render(component(markup, first=first, f=lambda: None, g=lambda: None))
    before = screen.one("input").id_
    set_first(False)
    assert screen.one("input").id_ != before
    set_first(True)
    set_first(False)
    assert screen.host.live_ids == 3


def test_a_boundary_passes_on_what_it_cannot_show(errors: list[BaseException]) -> None:
    markup = "<ErrorBoundary fallback=@{lambda e: str(e)}><p>@{[][1]}</p><p>@{{}['two']}</p></ErrorBoundary>"
    assert render(component(markup)).text == "list index out of range"
    assert [type(error) for error in errors] == [KeyError]


def test_a_second_mount_takes_the_place_of_the_first() -> None:
    count, set_count = create_signal(0)
    host = MemoryHost()
    mount(component("<p>@{<b>@{count}</b>}</p>", count=count), host.root, host=host)
    mount(component("<i>second</i>"), host.root, host=host)
    set_count(1)
    assert host.root.html() == "<body><i>second</i></body>"


def test_a_mount_that_fails_leaves_no_id() -> None:
    host = MemoryHost()
    with pytest.raises(ZeroDivisionError):
        mount(component("<p></p>", "1 / 0"), host.root, host=host)
    assert host.live_ids == 0


def test_dynamic_keeps_its_element_when_an_attribute_changes() -> None:
    value, set_value = create_signal("a")
    screen = render(component("<Dynamic component='input' value=@{value() + '!'}/>", value=value))
    field = screen.one("input")
    set_value("b")
    assert screen.one("input") is field
    assert field.value == "b!"


def test_an_error_of_a_ref_goes_to_the_boundary() -> None:
    markup = "<ErrorBoundary fallback=@{lambda e: str(e)}><p ref=@{bad}>x</p></ErrorBoundary>"

    def bad(node: Any) -> None:
        raise ValueError("of the ref")

    assert render(component(markup, bad=bad)).text == "of the ref"


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("<progress value=@{value}></progress>", "<progress></progress>"),
        ("<input value=@{value}/>", '<input value="">'),
    ],
)
def test_no_value_is_no_attribute_where_there_is_no_field(markup: str, html: str) -> None:
    assert render(component(markup, value=None)).html == html


def test_what_a_failing_hole_had_made_ends_with_it(errors: list[BaseException]) -> None:
    count, set_count = create_signal(0)
    log: list[Any] = []

    @python_component
    def Noisy(props: Any) -> Any:
        create_effect(lambda: log.append(count()))
        on_mount(lambda: log.append("mounted"))

    def pieces(element: Any) -> Iterator[Any]:
        yield element
        raise ValueError("after the first")

    screen = render(component("<p>@{pieces(<Noisy/>)}</p>", pieces=pieces, Noisy=Noisy))
    set_count(1)
    assert (screen.html, log) == ("<p></p>", [])
    assert [type(error) for error in errors] == [ValueError]


def test_a_list_that_contains_itself_is_an_error(errors: list[BaseException]) -> None:
    endless: list[Any] = []
    endless.append(endless)
    render(component("<p>@{(lambda: endless)()}</p>", endless=endless))
    assert "contains itself" in str(errors[0])


def test_rows_follow_a_list_that_only_calls_itself_for() -> None:
    # The compiler goes by the name, and so takes the row function for one whose rows belong to their items.
    items, set_items = create_signal([{"id": 1, "text": "a"}])
    template = load(
        """
        from metafor.dom import For
        For = keyed(For)
        @component("Subject") @ptml { <For each=@{items}>@{lambda item: <li>@{item["text"]}</li>}</For> }
        """,
        items=items,
        keyed=lambda list_component: lambda **attributes: list_component(key="id", **attributes),
    )
    screen = render(template.Subject)
    set_items([{"id": 1, "text": "b"}])
    assert screen.html == "<li>b</li>"


def test_a_row_may_take_its_page_away() -> None:
    items, set_items = create_signal([1])
    tick, set_tick = create_signal("")
    shown: list[int] = []

    def show(item: int) -> str:
        shown.append(item)
        if item == 2:
            screen.dispose()
        return tick()

    markup = "<For each=@{items}>@{lambda item: <li>@{show(item)}</li>}</For>"
    screen = render(component(markup, items=items, show=show))
    set_items([1, 2, 3, 4])
    assert screen.host.live_ids == 0
    shown.clear()
    set_tick("later")
    assert shown == []

    set_items([1])
    markup = "<For each=@{items} fallback=@{lambda: show(2)}>@{lambda item: <li>@{item}</li>}</For>"
    screen = render(component(markup, items=items, show=show))
    set_items([])
    assert screen.host.live_ids == 0
