"""Which component a tag means, and whether its child is a row function."""

from __future__ import annotations

import ast
import builtins
from typing import Final

from metafor.compiler.analyze.analysis import Analysis
from metafor.compiler.analyze.scopes import Scopes
from metafor.compiler.diagnostics import guess
from metafor.compiler.html import ELEMENTS, FOREIGN_ELEMENTS
from metafor.compiler.parse.nodes import Element, Hole, MarkupExpr, Spread

__all__ = ["BUILTIN_COMPONENTS", "resolve_row", "root_of", "unknown_component"]

BUILTIN_COMPONENTS: Final = frozenset(
    ["For", "Index", "Show", "Switch", "Match", "Portal", "Dynamic", "ErrorBoundary", "Suspense"]
)

#: Built-in components whose child is a row function with live parameters (ruling 28).
_ROWS: Final = frozenset({"For", "Index"})


#: What other languages have, and what is written here.
_ELSEWHERE: Final = {
    "Fragment": "<>…</>",
    "React": "<>…</>",
    "Teleport": "Portal",
    "If": "Show",
    "Else": "Show fallback=@{…}",
    "Each": "For",
    "Slot": "@{children}",
}


def root_of(target: ast.expr) -> ast.Name | None:
    """The name that a tag begins with: ``ui`` of ``<ui.Button>``."""
    while isinstance(target, ast.Attribute):
        target = target.value
    return target if isinstance(target, ast.Name) else None


def resolve_row(scopes: Scopes, analysis: Analysis, element: Element, builtin: str | None) -> None:
    """If ``element`` is metafor's own ``builtin`` and takes rows, check and note its row function."""
    if builtin not in _ROWS:
        return
    child = element.children[0] if len(element.children) == 1 else None
    if not isinstance(child, Hole) or isinstance(child.expr, MarkupExpr):
        given = any(isinstance(one, Spread) or one.name == "children" for one in element.attributes)
        broken = any(isinstance(one, Hole) and one.expr is None for one in element.children)
        if not given and not broken:
            _report_rows(scopes, element)
        return
    analysis.takes_rows.add(element)
    if not isinstance(child.expr, ast.Lambda):
        return
    row = child.expr
    arguments = row.args
    plain = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    needed = [default for default in arguments.kw_defaults if default is None]
    if arguments.vararg or arguments.kwarg or needed or plain not in (1, 2):
        scopes.report(
            row,
            "row-function",
            f"the row function of `<{element.tag}>` takes the item, or the item and its index",
            "write `lambda item: …` or `lambda item, index: …`",
        )
    else:
        analysis.rows[row] = plain
        keyed = any(isinstance(one, Spread) or one.name == "key" for one in element.attributes)
        if builtin == "For" and not keyed:
            # Without a key, another object is another row (ruling 28).
            analysis.item_rows.add(row)


def _report_rows(scopes: Scopes, element: Element) -> None:
    start, end = element.start, element.start + 1 + len(element.tag)
    hint = "write `@{lambda item: <li>@{item}</li>}`"
    source = scopes.reporter.source
    if element.children:
        start, end = element.children[0].start, element.children[-1].end
        start += len(source.text[start:end]) - len(source.text[start:end].lstrip())
        end = min(end, source.line_end(source.line_of(start)))
        if source.text.startswith("{", start):
            hint = "a hole begins with `@{`"
    scopes.reporter.report(
        "row-function",
        start,
        end,
        f"`<{element.tag}>` holds one function, which makes a row of an item",
        hint,
    )


def unknown_component(scopes: Scopes, element: Element, name: str) -> None:
    """Report a tag that begins with a name which nothing in the file binds."""
    if hasattr(builtins, name):
        return
    if here := _ELSEWHERE.get(name):
        hint = f"did you mean `{here}`?" if here.isidentifier() else f"write `{here}`"
        _report(scopes, element, name, hint)
        return
    known = set(BUILTIN_COMPONENTS)
    for scope in scopes.stack:
        known.update(bound for bound in scope.bound if bound[:1].isupper() or "." in element.tag)
    close = guess(name, known)
    if close is None:
        close = next((e for e in ELEMENTS | FOREIGN_ELEMENTS if e.lower() == name.lower()), None)
    _report(
        scopes,
        element,
        name,
        f"did you mean `{close}`?" if close else f'import it, or define it with `@component("{name}")`',
    )


def _report(scopes: Scopes, element: Element, name: str, hint: str) -> None:
    start = element.start + 1
    scopes.reporter.report(
        "unknown-component", start, start + len(element.tag), f"unknown component `{name}`", hint
    )
