"""Finding the end of a ``@style`` block: CSS has strings and comments of its own."""

from __future__ import annotations

import re
from typing import Final

from metafor.compiler.parse.state import BLOCK_LINE, State

__all__ = ["end_of_style"]

_TOKEN: Final = re.compile(
    r"""[{}]|/\*|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|\\.|url\([^)"'\n]*\)|""" + BLOCK_LINE.pattern,
    re.DOTALL | re.MULTILINE,
)


def end_of_style(state: State, start: int) -> tuple[int, bool]:
    """The offset of the brace that closes the style sheet begun at ``start`` (behind its ``{``).

    Without one: where reading goes on, and False.
    """
    text, depth, at = state.text, 1, start
    while match := _TOKEN.search(text, at):
        token, at = match[0], match.end()
        if token == "{":
            depth += 1
        elif token == "}":
            depth -= 1
            if not depth:
                return match.start(), True
        elif token == "/*":
            end = state.find("*/", at)
            if end < 0:
                return state.next_block(at), False
            at = end + 2
        elif token[0] == "@":
            return match.start(), False
    return len(text), False
