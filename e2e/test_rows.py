"""Rows that move or stay keep what a person does in them (ruling 29): e2e/gallery/rows.ptml.

Once as the browser moves nodes (`moveBefore`), once by hand, as where it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

#: Takes `moveBefore` from the page, and gives it back.
HIDE = """() => {
    for (const type of [Element, Document, DocumentFragment]) {
        type.prototype.moveKept ??= type.prototype.moveBefore;
        delete type.prototype.moveBefore;
    }
}"""
SHOW = """() => {
    for (const type of [Element, Document, DocumentFragment])
        type.prototype.moveBefore = type.prototype.moveKept;
}"""


@pytest.fixture(params=["moved", "by-hand"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rows(gallery: Page, way: str) -> Iterator[Locator]:
    assert gallery.evaluate("'moveBefore' in Element.prototype")
    if way == "by-hand":
        gallery.evaluate(HIDE)
    rows = gallery.locator("#rows")
    rows.locator("#start").evaluate("button => button.click()")
    yield rows
    if way == "by-hand":
        gallery.evaluate(SHOW)


def order(rows: Locator) -> str:
    names = rows.locator("li").evaluate_all("rows => rows.map((row) => row.id.slice(4))")
    return " ".join(names)


def press(rows: Locator, button: str) -> None:
    """Click without taking the focus, as a shortcut or a message from a channel would."""
    rows.locator(f"#{button}").evaluate("button => button.click()")


#: Each moves some rows; every row is once among those that move and once among those that stay.
MOVES = {"rotate": "e a b c d", "reverse": "e d c b a", "insert": "new a b c d e"}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("name", ["a", "e"])
def test_focus_caret_and_what_was_typed_stay(rows: Locator, move: str, name: str) -> None:
    field = rows.locator(f"#row-{name} input")
    field.fill("hello")
    field.evaluate("field => field.setSelectionRange(1, 4, 'backward')")
    press(rows, move)
    assert order(rows) == MOVES[move]
    expect(field).to_be_focused()
    expect(field).to_have_value("hello")
    caret = "field => [field.selectionStart, field.selectionEnd, field.selectionDirection]"
    assert field.evaluate(caret) == [1, 4, "backward"]
    field.press("x")
    expect(field).to_have_value("hxo")
    expect(rows.locator(f"#row-{name} span")).to_have_text("hxo")


@pytest.mark.parametrize("move", MOVES)
def test_a_selection_of_text_stays(rows: Locator, gallery: Page, move: str) -> None:
    select = """span => getSelection().setBaseAndExtent(span.firstChild, 1, span.firstChild, 3)"""
    for name in ("a", "e"):
        rows.locator(f"#row-{name} span").evaluate(
            "span => { document.activeElement.blur(); span.textContent; (" + select + ")(span); }"
        )
        text = gallery.evaluate("getSelection().toString()")
        assert len(text) == 2
        press(rows, move)
        assert gallery.evaluate("getSelection().toString()") == text
        press(rows, "start")


@pytest.mark.parametrize("move", MOVES)
def test_scroll_positions_stay(rows: Locator, move: str) -> None:
    scrollers = rows.locator(".scroller")
    scroll = """async (all) => {
        all.forEach((one, index) => one.scrollTo(0, 10 + index));
        for (const _ of all) await new Promise(requestAnimationFrame);  // browsers tell of it with a frame
    }"""
    scrollers.evaluate_all(scroll)
    press(rows, move)
    positions = {
        name: rows.locator(f"#row-{name} .scroller").evaluate("one => one.scrollTop") for name in "abcde"
    }
    assert positions == {"a": 10, "b": 11, "c": 12, "d": 13, "e": 14}


@pytest.mark.parametrize("move", MOVES)
def test_running_transitions_stay(rows: Locator, move: str, way: str) -> None:
    bars = rows.locator(".bar")
    bars.evaluate_all(
        "all => all.forEach((one) => { one.getBoundingClientRect(); one.classList.add('wide'); })"
    )
    running = "one => one.getAnimations().map((a) => [a.playState, a.currentTime !== null])"
    assert [bar.evaluate(running) for bar in bars.all()] == [[["running", True]]] * 5
    bars.evaluate_all("all => all.forEach((one) => { one.was = one.getAnimations()[0]; })")
    press(rows, move)
    same = "one => one.getAnimations()[0] !== undefined && one.getAnimations()[0] === one.was"
    kept = {name: rows.locator(f"#row-{name} .bar").evaluate(same) for name in "abcde"}
    # By hand nothing restores a transition; rows that stay are not touched either way.
    stayed = {"rotate": "abcd", "reverse": "a", "insert": "abcde"}[move] if way == "by-hand" else "abcde"
    assert {name for name, on in kept.items() if on} >= set(stayed)
    # Back at once: a transition that is reversed on its way is shorter than the next test may need.
    narrow = """all => all.forEach((one) => {
        one.style.transition = "none";
        one.classList.remove("wide");
        one.getBoundingClientRect();
        one.style.transition = "";
    })"""
    bars.evaluate_all(narrow)
