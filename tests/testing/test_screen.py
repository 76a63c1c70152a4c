"""What a test of a component finds, does and waits for."""

from __future__ import annotations

import asyncio
import gc
import re
from typing import Any

import pytest

from metafor.core import create_signal, on_dispose, on_mount, spawn
from metafor.testing import QueryError, ScreenError, WaitError, collect_errors, render
from tests.dom.templates import component

FORM = """
    <header><h1>Sign up</h1></header>
    <main>
      <form onsubmit:prevent=@{lambda: said.append(("submit", name()))}>
        <label for="name">Your <b>name</b></label>
        <input id="name" bind:value=@{(name, set_name)}
               onchange=@{lambda e: said.append(("change", e.target.value))}/>
        <label>
          <input type="checkbox" onchange=@{lambda e: said.append(("terms", e.target.checked))}/> I agree
        </label>
        <input aria-label="Age" type="number"/>
        <select aria-label="Plan" onchange=@{lambda e: said.append(("plan", e.target.value))}>
          <option value="a">Free</option><option value="b">Paid</option>
        </select>
        <button>Join <img alt="now" src="x.png"/></button>
        <button type="button" disabled onclick=@{lambda: said.append("disabled")}>Never</button>
      </form>
      <p hidden>Secret</p>
      <a href="#more">More</a>
      <img alt="" src="x.png"/>
    </main>
"""


def form() -> tuple[Any, list[Any]]:
    said: list[Any] = []
    name, set_name = create_signal("")
    return render(component(FORM, said=said, name=name, set_name=set_name)), said


def test_elements_are_found_by_role_and_name() -> None:
    screen, _ = form()
    assert screen.get_by_role("heading", "Sign up").tag == "h1"
    assert screen.get_by_role("banner").tag == "header"
    assert screen.get_by_role("button", "Join now").tag == "button"
    assert screen.get_by_role("textbox", "Your name").getAttribute("id") == "name"
    assert screen.get_by_role("checkbox", re.compile("agree")).type == "checkbox"
    assert screen.get_by_role("spinbutton", "Age").type == "number"
    assert screen.get_by_role("combobox", "Plan").tag == "select"
    assert screen.get_by_role("link").getAttribute("href") == "#more"
    assert [one.textContent for one in screen.all_by_role("option")] == ["Free", "Paid"]
    assert screen.all_by_role("paragraph") == []  # it is hidden
    assert len(screen.all_by_role("img")) == 1  # the other is decoration
    assert screen.all_by_role("form") == []  # it has no name


def test_elements_are_found_by_text_and_label() -> None:
    screen, _ = form()
    assert screen.get_by_text("Sign up").tag == "h1"
    assert screen.get_by_text(re.compile("^name$")).tag == "b"
    assert screen.get_by_label("Your name").getAttribute("id") == "name"
    assert screen.get_by_label("I agree").type == "checkbox"
    assert screen.get_by_label("Plan").tag == "select"
    assert screen.all_by_label("Nothing") == []


def test_what_is_not_found_once_is_an_error_that_shows_the_page() -> None:
    screen, _ = form()
    with pytest.raises(QueryError, match="no button named 'Leave' on the page") as missed:
        screen.get_by_role("button", name="Leave")
    assert missed.value.code == "testing/query"
    assert '\nmain\n  textbox "Your name"\n' in str(missed.value)
    assert '\n  button "Join now"\n    img "now"\n' in str(missed.value)
    assert "Secret" not in str(missed.value)
    with pytest.raises(LookupError, match="2 button on the page"):
        screen.get_by_role("button")
    with pytest.raises(QueryError, match="no element with the text /never/"):
        screen.get_by_text(re.compile("never"))
    with pytest.raises(QueryError, match="the page holds nothing with a role"):
        render(component("<div></div>")).get_by_label("x")


def test_a_person_needs_an_element() -> None:
    screen = render(component("<button>Save</button>"))
    for act in (screen.click, screen.hover, screen.focus, lambda one: screen.fill(one, "x")):
        with pytest.raises(QueryError, match="'button' is no element"):
            act("button")  # type: ignore[operator]


def test_a_person_fills_in_a_form() -> None:
    screen, said = form()
    name = screen.get_by_label("Your name")
    screen.type(name, "Ada")
    screen.type(name, "!")
    assert name.value == "Ada!"
    screen.fill(name, "Grace")
    screen.press(name, "Backspace")
    assert said == []
    screen.press(name, "Enter")  # the field settles, then the form is submitted
    assert said == [("change", "Grac"), ("submit", "Grac")]
    said.clear()
    screen.click(screen.get_by_text("I agree"))  # the label checks its box
    screen.press(screen.get_by_label("I agree"), " ")
    assert said == [("terms", True), ("terms", False)]
    said.clear()
    screen.select(screen.get_by_label("Plan"), "Paid")
    assert said == [("plan", "b")]
    assert screen.get_by_label("Plan").value == "b"
    with pytest.raises(QueryError, match="no option 'Gold'; its options are 'Free', 'Paid'"):
        screen.select(screen.get_by_label("Plan"), "Gold")
    said.clear()
    screen.click(screen.get_by_role("button", "Never"))
    assert said == []
    screen.click(screen.get_by_role("img", "now"))  # inside the button
    assert said == [("submit", "Grac")]


def test_the_keys_of_a_field_come_one_by_one_and_can_be_prevented() -> None:
    keys: list[str] = []

    def on_key(event: Any) -> None:
        keys.append(event.key)
        if event.key == "x":
            event.preventDefault()

    screen = render(
        component("<input maxlength='3' onkeydown=@{on_key}/><textarea></textarea>", on_key=on_key)
    )
    screen.type(screen.one("input"), "axbcd")
    assert keys == list("axbcd")
    assert screen.one("input").value == "abc"
    screen.type(screen.one("textarea"), "a\nb")
    assert screen.one("textarea").value == "a\nb"


def test_a_box_changes_before_its_click_is_heard_and_back_when_that_is_prevented() -> None:
    heard: list[bool] = []

    def on_click(event: Any) -> None:
        heard.append(event.target.checked)
        event.preventDefault()

    changed = heard.append
    page = '<input type="checkbox" onclick=@{on_click} onchange=@{lambda: changed(True)}/>'
    screen = render(component(page, on_click=on_click, changed=changed))
    screen.click(screen.one("input"))
    assert heard == [True]
    assert not screen.one("input").checked


def test_radio_buttons_of_a_group_exclude_each_other() -> None:
    screen = render(component('<form><input type="radio" name="n"/><input type="radio" name="n"/></form>'))
    first, second = screen.all_by_role("radio")
    screen.click(first)
    screen.click(second)
    assert (first.checked, second.checked) == (False, True)


def test_focus_moves_and_leaves_a_changed_text_settled() -> None:
    heard: list[str] = []
    page = """
        <input aria-label="a" onfocus=@{lambda: heard.append("focus a")}
               onblur=@{lambda: heard.append("blur a")} onchange=@{lambda: heard.append("change a")}/>
        <button onfocusin=@{lambda: heard.append("in b")}><i>b</i></button>
    """
    screen = render(component(page, heard=heard))
    screen.type(screen.get_by_label("a"), "x")
    screen.click(screen.get_by_text("b"))  # inside the button, which takes the focus
    screen.focus(screen.get_by_label("a"))
    screen.focus(None)
    assert heard == ["focus a", "change a", "blur a", "in b", "focus a", "blur a"]


def saving() -> tuple[Any, list[str]]:
    """A component whose button saves for two seconds, and whose set-up polls for ever."""
    state, set_state = create_signal("new")
    log: list[str] = []

    async def save() -> None:
        set_state("saving")
        await asyncio.sleep(2)
        set_state("saved")

    async def poll() -> None:
        try:
            await asyncio.sleep(1_000_000)
        finally:
            log.append("poll ended")

    def set_up() -> str:
        on_mount(lambda: log.append("mounted"))
        on_dispose(lambda: log.append("disposed"))
        spawn(poll())
        return ""

    page = "@{set_up}<button onclick=@{save}>Save</button><p>@{state}</p>"
    return component(page, state=state, save=save, set_up=set_up), log


def test_a_plain_test_has_a_loop_in_virtual_time() -> None:
    subject, log = saving()
    with render(subject) as screen:
        screen.click(screen.get_by_role("button"))
        assert screen.get_by_text("saving")
        screen.advance(1)
        assert screen.get_by_text("saving")
        found = screen.run(screen.wait_for(lambda: screen.get_by_text("saved"), timeout=5))
        assert found is screen.one("p")
        assert log == ["mounted"]
    assert log == ["mounted", "disposed", "poll ended"]
    assert screen.html == ""


async def test_an_async_test_uses_the_loop_that_runs() -> None:
    subject, _ = saving()
    screen = render(subject)
    screen.click(screen.get_by_role("button"))
    assert screen.get_by_text("saving")
    with pytest.raises(ScreenError, match="but this test runs in one"):
        screen.advance(1)
    screen.dispose()
    await asyncio.sleep(0)


def test_waiting_ends_with_what_is_missing() -> None:
    flag, set_flag = create_signal(False)
    screen = render(component("<h1>Title</h1><p>@{flag}</p>", flag=flag))
    with pytest.raises(WaitError, match="nothing within 3 s: no element with the text 'done'") as late:
        screen.run(screen.wait_for(lambda: screen.get_by_text("done"), timeout=3))
    assert 'heading "Title"' in str(late.value)
    with pytest.raises(WaitError, match="stayed false"):
        screen.run(screen.wait_for(flag))
    with pytest.raises(ZeroDivisionError):
        screen.run(screen.wait_for(lambda: 1 // 0))

    async def later() -> str:
        asyncio.get_running_loop().call_later(0.5, set_flag, True)
        return "so" if await screen.wait_for(flag) else "not"

    assert screen.run(later()) == "so"


def test_a_forgotten_screen_is_cleaned_up_without_noise() -> None:
    subject, log = saving()
    with collect_errors() as errors:
        screen = render(subject)
        del screen
        gc.collect()
    assert list(errors) == []
    assert log == ["mounted", "poll ended"]
