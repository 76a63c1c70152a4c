"""Elements that an HTML parser would not leave where they are written, and elements that do not exist.

The template is handed to an HTML parser once, so its tree must be the one that is written (HTML Living
Standard, 13.2.6). The walk keeps a context per open element, which makes every check constant time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from metafor.compiler.analyze.attributes import check_attributes
from metafor.compiler.diagnostics import Reporter, guess
from metafor.compiler.html import (
    BLOCKS_CLOSE_P,
    BREAKOUT,
    ELEMENTS,
    FOREIGN_ELEMENTS,
    INTEGRATION_POINTS,
    SHARED_ELEMENTS,
    SPECIAL,
    TABLE_CONTENT,
    TABLE_PARENTS,
    TEXT_ONLY,
)
from metafor.compiler.parse.nodes import Child, Element, Fragment, Hole, Text

__all__ = ["check_markup"]

_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_DOCUMENT: Final = frozenset({"html", "head", "body", "frame", "frameset"})
_SCOPE: Final = frozenset(
    ["applet", "caption", "table", "td", "th", "marquee", "object", "template", "select"]
)
_MARKERS: Final = frozenset(["applet", "object", "marquee", "template", "td", "th", "caption"])
#: Ends when the same element begins: open element -> the start tags that end it.
_ALONE: Final = {
    "option": frozenset({"option", "optgroup"}),
    "optgroup": frozenset({"optgroup"}),
    "rt": frozenset({"rt", "rp", "rtc", "rb"}),
    "rp": frozenset({"rt", "rp", "rtc", "rb"}),
}


@dataclass(slots=True)
class _Context:
    """What is open around a place in a template; None where nothing of the kind is."""

    parent: str = ""
    p: Element | None = None
    a: Element | None = None
    button: Element | None = None
    form: Element | None = None
    li: Element | None = None
    term: Element | None = None
    template: Element | None = None
    select: Element | None = None
    foreign: bool = False
    #: Whether SVG has all that is open, too: then this may be a part of a picture.
    shared: bool = True


def check_markup(reporter: Reporter, fragment: Fragment, components: frozenset[str]) -> None:
    """Report what is wrong with the elements of one template: a markup literal, the content of
    ``@ptml``, or the children of a component. Components in it are looked at for their attributes only;
    ``components`` are the names that an unknown element may have meant.
    """
    root = _Context()
    _check_roots(reporter, fragment.children)
    stack: list[tuple[Child, _Context]] = [(child, root) for child in reversed(fragment.children)]
    while stack:
        child, context = stack.pop()
        if isinstance(child, Text):
            _check_text(reporter, child, context)
        elif isinstance(child, Hole):
            _check_hole(reporter, child, context)
        else:
            check_attributes(reporter, child)
            if child.target is not None:
                _check_component(reporter, child, context)
                continue
            _check_element(reporter, child, context, components)
            if child.children:
                inner = _enter(child, context)
                stack += ((grandchild, inner) for grandchild in reversed(child.children))


def _enter(element: Element, context: _Context) -> _Context:
    name = element.name
    if context.foreign or name in ("svg", "math") or _foreign_root(element, context):
        if element.tag in INTEGRATION_POINTS:
            return _Context(parent=name, template=context.template, shared=False)
        return replace(context, parent=name, foreign=True)
    p, button, li, term, a = context.p, context.button, context.li, context.term, context.a
    if name in _SCOPE:
        p = button = None
    if name in SPECIAL and name not in ("address", "div", "p"):
        li = term = None
    if name in _MARKERS:
        a = None
    return _Context(
        parent=name,
        p=element if name == "p" else None if name == "button" else p,
        a=element if name == "a" else a,
        shared=context.shared and name in SHARED_ELEMENTS,
        button=element if name == "button" else button,
        form=element if name == "form" else None if name == "template" else context.form,
        li=element if name == "li" else li,
        term=element if name in ("dd", "dt") else term,
        template=element if name == "template" else context.template,
        select=element if name == "select" else context.select,
    )


def _foreign_root(element: Element, context: _Context) -> bool:
    return context.shared and element.tag in FOREIGN_ELEMENTS and element.name not in ELEMENTS


def _check_roots(reporter: Reporter, children: list[Child]) -> None:
    """Parts of a table at the root of a template: the parser takes its whole content as that part's."""
    parts = [c for c in children if isinstance(c, Element) and c.target is None and c.name in TABLE_PARENTS]
    if not parts:
        return
    parents = TABLE_PARENTS[parts[0].name]
    for child in children:
        if isinstance(child, Text):
            wrong, what = bool(child.value.strip()), "text"
        elif isinstance(child, Element) and child.target is None:
            wrong, what = TABLE_PARENTS.get(child.name) != parents, f"`<{child.tag}>`"
        else:
            continue
        if wrong:
            _nesting(
                reporter,
                child,
                f"{what} cannot stand beside `<{parts[0].tag}>`",
                f"put the `<{parts[0].tag}>` into its table, or into a component of its own",
            )


def _check_text(reporter: Reporter, text: Text, context: _Context) -> None:
    if (
        context.parent in TABLE_CONTENT
        and context.parent not in ("select", "optgroup")
        and text.value.strip()
    ):
        _nesting(
            reporter,
            text,
            f"text cannot stand directly in `<{context.parent}>`: the parser moves it before the table",
            "put it into a `<td>` or a `<caption>`",
        )


def _check_hole(reporter: Reporter, hole: Hole, context: _Context) -> None:
    if context.template is not None:
        _nesting(
            reporter,
            hole,
            "a hole cannot stand in `<template>`: its content is not part of the page",
            "use a component instead of `<template>`",
        )


def _check_component(reporter: Reporter, element: Element, context: _Context) -> None:
    if context.parent in TEXT_ONLY:
        _nesting(
            reporter,
            element,
            f"`<{context.parent}>` holds text alone",
            "put the text there with a hole",
        )
    elif context.template is not None:
        _nesting(
            reporter,
            element,
            "a component cannot stand in `<template>`: its content is not part of the page",
            "use a component instead of `<template>`",
        )


def _check_element(
    reporter: Reporter, element: Element, context: _Context, components: frozenset[str]
) -> None:
    name, parent = element.name, context.parent
    if name == "script":
        reporter.report(
            "script-element",
            element.start,
            element.tag_end,
            "a `<script>` in a template never runs",
            "put it into the page's `index.html`, or do its work in Python",
        )
        return
    if context.foreign:
        if name in BREAKOUT:
            _nesting(
                reporter,
                element,
                f"`<{element.tag}>` is HTML and would end the `<svg>` or `<math>` around it",
                "put it into a `<foreignObject>`",
            )
        return
    if name in _DOCUMENT:
        _nesting(
            reporter,
            element,
            f"`<{element.tag}>` cannot stand in a template",
            "it belongs to the page: see `index.html`",
        )
        return
    if _unknown(reporter, element, context, components):
        return
    wrong = _why_not(element, context)
    if wrong is not None:
        _nesting(reporter, element, *wrong)
    elif context.template is not None and any(True for _ in element.holes()):
        _check_hole(reporter, next(element.holes()), context)
    elif parent in TEXT_ONLY:
        _nesting(reporter, element, f"`<{parent}>` holds text alone", "write `&lt;` for a `<` in the text")


def _unknown(reporter: Reporter, element: Element, context: _Context, components: frozenset[str]) -> bool:
    name = element.name
    if name in ELEMENTS or "-" in name or _foreign_root(element, context):
        return False
    if element.tag in FOREIGN_ELEMENTS:
        hint = f"`<{element.tag}>` stands inside `<svg>` or `<math>`"
    else:
        # A component in small letters before an element that is merely spelt alike.
        same = next((one for one in components if one.lower() == name), None)
        close = same or guess(name, ELEMENTS)
        hint = (
            f"did you mean `<{close}>`?"
            if close
            else "a component begins with a capital, a custom element has a hyphen"
        )
    reporter.report(
        "unknown-element",
        element.start + 1,
        element.start + 1 + len(element.tag),
        f"unknown element `<{element.tag}>`",
        hint,
    )
    return True


def _why_not(element: Element, context: _Context) -> tuple[str, str] | None:
    """Why the parser would not leave ``element`` here, and what to do; None when it would."""
    name, tag, parent = element.name, element.tag, context.parent
    if parent and name in TABLE_PARENTS and parent not in TABLE_PARENTS[name]:
        parents = " or ".join(f"`<{p}>`" for p in sorted(TABLE_PARENTS[name]))
        return f"`<{tag}>` cannot stand directly in `<{parent}>`", f"put it into {parents}"
    if parent in TABLE_CONTENT and name not in TABLE_CONTENT[parent]:
        allowed = ", ".join(
            f"`<{c}>`" for c in sorted(TABLE_CONTENT[parent] - {"script", "style", "template"})
        )
        return f"`<{tag}>` cannot stand directly in `<{parent}>`", f"it takes {allowed}"
    if context.p is not None and name in BLOCKS_CLOSE_P:
        return f"`<{tag}>` cannot stand in `<p>`: it ends the paragraph", "make the `<p>` a `<div>`"
    if name in _HEADINGS and parent in _HEADINGS:
        return f"`<{tag}>` cannot stand in `<{parent}>`", "close the first heading before"
    if name in _ALONE.get(parent, ()):
        return f"`<{tag}>` cannot stand in `<{parent}>`: it ends it", f"close the `<{parent}>` before"
    for kind, around in (
        ("a", context.a),
        ("button", context.button),
        ("form", context.form),
        ("select", context.select),
        ("li", context.li),
    ):
        if name == kind and around is not None:
            hint = "put a list around it" if name == "li" else "close the first one before"
            return f"`<{tag}>` cannot stand in another `<{tag}>`", hint
    if name in ("dd", "dt") and context.term is not None:
        return f"`<{tag}>` cannot stand in `<{context.term.tag}>`", "put a `<dl>` around it"
    return None


def _nesting(reporter: Reporter, node: Child, message: str, hint: str) -> None:
    end = node.start + 1 + len(node.tag) if isinstance(node, Element) else node.end
    reporter.report("invalid-nesting", node.start, end, message, hint)
