"""The file: Python with components between it, and the blocks that a component is made of."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Final

from metafor.compiler.diagnostics import Reporter, guess
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
    r"""@(?P<word>[Cc]omponents?)\b[ \t]*(?:\([ \t]*(?:(?P<quote>["'])(?P<name>[^"'\n]*)(?P=quote)[ \t]*)?"""
    r"""(?P<rest>[^)@\n]*)(?P<end>\)?))?"""
)
_BLOCK: Final = re.compile(r"@(props|ptml|style)\b((?:[ \t]++\w++)*+)\s*+\{")
_BETWEEN: Final = re.compile(r"(?:[ \t\n\f]+|#[^\n]*)*+")
#: A block of a name that there is not; a block without its brace.
_STRANGE: Final = re.compile(r"@?(?:(?<=@)|(?=(?:props|ptml|style)\b))(\w++)((?:[ \t]++\w++)*+)\s*+\{")
_BARE: Final = re.compile(r"@(props|ptml|style)\b")
#: What others call the blocks.
_CALLED: Final = {
    "prop": "props",
    "script": "props",
    "setup": "props",
    "state": "props",
    "python": "props",
    "template": "ptml",
    "markup": "ptml",
    "html": "ptml",
    "view": "ptml",
    "render": "ptml",
    "css": "style",
}
#: What follows `@component(…)` when it is a decorator of Python code.
_DECORATED: Final = re.compile(
    r"(?:async[ \t]+)?def\b|class\b|@(?!(?:props|ptml|style|component)\b|\w++\s*+\{)"
)


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
        #: Whether a block of the current component was not understood, or has no end.
        self.broken = False
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
        if _COMPONENT.match(self.text, at):
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
        end = self._guarded(block, block[1], orphan)
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
        self.broken = False
        while found := self._next_block(end):
            block, kind = found
            start = block.start()
            if not kind:
                end, closed = end_of_style(self.state, block.end())
                end += closed
                continue
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
            end = self._guarded(block, kind, component)
        if bare := _BARE.match(self.text, self._between(end)):
            self.broken = True
            self.report(
                "block-header", *bare.span(), f"`{bare[0]}` has no `{{`", f"write `{bare[0]} {{ … }}`"
            )
            end = self.state.next_block(bare.end())
        if "ptml" not in seen and not self.broken:
            self.report(
                "missing-ptml",
                at,
                header.end(),
                f"the component `{component.name}` has no `@ptml {{ … }}`",
                "add it behind `@props`: it holds what the component shows",
            )
        self.components.append(component)
        return self._statement(component, at, end)

    def _next_block(self, end: int) -> tuple[re.Match[str], str] | None:
        """The block that begins behind ``end`` and its kind, which is empty when nobody can tell."""
        at = self._between(end)
        if block := _BLOCK.match(self.text, at):
            return block, block[1]
        block = _STRANGE.match(self.text, at)
        if block is None or block[1].lower() in ("component", "components"):
            return None
        word = block[1]
        meant = _CALLED.get(word) or guess(word, ("props", "ptml", "style")) or ""
        self.broken = self.broken or not meant
        self.report(
            "block-header",
            at,
            block.end(1),
            f"`{block[0][: block.end(1) - at]}` is no block of a component",
            f"did you mean `@{meant}`?" if meant else "there are `@props`, `@ptml` and `@style`",
        )
        return block, meant

    def _check_header(self, header: re.Match[str]) -> None:
        name = header["name"]
        if name is None or header["rest"] or not header["end"] or header["word"] != "component":
            self.report(
                "component-header",
                *header.span(),
                "a component begins with its name in quotes",
                f'write `@component("{name or "Name"}")`',
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

    def _guarded(self, block: re.Match[str], kind: str, component: Component) -> int:
        """Parse a block into its component. Gives where reading goes on."""
        try:
            if kind == "props":
                return self._props(block, component)
            return self._ptml(block, component)
        except Abandoned:
            self.state.depth = 0
            self.state.enclosing = []
            component.body = component.body if kind == "ptml" else None
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
                block.end(2) - len(block[2].lstrip()),
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
        self.broken = True
        borrowed, self.state.borrowed = self.state.borrowed, None
        if self.state.explained:
            self.state.explained = False
            return
        if borrowed is not None and start < borrowed[0] < end:
            self._unclosed_within(*borrowed)
            return
        self.report(
            "unclosed-block",
            start,
            start + 1 + len(block[1]),
            f"`@{block[1]} {{` is never closed",
            f"add `}}` at {self.state.reporter.where(self._trim(start, end))}",
        )

    def _unclosed_within(self, at: int, code: str) -> None:
        """What began at ``at`` took the brace that was to end its block."""
        what = self.text[at : at + 2] if code == "unclosed-hole" else self.text[at]
        hint = {
            "unclosed-hole": "add `}` behind the expression; a comment in it runs to the end of its line",
            "unbalanced-brace": f'close it; a brace in text that stands alone is `@{{"{what}"}}`',
        }
        self.report(
            code,
            at,
            at + len(what),
            f"`{what}` is never closed: the `}}` at the end of the block closed it",
            hint.get(code, "close it with `}`"),
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
