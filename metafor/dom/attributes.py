"""How the value of an attribute hole reaches the page.

Some names are DOM properties, because the attribute would only set their initial value; the rest are
attributes (ruling 26). Addresses that would run code are refused, and a value stays inside its own CSS
declaration (ruling 31).
"""

from __future__ import annotations

from typing import Any

from metafor.core.graph import Getter
from metafor.dom.css import declaration, is_one_value
from metafor.dom.errors import AttributeValueError
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host
from metafor.dom.urls import runs_code

__all__ = [
    "class_names",
    "field_text",
    "is_plain",
    "set_attribute",
    "set_class",
    "set_property",
    "set_style",
    "style_text",
    "text_of",
]

#: Properties that a user changes behind the attribute's back, or that have no attribute.
PROPERTIES = {
    "value": "value",
    "checked": "checked",
    "selected": "selected",
    "muted": "muted",
    "indeterminate": "indeterminate",
    "inner_html": "innerHTML",
}
ALIASES = {"className": "class", "htmlFor": "for"}
#: Attributes of two words where HTML wants the word: an empty one would mean neither.
_SPELT_OUT = frozenset(("draggable", "spellcheck", "contenteditable"))
_URL_ATTRIBUTES = frozenset(
    (
        *("href", "src", "action", "formaction", "xlink:href", "data", "poster", "cite", "ping"),
        # What an SVG animation gives to another attribute, an href for one.
        *("to", "from", "by", "values"),
    )
)


def text_of(value: Any) -> str:
    """What a value is as text: None, True and False are nothing (ruling 23)."""
    if value is None or value is True or value is False:
        return ""
    return value if type(value) is str else str(value)


def read_through(value: Any) -> Any:
    """The value behind a getter, tracked; any other value as it is."""
    while isinstance(value, Getter):
        value = value()
    return value


def is_plain(name: str) -> bool:
    """Whether a text is set as the attribute ``name`` as it is."""
    return name not in PROPERTIES and name.lower() not in _URL_ATTRIBUTES


def set_attribute(host: Host, node: int, name: str, value: Any) -> None:
    """Set or remove one attribute or property."""
    property_name = PROPERTIES.get(name)
    if property_name is not None:
        host.emit(op.PROPERTY, node, property_name, _property_value(name, value))
        return
    if name == "style" and not isinstance(value, str):
        value = style_text(value) or None
    elif name == "class" and not isinstance(value, str):
        value = class_names(value)
    if isinstance(value, bool) and (name.startswith(("aria-", "data-")) or name in _SPELT_OUT):
        value = "true" if value else "false"
    if value is None or value is False:
        host.emit(op.ATTRIBUTE, node, name, None)
        return
    text = "" if value is True else str(value)
    if name.lower() in _URL_ATTRIBUTES and runs_code(text):
        _warn_refused(name)
        text = "about:blank"
    host.emit(op.ATTRIBUTE, node, name, text)


def set_class(host: Host, node: int, name: str, value: Any) -> None:
    """Add the class when ``value`` is true, else remove it."""
    host.emit(op.CLASS, node, name, bool(value))


def set_style(host: Host, node: int, name: str, value: Any) -> None:
    """Set one style property; None, False and what is no single value remove it."""
    text = "" if value is None or value is False else str(value)
    host.emit(op.STYLE, node, name, text if text and is_one_value(text) else None)


def set_property(host: Host, node: int, name: str, value: Any) -> None:
    """``prop:name``: set a DOM property to what JSON can carry; lists and dicts arrive as objects."""
    import json

    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise AttributeValueError(
            f"prop:{name} was given {type(value).__name__}, which JSON cannot carry: {problem}",
            next_step="give it text, numbers, lists and dicts; set anything else through a ref",
        ) from None
    host.emit(op.PROPERTY, node, name, value)


def _property_value(name: str, value: Any) -> Any:
    if name == "value":
        return field_text(value)
    if name == "inner_html":
        return text_of(value)
    return bool(value)


def field_text(value: Any) -> Any:
    """What a field shows of a value: text; None for nothing; a list of texts for several chosen options.

    Dates and times are written as HTML wants them: local, to the millisecond.
    """
    if value is None or type(value) is str:
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [str(item) for item in value]
    if hasattr(value, "isoformat") and hasattr(value, "microsecond"):
        text: str = value.replace(tzinfo=None).isoformat(timespec="milliseconds")
        # As short as a field writes it itself: writing another form would disturb who types.
        return text.removesuffix(".000").removesuffix(":00")
    return str(value)


def class_names(value: Any) -> str | None:
    """The text of a ``class``: the names in a list, those of a dict whose value is true, to any depth."""
    value = read_through(value)
    if isinstance(value, dict):
        return " ".join(str(name) for name, on in value.items() if read_through(on))
    if isinstance(value, (list, tuple, set, frozenset)):
        return " ".join(filter(None, map(class_names, value)))
    return None if value is None or isinstance(value, bool) else str(value)


def style_text(value: Any) -> str:
    """The text of a ``style``: a dict maps properties (``font_size``) to values, None and False leave one
    out; a list holds several styles.
    """
    value = read_through(value)
    if isinstance(value, dict):
        items = ((str(name), read_through(item)) for name, item in value.items())
        return ";".join(filter(None, (declaration(name, item) for name, item in items)))
    if isinstance(value, (list, tuple)):
        return ";".join(filter(None, map(style_text, value)))
    return text_of(value)


def _warn_refused(name: str) -> None:
    import warnings

    from metafor.core import get_owner
    from metafor.dom.components import component_path

    warnings.warn(
        f"{component_path(get_owner())}: a {name!r} that would run code was replaced by about:blank",
        RuntimeWarning,
        stacklevel=2,
    )
