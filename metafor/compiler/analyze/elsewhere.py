"""Text that is code in other template languages: allowed, and hardly ever meant.

Braces in text are text (ruling 24), so ``<p>{name}</p>`` shows a brace. `metafor check` warns where the
braces hold a name of the file, or what begins a block elsewhere; not in elements that show code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from metafor.compiler.diagnostics import Reporter
from metafor.compiler.parse.nodes import (
    Child,
    Component,
    ComponentStmt,
    Element,
    Hole,
    MarkupExpr,
    Template,
    Text,
)

__all__ = ["lint_text"]

_VERBATIM: Final = frozenset({"code", "kbd", "listing", "pre", "samp", "style", "textarea"})
#: A comment is none of the text; neither are a hole and the escape `@@{`.
_FOREIGN: Final = re.compile(
    r"""<!--.*?-->|@@?\{
    |(?P<double>\{\{[^{}\n]{1,80}\}\})
    |(?P<block>\{[#/:][a-z]++[^{}\n]{0,80}\}|\{%[^{}\n]{1,80}%\})
    |(?P<comment>\{/\*[^{}]{0,400}\*/\})
    |(?P<dollar>\$\{[^{}\n]{1,80}\})
    |(?P<at>@(?:if|else|elseif|for|foreach|each|while|switch|unless)\b[^@{}<\n]{0,80}\{)
    |(?P<name>\{[ \t]*+(?P<root>[^\W\d]\w*+)[^{}\n]{0,80}\}?+)""",
    re.VERBOSE | re.DOTALL,
)
_STEPS: Final = {
    "double": 'a hole is `@{…}`; a brace that is text is `@{"{"}`',
    "block": "write `<Show when=@{…}>` or `<For each=@{…}>`",
    "comment": "a comment is `<!-- … -->`",
    "dollar": "a hole is `@{…}`",
    "at": "write `<Show when=@{…}>` or `<For each=@{…}>`",
    "name": 'a hole is `@{…}`; a brace that is text is `@{"{"}`',
}


def lint_text(template: Template, reporter: Reporter) -> None:
    """Warn of text that looks like another language's code."""
    source = reporter.source.text
    if "{" not in source:
        return
    names: set[str] = set()
    texts = list(_texts(template, names))
    for text in texts:
        for found in _FOREIGN.finditer(source, text.start, text.end):
            kind = found.lastgroup
            if kind == "root":
                kind = "name"
            if kind is None or (kind == "name" and found["root"] not in names):
                continue
            end = min(found.end(), reporter.source.line_end(reporter.source.line_of(found.start())))
            shown = source[found.start() : end]
            reporter.report(
                "foreign-syntax",
                found.start(),
                end,
                f"`{shown if len(shown) <= 40 else shown[:39] + '…'}` is shown as it stands",
                _STEPS[kind],
                "warning",
            )


def _texts(template: Template, names: set[str]) -> Iterator[Text]:
    """Every text that is not in an element that shows code; ``names`` takes what the file binds."""
    stack: list[ast.AST | Child | Component | None] = [template.module]
    if template.module is None:
        stack += template.components
    while stack:
        node = stack.pop()
        if isinstance(node, ComponentStmt):
            node = node.component
        if isinstance(node, Text):
            yield node
        elif isinstance(node, Component):
            names.update(prop.name for prop in node.props)
            stack += node.body or ()
            stack += node.content.children if node.content else ()
        elif isinstance(node, Hole):
            stack.append(node.expr)
        elif isinstance(node, Element):
            stack += node.holes()
            stack += (c for c in node.children if node.name not in _VERBATIM or not isinstance(c, Text))
        elif isinstance(node, MarkupExpr):
            stack += node.fragment.children
        elif node is not None:
            names.update(_bound(node))
            stack += ast.iter_child_nodes(node)


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a node itself binds."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=name, asname=asname) if asname or "." not in name:
            yield asname or name
