"""What an attribute of an element is: a plain one, an event handler, a toggle, a binding."""

from __future__ import annotations

from typing import Final

from metafor.compiler.analyze.fields import misbound
from metafor.compiler.diagnostics import Reporter, guess
from metafor.compiler.html import EVENT_MODIFIERS, EVENTS, FOREIGN_ELEMENTS
from metafor.compiler.parse.foreign import known_elsewhere
from metafor.compiler.parse.nodes import Attribute, Element, Hole

__all__ = ["check_attributes", "classify"]

_ALIASES: Final = {"classname": "class", "htmlfor": "for"}
_BINDINGS: Final = ("value", "checked", "group", "files")
_DIRECTIVES: Final = ("class", "style", "bind", "prop")
#: Prefixes that XML gave to SVG.
_NAMESPACES: Final = ("xlink", "xml", "xmlns")


def classify(element: Element, name: str) -> tuple[str, str]:
    """The kind of an element's attribute and the name that goes with the kind.

    Kinds are ``attr``, ``on`` (the event's name, and its modifiers in order: ``click:once:prevent``),
    ``ref``, ``class``, ``style``, ``bind`` and ``prop`` (what stands behind the colon); ``unknown`` for a
    prefix that means nothing. Events of custom elements may have any name: ``on:itemPicked``.
    """
    prefix, colon, rest = name.partition(":")
    if colon and prefix not in _NAMESPACES:
        if prefix == "on" and "-" in element.tag:
            event, *modifiers = rest.split(":")
            return ("on", ":".join([event, *sorted(modifiers)])) if event else ("unknown", name)
        if prefix[:2].lower() == "on" and len(prefix) > 2:
            return "on", ":".join([prefix[2:].lower(), *sorted(rest.split(":"))])
        return (prefix, rest) if prefix in _DIRECTIVES and rest else ("unknown", name)
    if name == "ref":
        return "ref", ""
    lowered = name.lower()
    # A custom element may have an attribute that only begins like an event.
    own = "-" in element.tag and "-" not in name and lowered[2:] not in EVENTS
    if lowered.startswith("on") and len(name) > 2 and not own:
        return "on", lowered[2:]
    if lowered in _ALIASES:
        return "attr", _ALIASES[lowered]
    foreign = element.tag in FOREIGN_ELEMENTS or element.tag in ("svg", "math")
    return "attr", name if foreign else lowered


def check_attributes(reporter: Reporter, element: Element) -> None:
    """Report what is wrong with the attributes of an element or a component."""
    seen: dict[tuple[str, str], str] = {}
    for attribute in element.attributes:
        if not isinstance(attribute, Attribute):
            continue
        own_event = "-" in element.tag and attribute.name.startswith("on:")
        if not own_event and (here := known_elsewhere(attribute.name, component=element.target is not None)):
            message = f"`{attribute.name}` is of another template language"
            _report(reporter, attribute, "foreign-syntax", message, f"write {here}")
            continue
        if element.target is not None:
            if ":" in attribute.name:
                _report(
                    reporter,
                    attribute,
                    "unknown-directive",
                    f"`{attribute.name}` is for elements and cannot stand on the component `<{element.tag}>`",
                    "give the component a prop instead",
                )
            continue
        kind, name = classify(element, attribute.name)
        _check(reporter, attribute, kind, name)
        if kind == "bind" and name in _BINDINGS and (wrong := misbound(element, name)):
            _report(reporter, attribute, "unknown-directive", *wrong)
        first = seen.setdefault((kind, name), attribute.name)
        if first != attribute.name:
            _report(
                reporter,
                attribute,
                "duplicate-attribute",
                f"`{attribute.name}` is the same attribute as `{first}`",
                "keep one of them",
            )


def _check(reporter: Reporter, attribute: Attribute, kind: str, name: str) -> None:
    written = attribute.name
    if kind == "unknown":
        prefix = written.partition(":")[0]
        meant = guess(prefix, _DIRECTIVES)
        hint = "`class:name`, `style:name`, `bind:name` and `prop:name` exist"
        if meant:
            hint = f"did you mean `{meant}:{written.partition(':')[2] or 'name'}`?"
        _report(reporter, attribute, "unknown-directive", f"`{written}` is no directive", hint)
        return
    if kind == "on":
        if not _check_event(reporter, attribute, name):
            return
    elif kind == "bind" and name not in _BINDINGS:
        meant = guess(name, _BINDINGS)
        _report(
            reporter,
            attribute,
            "unknown-directive",
            f"`{written}` binds nothing",
            f"did you mean `bind:{meant}`?"
            if meant
            else "`bind:value`, `bind:checked`, `bind:group` and `bind:files` exist",
        )
        return
    if kind != "attr" and not isinstance(attribute.value, Hole):
        example = "handler" if kind == "on" else "(get, set)" if kind == "bind" else "expression"
        _report(
            reporter,
            attribute,
            "needs-hole",
            f"`{written}` takes Python",
            f"write `{written}=@{{{example}}}`",
        )


def _check_event(reporter: Reporter, attribute: Attribute, event: str) -> bool:
    event, *modifiers = event.split(":")
    written = attribute.name.partition(":")[0]
    if written == "on":
        return _check_modifiers(reporter, attribute, modifiers)
    if written == f"on{event}" and (event in EVENTS or "-" in event):
        return _check_modifiers(reporter, attribute, modifiers)
    meant = event if event in EVENTS else guess(event, EVENTS)
    _report(
        reporter,
        attribute,
        "unknown-event",
        f"`{written}` is not an event",
        f"did you mean `on{meant}`?"
        if meant
        else "the name of an event of your own has a hyphen: `onmy-event`",
    )
    return False


def _check_modifiers(reporter: Reporter, attribute: Attribute, modifiers: list[str]) -> bool:
    for modifier in modifiers:
        if modifier not in EVENT_MODIFIERS:
            meant = guess(modifier, EVENT_MODIFIERS)
            known = ", ".join(f"`:{name}`" for name in sorted(EVENT_MODIFIERS))
            message = f"`:{modifier}` is no modifier of an event"
            hint = f"did you mean `:{meant}`?" if meant else f"there are {known}"
        elif modifiers.count(modifier) > 1:
            message, hint = f"`:{modifier}` is given twice", "keep one of them"
        elif modifier == "passive" and "prevent" in modifiers:
            message = "`:passive` promises not to prevent what the browser does, `:prevent` prevents it"
            hint = "keep one of them"
        else:
            continue
        _report(reporter, attribute, "unknown-modifier", message, hint)
        return False
    return True


def _report(reporter: Reporter, attribute: Attribute, code: str, message: str, hint: str) -> None:
    reporter.report(code, attribute.start, attribute.start + len(attribute.name), message, hint)
