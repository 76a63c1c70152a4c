"""f-strings, the one place where versions of Python disagree about where a string ends.

The Python of templates is that of 3.11 (ruling 36): an f-string ends at the next quote of its own kind, and
the expressions in it hold neither backslashes nor comments. From 3.12 on Python takes more, and before it
does not say where the mistake is.
"""

from __future__ import annotations

import ast
import sys

__all__ = ["broken_f_string", "newer_f_string", "place_parts"]


def place_parts(tree: ast.AST) -> None:
    """Put what stands between the expressions of f-strings where the f-strings stand, as 3.11 does.

    Later versions give each part a place of its own; what a build ships has none (see ``to_portable``).
    """
    if sys.version_info < (3, 12):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            stack: list[ast.expr] = list(node.values)
            while stack:
                part = stack.pop()
                ast.copy_location(part, node)
                if isinstance(part, ast.FormattedValue) and isinstance(part.format_spec, ast.JoinedStr):
                    stack.append(part.format_spec)
                elif isinstance(part, ast.JoinedStr):
                    stack += part.values


def broken_f_string(text: str, spans: list[tuple[int, int]]) -> tuple[int, int, str] | None:
    """The first f-string of ``spans`` that Python refuses: where it stands, and why."""
    for start, end in spans:
        try:
            ast.parse(text[start:end], mode="eval")
        except SyntaxError as error:
            return start, end, str(error.msg)
    return None


def newer_f_string(text: str, spans: list[tuple[int, int]]) -> tuple[int, int, str] | None:
    """The first f-string of ``spans`` that the Python running this takes and Python 3.11 does not."""
    if sys.version_info < (3, 12):
        return None
    broken = broken_f_string(text, spans)
    if broken is not None:
        return broken
    for start, end in spans:
        string = text[start:end]
        for part in ast.walk(ast.parse(string, mode="eval")):
            if isinstance(part, ast.FormattedValue):
                inner = ast.get_source_segment(string, part.value) or ""
                if "\\" in inner:
                    return start, end, "a backslash in an expression of an f-string"
    return None
