"""What markup becomes in a real page: e2e/gallery/elements.ptml."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

SVG = "http://www.w3.org/2000/svg"
MATHML = "http://www.w3.org/1998/Math/MathML"
HTML = "http://www.w3.org/1999/xhtml"


@pytest.fixture
def elements(gallery: Page) -> Locator:
    return gallery.locator("#elements")


def spaces(part: Locator, selector: str) -> set[str]:
    """The namespaces of the elements that match."""
    found = part.evaluate(
        "(part, selector) => [...part.querySelectorAll(selector)].map((one) => one.namespaceURI)", selector
    )
    assert found, f"nothing matches {selector}"
    return set(found)


def test_svg_in_holes_components_and_rows(elements: Locator, gallery: Page) -> None:
    drawing = elements.locator("#drawing")
    for state in ("before", "after"):
        count = 1 if state == "before" else 3
        assert spaces(drawing, "linearGradient, .lone, .frame, circle, text, use, .dynamic") == {SVG}
        assert spaces(drawing, ":is(a, title, foreignObject, path, ellipse)") == {SVG}
        assert spaces(drawing, "foreignObject .html, foreignObject b") == {HTML}
        expect(drawing.locator("circle")).to_have_count(count)
        expect(drawing.locator(".html")).to_have_text(f"HTML {count}")
        # Made in the right namespace, it has a shape on the screen.
        assert drawing.locator("circle").last.evaluate("circle => circle.getBBox().width") == 8
        if state == "before":
            elements.locator("#draw").click()
    assert drawing.locator(".dynamic").evaluate("one => one.localName") == "line"
    assert (
        drawing.locator("use").evaluate("use => use.getAttributeNS('http://www.w3.org/1999/xlink', 'href')")
        == "#fade"
    )
    # The same component in HTML makes a link of HTML.
    assert spaces(elements.locator("#link"), "a") == {HTML}


def test_mathml_in_holes(elements: Locator) -> None:
    formula = elements.locator("#formula")
    assert spaces(formula, "msup, mi, mn") == {MATHML}
    assert spaces(formula, "b") == {HTML}


def attributes(part: Locator) -> dict[str, Any]:
    found: dict[str, Any] = part.evaluate(
        "one => Object.fromEntries([...one.attributes].map(({name, value}) => [name, value]))"
    )
    return found


def test_values_of_attributes_and_properties(elements: Locator) -> None:
    one = elements.locator("#values")
    assert attributes(one) == {
        "id": "values", "aria-expanded": "true", "data-on": "true", "draggable": "true",
        "spellcheck": "false", "contenteditable": "true", "tabindex": "0", "data-text": "a  b",
    }  # fmt: skip
    assert one.evaluate("one => one.draggable && one.isContentEditable")
    progress, video = elements.locator("#progress"), elements.locator("#video")
    assert progress.evaluate("one => one.position") == -1  # without a value it is indeterminate
    assert video.evaluate("one => [one.muted, one.loop]") == [True, True]
    assert elements.locator("#third").evaluate("one => one.value") == 3
    assert elements.locator("#details").evaluate("one => one.open")
    elements.locator("#values-change").click()
    assert attributes(one) == {
        "id": "values", "title": "4", "aria-expanded": "false", "data-on": "false", "data-none": "4",
        "hidden": "", "draggable": "false", "spellcheck": "true", "contenteditable": "false",
        "tabindex": "0", "inert": "4", "data-text": "a  b",
    }  # fmt: skip
    assert progress.evaluate("one => one.value") == 4
    assert video.evaluate("one => [one.muted, one.loop]") == [False, False]
    assert not elements.locator("#details").evaluate("one => one.open")


def test_classes_and_styles(elements: Locator) -> None:
    one = elements.locator("#styled")
    computed = "one => ((s) => [s.fontSize, s.marginTop, s.backgroundColor, s.getPropertyValue('--gap')])"
    style = computed + "(getComputedStyle(one))"
    expect(one).to_have_class("a b d e")
    assert one.evaluate(style) == ["10px", "1px", "rgb(1, 2, 3)", "10"]
    elements.locator("#styled-change").click()
    expect(one).to_have_class("a d")
    assert one.evaluate(style) == ["20px", "1px", "rgba(0, 0, 0, 0)", "20"]


def test_scoped_styles_stay_with_their_component(elements: Locator) -> None:
    colour = "one => getComputedStyle(one).color"
    assert elements.locator("#scoped").evaluate(colour) == "rgb(4, 5, 6)"
    assert elements.locator("#other").first.evaluate(colour) == "rgb(0, 0, 0)"


def test_text_entities_white_space_and_fragments(elements: Locator) -> None:
    text = "one => one.textContent"
    assert elements.locator("#plain").evaluate(text) == "a & b\xa0c @{x} <b>text</b> 0"
    assert elements.locator("#pre").evaluate(text) == "  two\n  lines"
    assert elements.locator("#fragment").inner_html() == "one<i>two</i><b>3</b><b>4</b>"


def test_spread_attributes(elements: Locator) -> None:
    field = elements.locator("#spread-here")
    assert attributes(field) == {
        "id": "spread-here", "type": "text", "title": "first", "data-a": "true", "class": "x"
    }  # fmt: skip
    expect(field).to_have_value("typed")
    elements.locator("#spread-change").click()
    assert attributes(field) == {"id": "spread-here", "type": "text", "aria-label": "second"}
    expect(field).to_have_value("")


def test_html_only_on_request(elements: Locator) -> None:
    raw, cooked = elements.locator("#raw"), elements.locator("#cooked")
    assert raw.inner_html() == "<b>bold</b> &lt;"
    expect(cooked).to_have_text("<b>bold</b> &lt;")
    elements.locator("#raw-change").click()
    assert raw.inner_html() == "<i>italic</i>"
    expect(cooked).to_have_text("<i>italic</i>")


def test_slots_are_live(elements: Locator) -> None:
    part = elements.locator("#slots")
    expect(part).to_have_text("Card 1body 1foot 1")
    part.evaluate("part => { part.body = part.querySelector('p'); }")
    elements.locator("#slots-change").click()
    expect(part).to_have_text("Card 2body 2foot 2")
    assert part.evaluate("part => part.body.isConnected")


def test_dynamic(elements: Locator) -> None:
    part = elements.locator("#chosen")
    expect(part.locator("h4.chosen")).to_have_text("content")
    expect(part.locator("h4")).to_have_attribute("title", "kept")
    elements.locator("#choose").click()
    expect(part).to_have_text("another's")
    elements.locator("#choose-none").click()
    assert part.inner_html() == ""


def test_portals_into_any_node(elements: Locator) -> None:
    expect(elements.locator("#place em")).to_have_text("teleported")
    assert spaces(elements, "#svg-place *") == {SVG}
    elements.locator("#leave").click()
    expect(elements.locator("#place *, #svg-place *")).to_have_count(0)


def test_suspense_keeps_what_waits(elements: Locator) -> None:
    part = elements.locator("#waiting")
    expect(part).to_have_text("loading")
    elements.locator("#arrive").click()
    expect(part.locator("p")).to_have_text("arrived")
    expect(part.locator("p")).to_have_attribute("title", "arrived")
    expect(part.locator("i")).to_have_count(0)


def test_rows_of_a_table(elements: Locator) -> None:
    table = elements.locator("#table")
    cells = "table => [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent))"
    assert table.evaluate(cells) == [["n"], ["1", "1"], ["2", "4"]]
    elements.locator("#table-empty").click()
    assert table.evaluate("table => [...table.rows].map((row) => row.textContent)") == ["n", "none"]


def test_refs_have_their_element_in_the_document(elements: Locator) -> None:
    part = elements.locator("#refs")
    expect(part.locator("output")).to_have_text("True DIALOG 2")
    expect(part.locator(".field")).to_have_attribute("data-handed", "on")
    elements.locator("#open-dialog").click()
    expect(part.get_by_text("in the dialog")).to_be_visible()
    part.get_by_role("button", name="close").click()
    expect(part.get_by_text("in the dialog")).to_be_hidden()
