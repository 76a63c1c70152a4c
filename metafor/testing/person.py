"""What a person does to a page, as the events that a browser makes of it, with their default actions."""

from __future__ import annotations

from typing import Any

from metafor.dom.hosts.memory import MemoryElement, MemoryEvent, MemoryHost
from metafor.testing.accessibility import labels_of, words
from metafor.testing.errors import QueryError

__all__ = ["Person"]

_FIELDS = frozenset(("button", "input", "select", "textarea"))
_NO_TEXT = frozenset(("checkbox", "radio", "file", "button", "submit", "reset", "image", "color", "range"))


class Person:
    """Somebody with a mouse and a keyboard. Nothing happens to a field that is disabled."""

    def __init__(self, host: MemoryHost) -> None:
        self._host = host
        self._focused: MemoryElement | None = None
        self._value_at_focus = ""

    def click(self, element: MemoryElement) -> MemoryEvent:
        """Press and release the mouse; gives the ``click`` event."""
        if _is_disabled(element):
            return MemoryEvent("click", element, {})
        for name in ("pointerdown", "mousedown"):
            self._fire(element, name, button=0)
        self.focus(_focusable(element))
        for name in ("pointerup", "mouseup"):
            self._fire(element, name, button=0)
        return self._activate(element)

    def double_click(self, element: MemoryElement) -> MemoryEvent:
        """Click twice; gives the ``dblclick`` event."""
        self.click(element)
        self.click(element)
        return self._fire(element, "dblclick", button=0)

    def hover(self, element: MemoryElement) -> None:
        """Move the mouse over ``element``."""
        for name in ("pointerover", "pointerenter", "mouseover", "mouseenter", "mousemove"):
            self._fire(element, name)

    def focus(self, element: MemoryElement | None) -> None:
        """Move the focus; a text field that is left and has changed fires ``change``."""
        last = self._focused
        if element is last:
            return
        self._focused = element
        if last is not None:
            self._settle_value(last)
            self._fire(last, "blur")
            self._fire(last, "focusout")
        if element is not None:
            self._value_at_focus = element.value if _takes_text(element) else ""
            self._fire(element, "focus")
            self._fire(element, "focusin")

    def type(self, element: MemoryElement, text: str) -> MemoryEvent | None:
        """Type behind what the field holds, key by key; gives the last ``input`` event."""
        self.focus(element)
        last = None
        for character in text:
            last = self._key(element, "Enter" if character == "\n" else character, {}) or last
        return last

    def fill(self, element: MemoryElement, text: str) -> MemoryEvent:
        """Put ``text`` in place of what the field holds, as pasting does; gives the ``input`` event."""
        self.focus(element)
        if not _is_writable(element):
            return MemoryEvent("input", element, {})
        element.value = text
        return self._fire(element, "input", data=text, inputType="insertFromPaste", isComposing=False)

    def press(self, element: MemoryElement, key: str, **details: Any) -> None:
        """Press and release one key, by its DOM name: ``"Enter"``, ``"Escape"``, ``"a"``."""
        self.focus(element)
        self._key(element, key, details)

    def select(self, element: MemoryElement, choices: tuple[str, ...]) -> MemoryEvent:
        """Choose options by value or by what they show; gives the ``change`` event."""
        if _is_disabled(element):
            return MemoryEvent("change", element, {})
        self.focus(element)
        values = [_option(element, choice).value for choice in choices]
        element.value = values if element.multiple else values[-1]
        self._fire(element, "input")
        return self._fire(element, "change")

    # -- inside ---------------------------------------------------------------------------------------

    def _fire(self, element: MemoryElement, name: str, **details: Any) -> MemoryEvent:
        return self._host.fire(element, name, **details)

    def _activate(self, element: MemoryElement) -> MemoryEvent:
        """Fire ``click`` and do what it does by default."""
        actor = _actor(element)
        box = actor if actor is not None and actor.type in ("checkbox", "radio") else None
        if box is None:
            event = self._fire(element, "click", button=0, detail=1)
            if actor is not None and not event.defaultPrevented:
                self._act(actor, element)
            return event
        # A box is changed first, and changed back where a handler prevents it.
        before = box.checked
        others = [one for one in box.root.find_all("input") if one.checked]
        box.checked = True if box.type == "radio" else not before
        event = self._fire(element, "click", button=0, detail=1)
        if event.defaultPrevented:
            box.checked = before
            for one in others:
                one.checked = True
        elif box.checked is not before:
            self._fire(box, "input")
            self._fire(box, "change")
        return event

    def _act(self, actor: MemoryElement, clicked: MemoryElement) -> None:
        if actor.tag == "label":
            field = _field_of(actor)
            if field is not None and field is not clicked and not _is_disabled(field):
                self.focus(_focusable(field))
                self._activate(field)
        elif actor.tag == "summary":
            details = actor.parentNode
            if details is not None and details.attributes.pop("open", None) is None:
                details.attributes["open"] = ""
            if details is not None:
                self._fire(details, "toggle")
        elif (form := actor.closest("form")) is not None:
            kind = _button_type(actor)
            if kind in ("submit", "reset"):
                self._fire(form, kind, submitter=actor)

    def _key(self, element: MemoryElement, key: str, details: dict[str, Any]) -> MemoryEvent | None:
        down = self._fire(element, "keydown", **{"key": key, "isComposing": False, **details})
        happened = None
        if not down.defaultPrevented:
            happened = self._press_default(element, key)
        self._fire(element, "keyup", **{"key": key, "isComposing": False, **details})
        return happened

    def _press_default(self, element: MemoryElement, key: str) -> MemoryEvent | None:
        if key == "Enter" and element.tag == "input":
            self._settle_value(element)
            self._submit_from(element)
        elif (key == "Enter" and (element.tag == "button" or "href" in element.attributes)) or (
            key == " " and (element.tag == "button" or element.type in ("checkbox", "radio"))
        ):
            if not _is_disabled(element):
                self._activate(element)
        elif _takes_text(element) and _is_writable(element):
            return self._write(element, key)
        return None

    def _write(self, element: MemoryElement, key: str) -> MemoryEvent | None:
        value = element.value
        if key == "Backspace":
            changed, data, kind = value[:-1], None, "deleteContentBackward"
        elif key == "Enter":
            changed, data, kind = value + "\n", None, "insertLineBreak"
        elif len(key) == 1:
            changed, data, kind = value + key, key, "insertText"
        else:
            return None
        limit = element.attributes.get("maxlength", "")
        if limit.isdigit() and len(changed) > max(int(limit), len(value)):
            return None
        element.value = changed
        return self._fire(element, "input", data=data, inputType=kind, isComposing=False)

    def _settle_value(self, element: MemoryElement) -> None:
        if _takes_text(element) and element.value != self._value_at_focus:
            self._value_at_focus = element.value
            self._fire(element, "change")

    def _submit_from(self, field: MemoryElement) -> None:
        """Implicit submission (HTML Living Standard, 4.10.21.2)."""
        form = field.closest("form")
        if form is None:
            return
        buttons = [one for one in form.descendants() if _button_type(one) == "submit"]
        if buttons:
            if not _is_disabled(buttons[0]):
                self._activate(buttons[0])
            return
        texts = [one for one in form.find_all("input") if _takes_text(one)]
        if len(texts) == 1:
            self._fire(form, "submit", submitter=None)


def _is_disabled(element: MemoryElement) -> bool:
    field = element if element.tag in _FIELDS else element.closest("button")
    if field is None:
        return False
    if "disabled" in field.attributes or field.properties.get("disabled"):
        return True
    group = field.closest("fieldset")
    return group is not None and "disabled" in group.attributes


def _is_writable(element: MemoryElement) -> bool:
    return not _is_disabled(element) and "readonly" not in element.attributes


def _takes_text(element: MemoryElement) -> bool:
    return element.tag == "textarea" or (element.tag == "input" and element.type not in _NO_TEXT)


def _focusable(element: MemoryElement) -> MemoryElement | None:
    node: MemoryElement | None = element
    while node is not None:
        focusable = node.tag in _FIELDS or (node.tag in ("a", "area") and "href" in node.attributes)
        if focusable or "tabindex" in node.attributes or "contenteditable" in node.attributes:
            return node
        node = node.parentNode
    return None


def _actor(element: MemoryElement) -> MemoryElement | None:
    """The element whose default action a click on ``element`` carries out."""
    node: MemoryElement | None = element
    while node is not None and node.tag not in ("a", "button", "input", "label", "summary", "select"):
        node = node.parentNode
    return node


def _button_type(element: MemoryElement) -> str:
    if element.tag == "button":
        return element.attributes.get("type", "submit").lower()
    if element.tag == "input" and element.type in ("submit", "image", "reset"):
        return "reset" if element.type == "reset" else "submit"
    return ""


def _field_of(label: MemoryElement) -> MemoryElement | None:
    for field in label.root.descendants():
        if field.tag in ("input", "select", "textarea", "button") and label in labels_of(field):
            return field
    return None


def _option(element: MemoryElement, choice: str) -> MemoryElement:
    options = element.options
    for option in options:
        if choice in (option.value, words(option.textContent)):
            return option
    shown = ", ".join(repr(words(one.textContent)) for one in options) or "none"
    raise QueryError(
        f"the <select> has no option {choice!r}; its options are {shown}",
        next_step="name an option by its value or by what it shows",
    )
