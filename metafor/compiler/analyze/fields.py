"""Whether what `bind:` ties is there: a field of the right kind."""

from __future__ import annotations

from typing import Final

from metafor.compiler.parse.nodes import Attribute, Element

__all__ = ["misbound"]

#: By the type of an `<input>`; other types hold a value.
_BY_TYPE: Final[dict[str, tuple[str, ...]]] = {
    "checkbox": ("checked", "group"),
    "radio": ("group",),
    "file": ("files",),
}
_BY_TAG: Final[dict[str, tuple[str, ...]]] = {"textarea": ("value",), "select": ("value",)}


def misbound(element: Element, name: str) -> tuple[str, str] | None:
    """What is wrong with ``bind:name`` on an element and what to do about it; None if nothing is.

    A type that is not a literal may be any, and custom elements know themselves what they hold.
    """
    if "-" in element.tag:
        return None
    if element.name != "input":
        fitting = _BY_TAG.get(element.name)
        if fitting is None:
            return f"`<{element.tag}>` is no field", "`<input>`, `<textarea>` and `<select>` are"
        field = f"`<{element.tag}>`"
    else:
        kind = _literal_type(element)
        if kind is None:
            return None
        fitting = _BY_TYPE.get(kind, ("value",))
        field = f'`<input type="{kind}">`'
    if name in fitting:
        return None
    return f"{field} cannot be bound by `bind:{name}`", "use " + " or ".join(
        f"`bind:{one}`" for one in fitting
    )


def _literal_type(element: Element) -> str | None:
    for attribute in element.attributes:
        if not isinstance(attribute, Attribute):
            return None  # a mapping that is spread may say it
        if attribute.name.lower() == "type":
            value = attribute.value
            if isinstance(value, list):
                value = value[0] if len(value) == 1 and isinstance(value[0], str) else None
            return value.lower() if isinstance(value, str) else None
    return "text"
