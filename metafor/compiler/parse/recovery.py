"""Where something was meant to end that lost its end: what a person would say who sees the text.

Each function looks at the text around a place, at a bounded stretch of it or at one that is looked at once,
so that a file full of mistakes stays linear.
"""

from __future__ import annotations

import re
import string
from typing import Final

from metafor.compiler.source import Source

__all__ = [
    "before_attribute",
    "block_goes_on",
    "brace_in_comment",
    "content_goes_on",
    "end_of_tag",
    "lost_angle",
    "no_end_of_block",
    "open_at_line_end",
    "trimmed",
]

#: How far mistakes are looked for from where they are noticed, in characters.
_NEARBY: Final = 2000
#: How a line begins that cannot go on with an expression.
_NO_PYTHON: Final = re.compile(r"""\s*+(?:</|/>|@\{|(?P<tag><[^\W\d_][^<>\n]*+>)|[^\W\d][\w:.-]*+=["'@{])""")
_INDENT: Final = re.compile(r"[ \t]*")
_NAME_CHARACTERS: Final = string.ascii_letters + string.digits + "_-:."
#: What follows a block, but for white space and comments.
_BEHIND: Final = re.compile(r"(?:[ \t\f\n]++|#[^\n]*+)*+(@\{|.)")
_FOLLOWING: Final = re.compile(
    r"(?:[ \t\f\n]++|#[^\n]*+)*+(?P<what>(?P<block>@(?:props|ptml|style|component)\b)|.)"
)
#: Something in the same line that neither Python nor another block can be.
_SAME_LINE: Final = re.compile(r"[ \t\f]*+(?!@(?:props|ptml|style|component)\b)[^\s#;}]")


def trimmed(text: str, start: int, end: int) -> int:
    """``end`` without the white space before it, not going below ``start``."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


# Python


def brace_in_comment(text: str, at: int, end: int) -> int:
    """The brace that was to end a hole and stands in the comment from ``at`` to ``end``; 0 without one."""
    depth = 0
    for brace in range(at, end):
        depth += {"{": 1, "}": -1}.get(text[brace], 0)
        if depth < 0:
            following = text[end : end + 80].lstrip()
            return brace if "<" in text[brace:end] or following.startswith(("<", "@")) else 0
    return 0


def open_at_line_end(text: str, start: int, at: int, *, operand: bool, tag: bool, markup: int) -> int:
    """Where the hole from ``start`` was to end: the line that ends at ``at`` is complete, and how the next
    one begins is no Python. Gives 0 where it goes on.

    ``operand`` says whether the line ends in an operand, ``tag`` whether the hole stands in a tag;
    ``markup`` is the end of the last markup in the hole, or 0.
    """
    following = _NO_PYTHON.match(text, at)
    if following is None:
        return 0
    end = trimmed(text, start, at)
    if following["tag"] and end == markup:
        # Markup beside markup is another mistake.
        return 0
    if operand:
        return end
    if tag and text.endswith(">", start, end) and not text.endswith(("->", ">>"), start, end):
        return end - (2 if text.endswith("/>", start, end) else 1)
    return 0


def end_of_tag(text: str, start: int, limit: int) -> int:
    """Where the tag around the hole from ``start`` was to end: the last ``>`` before ``limit``, or 0."""
    at = text.rfind(">", start, limit)
    return at if at > 0 and text[at - 1] not in "-=>" else 0


def before_attribute(text: str, start: int, at: int) -> int:
    """Where the code before ``name=@`` ends, which ends at ``at``."""
    code = text[start:at].rstrip("=@").rstrip(_NAME_CHARACTERS)
    return start + len(code.rstrip())


def no_end_of_block(source: Source, start: int, brace: int) -> bool:
    """Whether a brace stands where none ends the block of Python from ``start``: not at the start of its
    line, or deeper than the block's header.
    """
    text = source.text
    header = source.line_start(source.line_of(start))
    first = source.line_start(source.line_of(brace))
    if first == header:
        return False
    indent = _INDENT.match(text, header)
    return bool(text[first:brace].strip()) or brace - first > (len(indent[0]) if indent else 0)


def block_goes_on(text: str, at: int) -> bool:
    """Whether what follows a brace at an odd place is still the body of a block of Python."""
    following = _FOLLOWING.match(text, at)
    if following is None or following["block"]:
        return False
    found = following.start("what")
    line = text.rfind("\n", at, found)
    return line < 0 or found > line + 1 or text[found] == "}"


# Markup


def content_goes_on(text: str, at: int) -> bool:
    """Whether what follows a brace outside of all elements is still the content of the block."""
    if _SAME_LINE.match(text, at):
        return "}" in text[at : at + _NEARBY]
    behind = _BEHIND.match(text, at)
    return behind is not None and behind[1] in ("}", "<", "{", "@{")


def lost_angle(text: str, name: str, start: int, end: int) -> int | None:
    """Where ``name …>`` stands without its ``<`` between two offsets, the last such place."""
    pattern = re.compile(rf"(?<![<\w/.:-]){re.escape(name)}(?:\s[^<>]*+)?+>")
    found = list(pattern.finditer(text, max(start, end - _NEARBY), end))
    return found[-1].start() if found else None
