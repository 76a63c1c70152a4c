"""Fields and their signals, in both directions, in a real page: e2e/gallery/forms.ptml."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect


@pytest.fixture
def forms(gallery: Page) -> Locator:
    return gallery.locator("#forms")


def shown(field: Locator) -> Locator:
    """The output behind a field, or the one inside a group of them: what the signal holds."""
    inside = field.locator("output")
    return inside if inside.count() else field.locator("xpath=following-sibling::output[1]")


def caret(field: Locator) -> Any:
    return field.evaluate("field => [field.selectionStart, field.selectionEnd]")


def put_caret(field: Locator, start: int, end: int | None = None) -> None:
    field.evaluate(f"field => {{ field.focus(); field.setSelectionRange({start}, {end or start}); }}")


def test_a_text_field_follows_and_writes_its_signal(forms: Locator) -> None:
    field = forms.locator("#text")
    expect(field).to_have_value("abc")
    field.fill("hello")
    expect(shown(field)).to_have_text("'hello'")
    forms.locator("#set-text").click()
    expect(field).to_have_value("from Python")


def test_a_handler_beside_a_bound_signal_comes_after_it(forms: Locator) -> None:
    forms.locator("#text").fill("typed")
    expect(forms.locator("#heard")).to_have_text("typed!")


def test_a_textarea_keeps_its_lines(forms: Locator) -> None:
    field = forms.locator("#long")
    expect(field).to_have_value("one\ntwo")
    field.press("Control+End")
    field.press("Enter")
    field.press_sequentially("three")
    expect(shown(field)).to_have_text(repr("one\ntwo\nthree"))


def test_the_caret_stays_where_a_person_types(forms: Locator) -> None:
    field = forms.locator("#upper")
    field.fill("ADA")
    put_caret(field, 1)
    field.press_sequentially("xyz")
    expect(field).to_have_value("AXYZDA")
    assert caret(field) == [4, 4]
    # What the setter puts in before the caret moves it along.
    money = forms.locator("#money")
    money.press_sequentially("1234567")
    expect(money).to_have_value("1 234 567")
    put_caret(money, 5)
    money.press_sequentially("9")
    expect(money).to_have_value("12 349 567")
    assert caret(money) == [6, 6]


def test_a_setter_that_refuses_is_obeyed(forms: Locator) -> None:
    field = forms.locator("#digits")
    field.fill("")
    field.press_sequentially("1a2b3")
    expect(field).to_have_value("123")
    field.press_sequentially("x")  # the signal does not change at all
    expect(field).to_have_value("123")
    expect(shown(field)).to_have_text("'123'")


#: What a browser fires while an input method composes "ni" into "你": the field must be left alone.
COMPOSE = """(field) => {
    field.focus();
    field.value = "";
    const seen = [];
    const say = (type) => field.dispatchEvent(new CompositionEvent(type, { bubbles: true }));
    const type = (text, isComposing) => {
        field.value = text;
        field.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing }));
        seen.push(field.value);
    };
    say("compositionstart");
    type("n", true);
    type("ni", true);
    if (%s) { say("compositionend"); type("nb", false); }
    else { type("nb", true); say("compositionend"); }
    return seen;
}"""


@pytest.mark.parametrize("end_first", ["true", "false"], ids=["end-then-input", "input-then-end"])
def test_a_composition_is_not_disturbed(forms: Locator, end_first: str) -> None:
    """Browsers differ in what comes last, the input or the end of the composition."""
    field = forms.locator("#upper")
    seen = field.evaluate(COMPOSE % end_first)
    assert seen[:2] == ["n", "ni"]  # "N" would have ended the composition
    expect(field).to_have_value("NB")
    expect(shown(field)).to_have_text("'NB'")


def test_an_input_method_of_chromium(forms: Locator, gallery: Page, engine: str) -> None:
    if engine != "chromium":
        pytest.skip("only Chromium's protocol has an input method")
    field = forms.locator("#upper")
    field.fill("")
    field.focus()
    session = gallery.context.new_cdp_session(gallery)
    for text in ("n", "ni"):
        session.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )
        expect(field).to_have_value(text)
        expect(shown(field)).to_have_text(repr(text.upper()))
    session.send("Input.insertText", {"text": "né"})
    expect(field).to_have_value("NÉ")
    session.detach()


def test_a_number_is_a_number(forms: Locator) -> None:
    field = forms.locator("#number")
    expect(field).to_have_value("5")
    for typed, value in (("12", "12"), ("1.5", "1.5"), ("-3", "-3"), ("", "None")):
        field.fill(typed)
        expect(shown(field)).to_have_text(value)
    # "1." and "1.0" are on their way to "1.05": nothing is taken away while it is typed.
    field.press_sequentially("1.05")
    expect(field).to_have_value("1.05")
    expect(shown(field)).to_have_text("1.05")
    forms.locator("#no-number").click()
    expect(field).to_have_value("")
    level = forms.locator("#range")
    expect(level).to_have_value("30")
    level.focus()
    level.press("ArrowRight")
    expect(shown(level)).to_have_text("31")


def test_dates_and_times(forms: Locator) -> None:
    day, hour, moment = (forms.locator(name) for name in ("#date", "#time", "#moment"))
    expect(day).to_have_value("2024-02-29")
    day.fill("2025-01-31")
    expect(shown(day)).to_have_text("datetime.date(2025, 1, 31)")
    day.fill("")
    expect(shown(day)).to_have_text("None")
    expect(hour).to_have_value("")
    hour.fill("07:05")
    expect(shown(hour)).to_have_text("datetime.time(7, 5)")
    expect(moment).to_have_value("2024-02-29T12:30")
    moment.fill("2025-01-31T10:00")
    expect(shown(moment)).to_have_text("datetime.datetime(2025, 1, 31, 10, 0)")


def test_a_box_is_true_or_false(forms: Locator) -> None:
    box = forms.locator("#agree")
    assert box.evaluate("box => box.indeterminate")
    box.check()
    expect(shown(box)).to_have_text("True")
    box.uncheck()
    expect(shown(box)).to_have_text("False")


def test_radios_hold_one_value_of_any_type(forms: Locator) -> None:
    sizes = forms.locator("#sizes")
    radios = sizes.locator("input")
    assert [one.is_checked() for one in radios.all()] == [False, True, False]
    radios.first.check()
    expect(shown(sizes)).to_have_text("1")
    sizes.get_by_role("button").click()
    assert [one.is_checked() for one in radios.all()] == [False, False, True]


def test_boxes_hold_a_list(forms: Locator) -> None:
    tags = forms.locator("#tags")
    boxes = tags.locator("input")
    assert [one.is_checked() for one in boxes.all()] == [False, True, False]
    boxes.last.check()
    expect(shown(tags)).to_have_text("['b', 'c']")
    boxes.nth(1).uncheck()
    expect(shown(tags)).to_have_text("['c']")


def test_a_select_of_one_and_of_several(forms: Locator) -> None:
    fruit = forms.locator("#fruit")
    expect(fruit).to_have_value("pear")
    fruit.select_option("apple")
    expect(shown(fruit)).to_have_text("'apple'")
    forms.locator("#no-fruit").click()
    expect(fruit).to_have_value("")
    many = forms.locator("#many")
    expect(many).to_have_values(["b", "c"])
    many.select_option(["a", "c"])
    expect(shown(many)).to_have_text("['a', 'c']")


def test_a_select_takes_its_value_when_its_options_arrive(forms: Locator) -> None:
    late = forms.locator("#late")
    expect(late).to_have_value("")
    forms.locator("#load").click()
    expect(late).to_have_value("two")
    late.select_option("three")
    expect(shown(late)).to_have_text("'three'")
    forms.locator("#reload").click()
    expect(late.locator("option")).to_have_text(["Zero", "Three", "Two"])
    expect(late).to_have_value("three")


def test_files_are_handed_over_and_can_be_let_go(forms: Locator) -> None:
    field = forms.locator("#file")
    field.set_input_files([{"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"}])
    expect(shown(field)).to_have_text("[('a.txt', 5)]")
    forms.locator("#no-files").click()
    assert field.evaluate("field => field.files.length") == 0
    expect(shown(field)).to_have_text("[]")


def test_a_form_is_sent_and_reset(forms: Locator) -> None:
    form = forms.locator("#whole")
    name, tick = form.locator("[name=name]"), form.locator("[type=checkbox]")
    form.get_by_role("button", name="Send").click()  # the name is required: nothing is sent
    expect(shown(form)).to_have_text("('', False, '')")
    name.fill("Ada")
    tick.check()
    name.press("Enter")
    expect(shown(form)).to_have_text("('Ada', True, 'Ada True')")
    form.get_by_role("button", name="Reset").click()
    expect(name).to_have_value("")
    expect(shown(form)).to_have_text("('', False, 'Ada True')")


def test_boolean_attributes_come_and_go(forms: Locator) -> None:
    form = forms.locator("#whole")
    name = form.locator("[name=name]")
    assert name.get_attribute("readonly") is None
    assert name.get_attribute("required") == ""
    form.get_by_role("button", name="Lock").click()
    expect(name).to_be_disabled()
    form.get_by_role("button", name="Lock").click()
    expect(name).to_be_enabled()


def test_the_controlled_field_of_the_specification(forms: Locator) -> None:
    field = forms.locator("#controlled")
    field.press_sequentially("hello")
    put_caret(field, 2)
    field.press_sequentially("y")
    expect(shown(field)).to_have_text("'heyllo'")
    assert caret(field) == [3, 3]
    forms.locator("#empty").click()
    expect(field).to_have_value("")
