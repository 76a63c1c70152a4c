"""What is allowed and yet probably a slip: `metafor check` warns of it, compiling does not.

Rules about accessibility follow WCAG 2.2: 1.1.1 (text alternatives), 1.3.1 (labels), 2.1.1 (keyboard).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from metafor.compiler.analyze.analysis import Analysis
from metafor.compiler.analyze.attributes import classify
from metafor.compiler.analyze.elsewhere import lint_text
from metafor.compiler.analyze.handlers import Handlers
from metafor.compiler.analyze.meant import step_for_name
from metafor.compiler.diagnostics import Reporter
from metafor.compiler.parse.nodes import (
    Attribute,
    Child,
    Component,
    ComponentStmt,
    Element,
    Hole,
    MarkupExpr,
    Template,
    Text,
)

__all__ = ["lint"]

_CONTROLS: Final = frozenset(["input", "select", "textarea", "button", "meter", "output", "progress"])
#: A keyboard reaches these, and a click on a label reaches its control.
_CLICKABLE: Final = _CONTROLS | frozenset(
    ["a", "area", "option", "summary", "details", "label", "audio", "video", "iframe", "dialog"]
)
#: Guesses take time; a file of nothing but slips needs no more.
_GUESSES: Final = 100
_KEYS: Final = frozenset({"keydown", "keyup", "keypress"})


def lint(template: Template, analysis: Analysis, reporter: Reporter) -> None:
    """Warn of unknown names, unused props, accessibility slips and keys that are given twice."""
    _Lint(analysis, reporter).run(template)


class _Lint:
    def __init__(self, analysis: Analysis, reporter: Reporter) -> None:
        self.analysis = analysis
        self.reporter = reporter
        self.handlers = Handlers(())

    def run(self, template: Template) -> None:
        self._names()
        for component in template.components:
            self._props(component)
        lint_text(template, self.reporter)
        nodes = list(_everything(template))
        self.handlers = Handlers(nodes)
        for node in nodes:
            if isinstance(node, Element):
                if node.target is None:
                    self._element(node)
                    self._handlers(node)
                elif node in self.analysis.takes_rows:
                    self._rows(node)
            elif isinstance(node, ast.Dict):
                self._mapping(node)

    def _warn(self, code: str, start: int, end: int, message: str, hint: str) -> None:
        self.reporter.report(code, start, end, message, hint, "warning")

    def _warn_at(self, node: ast.expr, code: str, message: str, hint: str) -> None:
        source = self.reporter.source
        start = source.offset(node.lineno, node.col_offset)
        end = source.offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        self._warn(code, start, max(end, start + 1), message, hint)

    # Names

    def _names(self) -> None:
        for number, (node, known) in enumerate(self.analysis.unknown):
            self._warn_at(
                node,
                "unknown-name",
                f"nothing defines `{node.id}`",
                step_for_name(node.id, known, guessing=number < _GUESSES),
            )

    def _props(self, component: Component) -> None:
        if component.body is None or "props" in self.analysis.implicit.get(component, ()):
            return
        used = self.analysis.used.get(component, set())
        for prop in component.props:
            if prop.name not in used:
                self._warn(
                    "unused-prop",
                    prop.start,
                    prop.end,
                    f"the prop `{prop.name}` of `{component.name}` is never read",
                    "remove it, or show it",
                )

    # Elements

    def _element(self, element: Element) -> None:
        names = {classify(element, one.name) for one in element.attributes if isinstance(one, Attribute)}
        if len(names) != len(element.attributes):
            # A spread may hold whatever is missing.
            return
        attributes = {name for kind, name in names if kind == "attr"}
        events = {name.split(":")[0] for kind, name in names if kind == "on"}
        start, end = element.start, element.start + 1 + len(element.tag)
        if element.name == "img" and "alt" not in attributes:
            self._warn(
                "img-without-alt",
                start,
                end,
                "this image says nothing to those who do not see it",
                'describe it: `alt="…"`; for decoration write `alt=""`',
            )
        if element.name == "label" and "for" not in attributes and not _holds_control(element):
            self._warn(
                "label-without-control",
                start,
                end,
                "this label belongs to no control",
                'put the control into it, or give it `for="…"` with the control\'s `id`',
            )
        if "key" in attributes:
            self._warn(
                "foreign-syntax",
                start,
                end,
                f"`key` does nothing on `<{element.tag}>`",
                "give it to the list: `<For each=@{…} key=…>`",
            )
        reachable = element.name in _CLICKABLE or "-" in element.name
        if "click" in events and not reachable and not ("role" in attributes and events & _KEYS):
            self._warn(
                "click-without-keyboard",
                start,
                end,
                f"a keyboard cannot click this `<{element.tag}>`",
                'make it a `<button>`, or add `role="button"`, `tabindex="0"` and `onkeydown=@{…}`',
            )

    def _handlers(self, element: Element) -> None:
        for attribute in element.attributes:
            if not isinstance(attribute, Attribute) or not isinstance(attribute.value, Hole):
                continue
            if classify(element, attribute.name)[0] != "on":
                continue
            if instead := self.handlers.called(attribute.value.expr):
                self._warn(
                    "called-handler",
                    attribute.value.start,
                    attribute.value.end,
                    f"`{attribute.name}` calls this at once, and nothing when the event comes",
                    f"write `{attribute.name}=@{{{instead}}}`",
                )

    # Keys

    def _mapping(self, mapping: ast.Dict) -> None:
        seen: set[tuple[type, object]] = set()
        for key in mapping.keys:
            if not isinstance(key, ast.Constant):
                continue
            if (type(key.value), key.value) in seen:
                self._duplicate(
                    key, f"the key `{ast.unparse(key)[:40]}` stands twice in this dict: the last one counts"
                )
            seen.add((type(key.value), key.value))

    def _rows(self, element: Element) -> None:
        """Rows given as a literal list, with a key that names a field of theirs."""
        given = {one.name: one.value for one in element.attributes if isinstance(one, Attribute)}
        each = given.get("each")
        key: object = given.get("key")
        if isinstance(key, Hole) and isinstance(key.expr, ast.Constant):
            key = key.expr.value
        if not isinstance(key, str) or not isinstance(each, Hole):
            return
        if not isinstance(each.expr, ast.List | ast.Tuple):
            return
        seen: set[object] = set()
        for item in each.expr.elts:
            for name, value in zip(item.keys, item.values, strict=True) if isinstance(item, ast.Dict) else ():
                if isinstance(name, ast.Constant) and name.value == key and isinstance(value, ast.Constant):
                    if value.value in seen:
                        self._duplicate(value, f"two rows have the {key} `{ast.unparse(value)[:40]}`")
                    seen.add(value.value)

    def _duplicate(self, node: ast.expr, message: str) -> None:
        self._warn_at(node, "duplicate-key", message, "give each one a key of its own")


def _holds_control(element: Element) -> bool:
    """Whether a control stands in ``element``, or something that may hold one."""
    stack: list[Child] = list(element.children)
    while stack:
        child = stack.pop()
        if isinstance(child, Hole) or (
            isinstance(child, Element)
            and (child.target is not None or child.name in _CONTROLS or "-" in child.name)
        ):
            return True
        if isinstance(child, Element):
            stack += child.children
    return False


def _everything(template: Template) -> Iterator[ast.AST | Element]:
    """Every node of Python and every element of a file, in no order that matters."""
    stack: list[ast.AST | Child | Component | None] = [template.module]
    if template.module is None:
        stack += template.components
    while stack:
        node = stack.pop()
        if isinstance(node, ComponentStmt):
            node = node.component
        if node is None or isinstance(node, Text):
            continue
        if isinstance(node, Component):
            stack += node.body or ()
            stack += node.content.children if node.content else ()
        elif isinstance(node, Hole):
            stack.append(node.expr)
        elif isinstance(node, Element):
            yield node
            stack += node.holes()
            stack += node.children
        elif isinstance(node, MarkupExpr):
            stack += node.fragment.children
        else:
            yield node
            stack += ast.iter_child_nodes(node)
