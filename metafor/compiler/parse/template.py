"""The file: Python with components between it, and the blocks that a component is made of."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Final

from metafor.compiler.diagnostics import Reporter
from metafor.compiler.parse.chunk import parse_block, parse_file
from metafor.compiler.parse.css import end_of_style
from metafor.compiler.parse.markup import parse_content, parse_literal
from metafor.compiler.parse.nodes import Component, ComponentStmt, StyleStmt, Template
from metafor.compiler.parse.props import find_props
from metafor.compiler.parse.python import Insert, Mode, scan_python
from metafor.compiler.parse.state import Abandoned, State
from metafor.compiler.source import Source

__all__ = ["parse_template"]

_COMPONENT: Final = re.compile(
    r"""@component[ \t]*\([ \t]*(?:(?P<quote>["'])(?P<name>[^"'\n]*)(?P=quote)[ \t]*)?"""
    r"""(?P<rest>[^)\n]*)(?P<end>\)?)"""
)
_BLOCK: Final = re.compile(r"@(props|ptml|style)\b[ \t]*((?:[ \t]*\w+)*)\s*\{")
_BETWEEN: Final = re.compile(r"(?:[ \t\n\f]+|#[^\n]*)*+")
#: What follows `@component(…)` when it is a decorator of Python code.
_DECORATED: Final = re.compile(r"(?:async[ \t]+)?def\b|class\b|@(?!(?:props|ptml|style|component)\b)")


def parse_template(source: Source, reporter: Reporter) -> Template:
    """Parse a whole file. Mistakes go to the reporter; what could be read is in the tree."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return _File(State(source, reporter, parse_literal, warnings=caught)).run()


class _File:
    def __init__(self, state: State) -> None:
        self.state = state
        self.text = state.text
        self.report = state.reporter.report
        self.components: list[Component] = []
        self.styles: list[StyleStmt] = []

    def run(self) -> Template:
        try:
            scan = scan_python(self.state, 0, Mode.FILE, self._block)
        except Abandoned:
            return Template(None, self.components, self.styles)
        module = parse_file(self.state, scan)
        return Template(module, self.components, self.styles)

    def _block(self, at: int) -> tuple[Insert | None, int]:
        """A block header at ``at``, at the start of a statement of the file."""
        if self.text.startswith("@component", at):
            return self._component(at)
        block = _BLOCK.match(self.text, at)
        if block is None:
            return None, at + 1
        if block[1] == "style":
            style, end = self._style(block)
            self.styles.append(style)
            return Insert(at, self._trim(at, end), style), end
        orphan = Component("", at, at)
        self.report(
            "orphan-block",
            at,
            at + 1 + len(block[1]),
            f"`@{block[1]}` stands without a component",
            'put `@component("Name")` before it',
        )
        end = self._guarded(block, orphan)
        return self._statement(orphan, at, end)

    def _component(self, at: int) -> tuple[Insert | None, int]:
        header = _COMPONENT.match(self.text, at)
        assert header is not None
        first = self._between(header.end())
        if _DECORATED.match(self.text, first):
            return None, at + 1
        component = Component(header["name"] or "", at, header.end())
        self._check_header(header)
        seen: dict[str, int] = {}
        end = header.end()
        while block := _BLOCK.match(self.text, self._between(end)):
            kind, start = block[1], block.start()
            if kind == "style":
                style, end = self._style(block)
                component.styles.append(style)
                continue
            if kind in seen:
                self.report(
                    "duplicate-block",
                    start,
                    start + 1 + len(kind),
                    f"`{component.name}` has `@{kind}` twice, "
                    f"first at {self.state.reporter.where(seen[kind])}",
                    "join the two, or begin another component",
                )
            seen.setdefault(kind, start)
            end = self._guarded(block, component)
        if "ptml" not in seen:
            self.report(
                "missing-ptml",
                at,
                header.end(),
                f"the component `{component.name}` has no `@ptml {{ … }}`",
                "add it behind `@props`: it holds what the component shows",
            )
        self.components.append(component)
        return self._statement(component, at, end)

    def _check_header(self, header: re.Match[str]) -> None:
        name = header["name"]
        if name is None or header["rest"] or not header["end"]:
            self.report(
                "component-header",
                *header.span(),
                "a component begins with its name in quotes",
                'write `@component("Name")`',
            )
        elif not name.isidentifier() or not name[0].isupper():
            start = header.start("name")
            self.report(
                "component-name",
                start,
                start + max(len(name), 1),
                f"`{name}` cannot name a component",
                "choose a Python name with a capital first, such as `ChatRoom`: a tag begins so",
            )

    def _guarded(self, block: re.Match[str], component: Component) -> int:
        """Parse a block into its component. Gives where reading goes on."""
        try:
            if block[1] == "props":
                return self._props(block, component)
            return self._ptml(block, component)
        except Abandoned:
            self.state.depth = 0
            self.state.enclosing = []
            component.body = component.body if block[1] == "ptml" else None
            return self.state.next_block(block.end())

    def _props(self, block: re.Match[str], component: Component) -> int:
        scan = scan_python(self.state, block.end(), Mode.BLOCK)
        if not scan.closed:
            self._unclosed(block, scan.end)
        body = parse_block(self.state, scan)
        if body is not None and component.body is not None:
            component.props += find_props(self.state, scan, body)
            component.body += body
        else:
            component.body = None
        return scan.end + 1 if scan.closed else scan.end

    def _ptml(self, block: re.Match[str], component: Component) -> int:
        content, end, closed = parse_content(self.state, block.end(), block.start())
        if not closed:
            self._unclosed(block, end)
        if component.content is None:
            component.content = content
        return end + 1 if closed else end

    def _style(self, block: re.Match[str]) -> tuple[StyleStmt, int]:
        """A style block and where reading goes on."""
        end, closed = end_of_style(self.state, block.end())
        if not closed:
            self._unclosed(block, end)
        words = block[2].split()
        if words not in ([], ["global"]):
            self.report(
                "style-kind",
                block.start(2),
                block.end(2),
                f"`{' '.join(words)}` is no kind of style",
                "write `@style { … }` for this component alone, `@style global { … }` for the page",
            )
        node = StyleStmt()
        written = self.text[block.end() : end]
        node.css = written.strip()
        node.css_start = block.end() + len(written) - len(written.lstrip())
        node.scoped = not words
        end = end + 1 if closed else end
        self._place(node, block.start(), end)
        return node, end

    def _unclosed(self, block: re.Match[str], end: int) -> None:
        start = block.start()
        if self.state.explained:
            self.state.explained = False
            return
        self.report(
            "unclosed-block",
            start,
            start + 1 + len(block[1]),
            f"`@{block[1]} {{` is never closed",
            f"add `}}` at {self.state.reporter.where(self._trim(start, end))}",
        )

    def _between(self, at: int) -> int:
        match = _BETWEEN.match(self.text, at)
        return match.end() if match else at

    def _trim(self, start: int, end: int) -> int:
        """``end`` without the white space before it."""
        return start + len(self.text[start:end].rstrip())

    def _statement(self, component: Component, start: int, end: int) -> tuple[Insert, int]:
        component.end = self._trim(start, end)
        node = ComponentStmt()
        node.component = component
        self._place(node, start, component.end)
        return Insert(start, component.end, node), end

    def _place(self, node: ast.stmt, start: int, end: int) -> None:
        node.lineno, node.col_offset = self.state.source.location(start)
        node.end_lineno, node.end_col_offset = self.state.source.location(end)
