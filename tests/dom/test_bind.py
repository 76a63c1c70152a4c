"""``bind:`` on the memory host: types, groups, setters that refuse, forms that are reset."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from metafor.core import create_signal
from metafor.dom import AttributeValueError
from metafor.testing import Screen, render
from tests.dom.templates import component


def field(markup: str, value: Any, **names: Any) -> tuple[Screen, Any, Any]:
    """A page with one bound field, and its signal."""
    get, set = create_signal(value)
    return render(component(markup, get=get, set=set, **names)), get, set


def enter(screen: Screen, text: str, tag: str = "input") -> None:
    """What a page does when the whole text of a field is replaced."""
    element = screen.one(tag)
    element.value = text
    screen.fire(element, "input")


def test_handlers_of_the_markup_and_of_a_spread_come_after_the_field() -> None:
    heard: list[str] = []
    markup = "<input bind:value=@{(get, set)} oninput=@{own} ...@{more}>"
    names = {"own": lambda: heard.append(f"own {get()}"), "more": {}}
    screen, get, _ = field(markup, "before", **names)
    enter(screen, "typed")
    assert heard == ["own typed"]
    names["more"] = {"oninput": lambda: heard.append(f"spread {get()}")}
    screen, get, _ = field(markup, "before", **names)
    enter(screen, "again")
    # A spread says the last word, as for attributes.
    assert heard == ["own typed", "spread again"]


def test_a_spread_that_says_none_takes_a_handler_away() -> None:
    heard: list[str] = []
    more, set_more = create_signal({"onclick": None, "onkeydown": None})
    markup = "<button onclick=@{own} ...@{more}>press</button>"
    screen = render(component(markup, own=lambda: heard.append("own"), more=more))
    screen.fire(screen.one("button"), "click")
    assert heard == []
    set_more({"onclick": lambda: heard.append("spread")})
    screen.fire(screen.one("button"), "click")
    assert heard == ["spread"]


def test_a_choice_whose_own_value_reads_signals_follows_them() -> None:
    get, set = create_signal("a")
    other, set_other = create_signal("z")
    markup = '<input type="radio" bind:group=@{(get, set)} value=@{own}>'
    own = lambda: "a" if get() == "a" else other()  # noqa: E731
    screen = render(component(markup, get=get, set=set, own=own))
    set("b")
    set_other("b")
    assert screen.one("input").checked is True


TYPED = [
    ("number", "3", 3),
    ("number", "-3", -3),
    ("number", "3.0", 3.0),
    ("number", "1e3", 1000.0),
    ("number", "", None),
    ("number", "-", None),
    ("range", "7", 7),
    ("date", "2024-02-29", date(2024, 2, 29)),
    ("date", "", None),
    ("time", "07:05", time(7, 5)),
    ("datetime-local", "2024-02-29T07:05", datetime(2024, 2, 29, 7, 5)),
    ("datetime-local", "nonsense", None),
    ("email", "a@b", "a@b"),
    ("month", "2024-02", "2024-02"),
]


@pytest.mark.parametrize(("kind", "typed", "value"), TYPED)
def test_the_type_of_a_field_decides_what_its_signal_gets(kind: str, typed: str, value: Any) -> None:
    screen, get, _ = field(f'<input type="{kind}" bind:value=@{{(get, set)}}>', "before")
    enter(screen, typed)
    assert (get(), type(get())) == (value, type(value))
    if kind != "number":
        assert screen.one("input").value in (typed, "")  # nothing was changed while it was typed


SHOWN = [
    (None, ""),
    (5, "5"),
    (1.5, "1.5"),
    (date(2024, 2, 29), "2024-02-29"),
    (time(7, 5), "07:05"),
    (time(7, 0, 30), "07:00:30"),
    (datetime(2024, 2, 29, 7, 5), "2024-02-29T07:05"),
    (datetime(2024, 2, 29, 7, 5, 1, 250_999, tzinfo=UTC), "2024-02-29T07:05:01.250"),
]


@pytest.mark.parametrize(("value", "text"), SHOWN)
def test_a_field_shows_a_value_as_html_writes_it(value: Any, text: str) -> None:
    screen, _, _ = field("<input bind:value=@{(get, set)}>", value)
    assert screen.one("input").value == text


def test_a_setter_that_refuses_or_cleans_up_is_obeyed() -> None:
    screen, get, _ = field("<input bind:value=@{(get, lambda text: set(text.strip()[:3]))}>", "")
    enter(screen, " abcd")
    assert (get(), screen.one("input").value) == ("abc", "abc")
    enter(screen, "abcx")  # the signal does not change
    assert screen.one("input").value == "abc"


async def test_a_setter_that_goes_on_later_is_waited_for() -> None:
    get, set = create_signal("a")

    async def save(text: str) -> None:
        await asyncio.sleep(0)
        set(text.upper())

    screen = render(component("<input bind:value=@{(get, save)}>", get=get, save=save))
    enter(screen, "b")
    assert screen.one("input").value == "b"  # what was typed stands until the answer is there
    for _ in range(4):
        await asyncio.sleep(0)
    assert screen.one("input").value == "B"


def test_a_select_of_several_holds_a_list() -> None:
    screen, get, set = field(
        "<select multiple bind:value=@{(get, set)}><option>a</option><option>b</option></select>", ["b"]
    )
    select = screen.one("select")
    assert [one.value for one in select.selectedOptions] == ["b"]
    select.value = ["a", "b"]
    screen.fire(select, "input")
    assert get() == ["a", "b"]
    set([])
    assert select.selectedOptions == []


def test_a_group_of_radios_holds_a_value_of_any_type() -> None:
    sizes = [date(2024, 1, 1), None, 3]
    markup = "<p>@{[<input type='radio' value=@{one} bind:group=@{(get, set)}> for one in sizes]}</p>"
    screen, get, set = field(markup, None, sizes=sizes)
    radios = screen.all("input")
    assert [one.checked for one in radios] == [False, True, False]
    radios[0].checked = True
    screen.fire(radios[0], "change")
    assert get() == sizes[0]
    set(3)
    assert [one.checked for one in radios] == [False, False, True]


@pytest.mark.parametrize(("start", "after"), [(["b"], ["b", "a"]), ({"b"}, {"a", "b"}), (None, ["a"])])
def test_a_group_of_boxes_holds_what_is_checked(start: Any, after: Any) -> None:
    markup = "<p>@{[<input type='checkbox' value=@{one} bind:group=@{(get, set)}> for one in 'ab']}</p>"
    screen, get, _ = field(markup, start)
    first = screen.all("input")[0]
    first.checked = True
    screen.fire(first, "change")
    assert get() == after
    first.checked = False
    screen.fire(first, "change")
    assert set(get()) == set(start or [])


def test_a_group_follows_the_value_of_its_field() -> None:
    own, set_own = create_signal("a")
    screen, _, _ = field("<input type='radio' value=@{own} bind:group=@{(get, set)}>", "b", own=own)
    assert not screen.one("input").checked
    set_own("b")
    assert screen.one("input").checked
    assert screen.one("input").value == "b"


def test_files_can_be_chosen_and_let_go() -> None:
    screen, get, _ = field("<input type='file' bind:files=@{(get, set)}>", [])
    element = screen.one("input")
    element.files = ["a.txt"]
    screen.fire(element, "change")
    assert get() == ["a.txt"]


def test_fields_of_a_form_that_is_reset_tell_their_signals() -> None:
    text, set_text = create_signal("a")
    on, set_on = create_signal(True)
    markup = """
    <form>
        <input bind:value=@{(text, set_text)}><input type='checkbox' bind:checked=@{(on, set_on)}>
    </form>
    """
    screen = render(component(markup, text=text, set_text=set_text, on=on, set_on=set_on))
    screen.fire(screen.one("form"), "reset")
    assert (text(), on()) == ("", False)


def test_a_pair_may_come_from_a_caller_or_be_a_signal() -> None:
    pair = create_signal("a")
    inner = component("<input bind:value=@{pair}>", "@prop pair")
    screen = render(component("<Inner pair=@{pair}/>", Inner=inner, pair=pair))
    enter(screen, "b")
    assert pair[0]() == "b"


@pytest.mark.parametrize("wrong", ["text", None, (1, 2), (print,)])
def test_what_is_no_pair_is_named(wrong: Any) -> None:
    with pytest.raises(
        AttributeValueError, match=r"Subject: bind:value was given .*bind:value=@\{\(get, set\)\}"
    ):
        render(component("<input bind:value=@{wrong}>", wrong=wrong))
