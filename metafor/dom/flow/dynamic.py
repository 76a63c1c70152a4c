"""``<Dynamic component=@{…}/>``: a component, or the name of an element, that is chosen at run time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from metafor.core.graph import Memo
from metafor.dom.attributes import read_through
from metafor.dom.components import Component, Element, PropsMapping, component
from metafor.dom.errors import DomError
from metafor.dom.foreign import AROUND
from metafor.dom.template import Template

__all__ = ["Dynamic"]

_ELEMENT_NAME = re.compile(r"[a-z][a-zA-Z0-9]*(?:-[a-z0-9]+)*")
_NEVER = frozenset(("script", "style", "template", "plaintext"))


@component
def Dynamic(props: Mapping[str, Any]) -> Any:
    """Show ``component``, with the other attributes and the children; None shows nothing.

    ``component`` is a component or an element's name in lower case; when it changes, what was shown is
    disposed and the other is made. An element takes no ``inner_html`` and no ``srcdoc`` this way: the
    attributes may come from a mapping, and HTML is the author's word.
    """
    assert isinstance(props, PropsMapping)
    rest = props.sources("component")

    chosen = Memo(lambda: (read_through(props.get("component")),), equals=lambda old, new: old[0] is new[0])

    def attributes() -> dict[str, Any]:
        return {name: value for name, value in props.items() if name not in ("component", "children")}

    def shown() -> Any:
        (target,) = chosen()
        if target is None:
            return None
        if isinstance(target, Component):
            return Element(target, rest)
        if isinstance(target, str) and _ELEMENT_NAME.fullmatch(target) and target.lower() not in _NEVER:
            return _element_template(target)(attributes, lambda: props.get("children"))
        raise DomError(
            f"<Dynamic component> was given {target!r}",
            next_step="give it a component, the name of an element such as 'h2', or None",
        )

    return shown


@lru_cache(maxsize=128)
def _element_template(tag: str) -> Template:
    place = {"svg": "svg", "math": "math", "foreignObject": "html"}.get(tag, "")
    slots = ((0, "spread", ""), (0, "only", place))
    return Template(f"<{tag}></{tag}>", ((0,),), slots, (0,), AROUND)
