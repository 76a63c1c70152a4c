"""How the value of an attribute hole reaches the page.

Some names are DOM properties, because the attribute would only set their initial value; the rest are
attributes (ruling 26). Addresses that would run code are refused (ruling 31).
"""

from __future__ import annotations

import re
from typing import Any

from metafor.core.graph import Getter
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host

__all__ = ["class_names", "set_attribute", "set_class", "set_style", "style_text", "text_of"]

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
_URL_ATTRIBUTES = frozenset(
    ("href", "src", "action", "formaction", "xlink:href", "data", "poster", "cite", "ping")
)
# Browsers ignore control characters and white space in front of and inside the scheme.
_INVISIBLE = re.compile(r"[\x00-\x20]+")
_DANGEROUS = re.compile(r"(?:javascript|vbscript):|data:text/html", re.IGNORECASE)


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


def set_attribute(host: Host, node: int, name: str, value: Any) -> None:
    """Set or remove one attribute or property."""
    property_name = PROPERTIES.get(name)
    if property_name is not None:
        host.emit(op.PROPERTY, node, property_name, _property_value(name, value))
        return
    if name == "style" and isinstance(value, dict):
        value = style_text(value)
    elif name == "class" and not isinstance(value, str):
        value = class_names(value)
    if name.startswith(("aria-", "data-")) and isinstance(value, bool):
        value = "true" if value else "false"
    if value is None or value is False:
        host.emit(op.ATTRIBUTE, node, name, None)
        return
    text = "" if value is True else str(value)
    if name.lower() in _URL_ATTRIBUTES and _DANGEROUS.match(_INVISIBLE.sub("", text)):
        _warn_refused(name)
        text = "about:blank"
    host.emit(op.ATTRIBUTE, node, name, text)


def set_class(host: Host, node: int, name: str, value: Any) -> None:
    """Add the class when ``value`` is true, else remove it."""
    host.emit(op.CLASS, node, name, bool(value))


def set_style(host: Host, node: int, name: str, value: Any) -> None:
    """Set one style property; None and False remove it."""
    host.emit(op.STYLE, node, name, None if value is None or value is False else str(value))


def _property_value(name: str, value: Any) -> Any:
    if name == "value":
        return None if value is None else str(value)
    if name == "inner_html":
        return text_of(value)
    return bool(value)


def class_names(value: Any) -> str | None:
    """The text of a ``class``: the names in a list, or those of a dict whose value is true."""
    if isinstance(value, dict):
        return " ".join(str(name) for name, on in value.items() if on)
    if isinstance(value, (list, tuple, set, frozenset)):
        return " ".join(str(name) for name in value if name)
    return None if value is None or value is False else str(value)


def style_text(value: Any) -> str:
    """The text of a ``style``: a dict maps properties (``font_size``) to values, None leaves one out."""
    if isinstance(value, dict):
        return ";".join(f"{key.replace('_', '-')}:{item}" for key, item in value.items() if item is not None)
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
