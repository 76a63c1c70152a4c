"""A stretch of Python to ``ast``, with every node at its true place in the file.

What is not Python (markup, components) is blanked out by a placeholder of the same bytes and lines, so
that everything behind it keeps its position; after parsing the real node takes the placeholder's place.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Final, Literal

from metafor.compiler.parse.advice import FALLBACKS, advise
from metafor.compiler.parse.f_strings import broken_f_string, newer_f_string, place_parts
from metafor.compiler.parse.nodes import ComponentStmt, MarkupExpr, StyleStmt
from metafor.compiler.parse.props import PROP_LINE, report_prop
from metafor.compiler.parse.python import Insert, Scan
from metafor.compiler.parse.state import State

__all__ = ["MAX_HEIGHT", "parse_block", "parse_expression", "parse_file"]

#: Levels of Python inside each other. Python's own compiler and ``ast.unparse`` recurse over them.
MAX_HEIGHT: Final = 250

#: The Python of templates is that of 3.11 on every host (ruling 36).
_PYTHON: Final = (3, 11)

_DEFAULT: Final = re.compile(r"=[ \t]*[^\s=]")
_COMPONENT: Final = re.compile(r"@component[ \t]*\(")
_NOT_NEWLINE: Final = re.compile(r"[^\n]")
_SCALARS: Final = frozenset({int, str, type(None), bool, ast.Load, ast.Store})
_PLACED: Final = (
    ast.expr,
    ast.stmt,
    ast.arg,
    ast.keyword,
    ast.alias,
    ast.excepthandler,
    ast.pattern,
)


@dataclass(frozen=True, slots=True)
class _Move:
    """From a place in parsed code to the place in the file: ``lines`` down, and in the line ``first`` of
    the file ``columns`` bytes to the right.
    """

    lines: int
    columns: int
    first: int

    def __call__(self, line: int, column: int) -> tuple[int, int]:
        line += self.lines
        return line, column + self.columns if line == self.first else column


def parse_expression(state: State, scan: Scan) -> tuple[ast.expr | None, int]:
    """The expression of a hole and its height; None when it is wrong, which is reported."""
    masked = _mask(state, scan.start, scan.end, scan.inserts)
    line, column = state.source.location(scan.start)
    # The parentheses let the expression span lines; the last one stands alone, for comments' sake.
    move = _Move(line - 1, column - 1, line)
    tree = _parse(state, scan, f"({masked}\n)", "eval", move)
    if not isinstance(tree, ast.Expression):
        return None, 0
    height = _graft(state, scan, tree, move)
    return (None, 0) if height is None else (tree.body, height)


def parse_block(state: State, scan: Scan) -> list[ast.stmt] | None:
    """The statements of a block; None when they are wrong, which is reported.

    A declaration ``@prop name`` becomes a statement of the same length that begins with ``(name)``.
    """
    if not scan.statements:
        return []
    source, text = state.source, state.text
    first = scan.statements[0]
    own_line = text.find("\n", scan.start, first) >= 0
    # Statements beside the opening brace are as deep as the ones below it.
    anchor = first if own_line else scan.statements[1] if len(scan.statements) > 1 else first
    indent = text[source.line_start(source.line_of(anchor)) : anchor]
    if indent.strip(" \t\f"):
        indent = " "
    code = indent + _mask(state, first, scan.end, scan.inserts, scan.props)
    head = "if 1:\n" if indent else ""
    line, column = source.location(first)
    move = _Move(line - 2 if head else line - 1, column - len(indent), line)
    tree = _parse(state, scan, f"{head}{code}\n{indent}pass", "exec", move)
    if not isinstance(tree, ast.Module) or _graft(state, scan, tree, move) is None:
        return None
    outer = tree.body[0] if head else tree
    body = outer.body if isinstance(outer, ast.If | ast.Module) else []
    body.pop()
    return body


def parse_file(state: State, scan: Scan) -> ast.Module | None:
    """The whole file as a module; None when it is wrong, which is reported."""
    move = _Move(0, 0, 0)
    tree = _parse(state, scan, _mask(state, 0, scan.end, scan.inserts), "exec", move)
    if not isinstance(tree, ast.Module) or _graft(state, scan, tree, move) is None:
        return None
    return tree


def _mask(
    state: State, start: int, end: int, inserts: list[Insert], props: list[tuple[int, int, str]] | None = None
) -> str:
    text = state.text
    cover = [(i.start, i.end, _placeholder(text[i.start : i.end])) for i in inserts]
    if props:
        cover += ((at, to, f"({name})".ljust(to - at)) for at, to, name in props)
        cover.sort()
    pieces: list[str] = []
    at = start
    for begin, stop, instead in cover:
        pieces += (text[at:begin], instead)
        at = stop
    pieces.append(text[at:end])
    return "".join(pieces)


def _placeholder(raw: str) -> str:
    """``(_ )`` with the lines and bytes of ``raw``."""
    blank = raw[2:-1]
    if blank.isascii():
        return f"(_{_NOT_NEWLINE.sub(' ', blank)})"
    return f"(_{_NOT_NEWLINE.sub(lambda match: ' ' * len(match[0].encode()), blank)})"


def _parse(state: State, scan: Scan, code: str, mode: Literal["eval", "exec"], move: _Move) -> ast.AST | None:
    """``ast.parse``, with its complaints as diagnostics."""
    if not scan.sound:
        return None
    tree: ast.AST | None = None
    if newer := newer_f_string(state.text, scan.f_strings):
        start, end, message = newer
        state.reporter.report(
            "python-syntax",
            start,
            end,
            f"this is not valid Python 3.11, the Python of templates: {message}",
            advise(state.text, scan.start, end, start, "f-string", hole=mode == "eval"),
        )
        return None
    try:
        tree = ast.parse(code, mode=mode, feature_version=_PYTHON)
        if scan.f_strings:
            place_parts(tree)
    except SyntaxError as error:
        _report_syntax(state, scan, code, move, error, hole=mode == "eval")
    except (RecursionError, MemoryError):
        _report_height(state, scan)
    except ValueError as error:
        state.reporter.report("python-syntax", scan.start, scan.end, f"Python refuses this: {error}")
    for warning in state.warnings:
        at = max(state.source.offset(*move(warning.lineno, 0)), scan.start)
        end = max(min(scan.end, state.source.line_end(state.source.line_of(at))), at)
        state.reporter.report("python-warning", at, end, f"Python warns: {warning.message}", "", "warning")
    state.warnings.clear()
    return tree


def _report_syntax(
    state: State, scan: Scan, code: str, move: _Move, error: SyntaxError, *, hole: bool
) -> None:
    lines = code.split("\n")

    def offset(line: int, character: int) -> int:
        before = lines[line - 1][: max(character - 1, 0)] if line <= len(lines) else ""
        return state.source.offset(*move(line, len(before.encode())))

    message = str(error.msg)
    broken = broken_f_string(state.text, scan.f_strings) if message.startswith("f-string") else None
    if broken:
        start, end = broken[:2]
    else:
        start = end = offset(error.lineno or 1, error.offset or 1)
        if error.end_lineno and error.end_offset and error.end_offset > 0:
            end = offset(error.end_lineno, error.end_offset)
    # Python reports some mistakes at what follows: keep to the stretch, and mark one character at least.
    last = scan.start + len(state.text[scan.start : scan.end].rstrip())
    start = max(min(start, last - 1), scan.start)
    end = min(max(end, start + 1), max(last, start))
    if error.msg == "unexpected indent":
        while state.text[start].isspace() and start < last - 1:
            start += 1
        end = start + 1
    if message.startswith("too many"):
        # Python's own limits: 200 brackets, 100 levels of indentation.
        _report_height(state, scan, start)
        return
    hint = advise(state.text, scan.start, scan.end, start, message, hole=hole)
    if hint in ("", *FALLBACKS) and _report_prop(state, scan, start):
        return
    if _report_insert(state, scan, start, end):
        return
    message = message.split(". Perhaps you forgot a comma")[0]
    state.reporter.report("python-syntax", start, end, f"this is not valid Python: {message}", hint)


def _report_prop(state: State, scan: Scan, at: int) -> bool:
    """Report a mistake in a line of Python that was meant as a declaration. False when there is none."""
    text, source = state.text, state.source
    line = source.line_of(at)
    start = max(source.line_start(line), scan.start)
    meant = PROP_LINE.match(text, start, scan.end)
    if meant is None and text.startswith("@prop", at):
        meant = PROP_LINE.match(text, at, scan.end)
    if meant is None or (_DEFAULT.search(text, meant.end(), at) and text[at] not in ":,"):
        # What is wrong is in the default, which is Python.
        return False
    end = min(source.line_end(line), scan.end)
    report_prop(state, meant.start(1), meant.start(1) + len(text[meant.start(1) : end].rstrip()))
    return True


def _report_insert(state: State, scan: Scan, start: int, end: int) -> bool:
    """Report a mistake that is, for Python, at a piece of markup or at a component."""
    if _COMPONENT.match(state.text, start):
        _report_misplaced(state, start, state.source.line_end(state.source.line_of(start)))
        return True
    before: Insert | None = None
    for insert in scan.inserts:
        if insert.start <= start < insert.end and end <= insert.end:
            break
        before = insert
    else:
        return False
    stop = min(insert.end, state.source.line_end(state.source.line_of(insert.start)))
    if isinstance(insert.node, ComponentStmt | StyleStmt):
        # A block without its component, or a component without its name, was reported.
        if not isinstance(insert.node, ComponentStmt) or insert.node.component.name:
            _report_misplaced(state, insert.start, stop)
    elif before is not None and not state.text[before.end : insert.start].strip():
        state.reporter.report(
            "misplaced-markup",
            insert.start,
            stop,
            "a second piece of markup stands beside the first, and Python takes one value here",
            "put a fragment around them: `<>…</>`",
        )
    else:
        state.reporter.report(
            "misplaced-markup",
            insert.start,
            stop,
            "markup cannot stand here: this is no place for a value",
            "an operator or a comma is missing before it, as in `x and <p>…</p>`",
        )
    return True


def _report_misplaced(state: State, start: int, end: int) -> None:
    state.reporter.report(
        "misplaced-block",
        start,
        end,
        "a component begins a line of its own, with nothing that it would belong to",
        "move it to the start of a line; a decorator is applied behind it: `Name = decorate(Name)`",
    )


def _report_height(state: State, scan: Scan, start: int | None = None) -> None:
    """Report Python that is nested too deeply, at the place where that shows, or where it begins."""
    start = scan.start if start is None else start
    while start < scan.end and state.text[start].isspace():
        start += 1
    state.reporter.report(
        "expression-depth",
        start,
        min(scan.end, start + 1),
        "this Python is nested too deeply",
        "give a part of it a name of its own, or move it into a function",
    )


def _graft(state: State, scan: Scan, tree: ast.AST, move: _Move) -> int | None:
    """Move every node to its place in the file and put the inserts in. Gives the height of the tree.

    None when it is too high, or when markup stands where Python has no expression. No recursion, so that
    no tree is too deep for it.
    """
    if not scan.inserts:
        height = _move_all(tree, move)
        if height > MAX_HEIGHT:
            _report_height(state, scan)
            return None
        return height
    places: dict[tuple[int, int], Insert] = {}
    for insert in scan.inserts:
        line, column = state.source.location(insert.start)
        places[line, column + 1] = insert
    height = 0
    stack: list[tuple[ast.AST, int]] = [(tree, 0)]

    def enter(node: ast.AST, depth: int) -> ast.AST:
        nonlocal height
        if places:
            name = node.value if type(node) is ast.Expr else node
            if type(name) is ast.Name and name.id == "_" and type(name.ctx) is ast.Load:
                place = move(name.lineno, name.col_offset)
                insert = places.get(place)
                if insert is not None and isinstance(insert.node, ast.stmt) == (name is not node):
                    del places[place]
                    if isinstance(insert.node, MarkupExpr):
                        height = max(height, depth + insert.node.height - 1)
                    return insert.node
        if isinstance(node, _PLACED):
            node.lineno, node.col_offset = move(node.lineno, node.col_offset)
            if node.end_lineno is not None and node.end_col_offset is not None:
                node.end_lineno, node.end_col_offset = move(node.end_lineno, node.end_col_offset)
        if node._fields:
            stack.append((node, depth))
        return node

    while stack:
        node, depth = stack.pop()
        height = max(height, depth)
        for field in node._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                for index, child in enumerate(value):
                    if isinstance(child, ast.AST):
                        value[index] = enter(child, depth + 1)
            elif isinstance(value, ast.AST):
                setattr(node, field, enter(value, depth + 1))
    for insert in places.values():
        state.reporter.report(
            "misplaced-markup",
            insert.start,
            insert.end,
            "markup cannot stand here: this is no place for a value",
            "assign it to a name, pass it, or return it",
        )
    if height > MAX_HEIGHT:
        _report_height(state, scan)
        return None
    return None if places else height


def _move_all(tree: ast.AST, move: _Move) -> int:
    """Move every node of plain Python to its place in the file. Gives the height of the tree."""
    lines, columns, first = move.lines, move.columns, move.first
    height = 0
    stack: list[tuple[ast.AST, int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > height:
            height = depth
        depth += 1
        # The attributes themselves: this is done for every node of every template.
        fields = node.__dict__
        if "lineno" in fields:
            line = fields["lineno"] = fields["lineno"] + lines
            if line == first:
                fields["col_offset"] += columns
            if fields["end_lineno"] is not None:
                line = fields["end_lineno"] = fields["end_lineno"] + lines
                if line == first:
                    fields["end_col_offset"] += columns
        for value in fields.values():
            kind = type(value)
            if kind is list:
                stack += [(child, depth) for child in value if isinstance(child, ast.AST)]
            elif kind not in _SCALARS and isinstance(value, ast.AST) and value._fields:
                stack.append((value, depth))
    return height
