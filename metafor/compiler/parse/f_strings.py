"""f-strings, the one place where versions of Python disagree about where a string ends.

The Python of templates is that of 3.11 (ruling 36): an f-string ends at the next quote of its own kind, and
the expressions in it hold neither backslashes nor comments. From 3.12 on Python takes more, and before it
does not say where the mistake is.
"""

from __future__ import annotations

import ast
import sys

__all__ = ["broken_f_string", "newer_f_string"]


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
