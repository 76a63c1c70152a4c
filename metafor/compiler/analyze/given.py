"""What components are given: attributes that they do not take, and those that they cannot do without.

Known of metafor's own components and of those that the file declares props for; the others say at run
time what they miss.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from metafor.compiler.diagnostics import Reporter, guess
from metafor.compiler.parse.foreign import known_elsewhere
from metafor.compiler.parse.nodes import Attribute, Component, Element

__all__ = ["BUILTINS", "Takes", "check_given", "takes_of"]


@dataclass(frozen=True, slots=True)
class Takes:
    """The attributes of a component: all it takes, and those of them that it needs."""

    known: Collection[str]
    needed: Collection[str] = field(default=())


#: metafor's own components. `<Dynamic>` hands on what it is given.
BUILTINS: Final = {
    "For": Takes(("each", "key", "fallback"), ("each",)),
    "Index": Takes(("each", "fallback"), ("each",)),
    "Show": Takes(("when", "fallback"), ("when",)),
    "Switch": Takes(("fallback",)),
    "Match": Takes(("when",), ("when",)),
    "Portal": Takes(("mount",)),
    "ErrorBoundary": Takes(("fallback",), ("fallback",)),
    "Suspense": Takes(("fallback",)),
}


def takes_of(component: Component) -> Takes | None:
    """What a component of the file takes; None when it takes anything, or when that cannot be told."""
    if component.body is None or not component.props:
        return None
    needed = [prop.name for prop in component.props if prop.default is None]
    return Takes([prop.name for prop in component.props], needed)


def check_given(reporter: Reporter, element: Element, takes: Takes, *, own: bool) -> None:
    """Compare what a component tag gives with what the component takes. ``own`` says it is metafor's."""
    given = [one for one in element.attributes if isinstance(one, Attribute)]
    sound = len(given) == len(element.attributes)
    for attribute in given:
        name = attribute.name
        if ":" in name or known_elsewhere(name, component=True):
            # Another diagnostic; it may be what seems to be missing.
            sound = False
            continue
        if name in takes.known or name == "children":
            continue
        close = guess(name, takes.known)
        hint = f"it takes {', '.join(f'`{one}`' for one in takes.known)}"
        if not own:
            hint += f"; declare it with `@prop {name}`"
        reporter.report(
            "unknown-attribute",
            attribute.start,
            attribute.start + len(name),
            f"`<{element.tag}>` takes no attribute `{name}`",
            f"did you mean `{close}`?" if close else hint,
        )
    if not sound:
        # A spread, too, may hold whatever is missing.
        return
    names = {attribute.name for attribute in given}
    for name in takes.needed:
        if name not in names and not (name == "children" and element.children):
            reporter.report(
                "missing-attribute",
                element.start,
                element.start + 1 + len(element.tag),
                f"`<{element.tag}>` needs the attribute `{name}`",
                f"write `{name}=@{{…}}`" + ("" if own else f", or declare a default: `@prop {name} = …`"),
            )
