"""CSS declarations as text, made of values that may be anybody's words (ruling 31).

Where text is put together (a ``style`` given as a dict, text with holes, a page as a string) no parser of a
browser refuses what is no value: that check is ours. A declaration whose value would end it, open a comment,
or leave a string or a bracket open is left out as a whole, so that none is left with half a meaning; and so
is one with an address that would run code. The tokens are those of CSS Syntax Level 3, §4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from metafor.dom.urls import runs_code

__all__ = ["declaration", "is_one_value", "join"]

_NAME = re.compile(r"-{0,2}[A-Za-z_][\w-]*|--[\w-]+")
_UPPER = re.compile("[A-Z]")
_PLAIN_VALUE = re.compile(r"[\w\s.,%#+*/-]*")
_SPACE = r"[ \t\n\r\f]*"
_STRING = r""""(?:[^"\\\n\r\f]|\\[\s\S])*"|'(?:[^'\\\n\r\f]|\\[\s\S])*'"""
# Without quotes an address ends at the first bracket, whatever stands before it. Escapes elsewhere are not
# taken: they could write the name `url`, and nobody needs them.
_VALUE_TOKEN = re.compile(
    rf"""(?P<function>url\({_SPACE})?(?P<string>{_STRING})"""
    r"""|url\((?P<address>(?:(?!/\*)[^"'()\[\]{}\\]|\\[^\n\r\f])*)\)"""
    rf"""|(?P<bad>url\((?!{_SPACE}["'])|/\*|["'\\;{{}}])|(?P<open>[(\[])|(?P<close>[)\]])""",
    re.IGNORECASE,
)
_PAIRS = {")": "(", "]": "["}
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|([\s\S]))", re.IGNORECASE)


def declaration(name: str, value: object) -> str:
    """``name:value``, or nothing: when ``value`` is None or False, or would break out.

    ``font_size`` and ``fontSize`` are ``font-size``; custom properties (``--size``) stay as they are.
    """
    if value is None or value is False:
        return ""
    if not name.startswith("--"):
        name = _UPPER.sub(lambda found: "-" + found[0].lower(), name.replace("_", "-"))
    text = str(value)
    return f"{name}:{text}" if _NAME.fullmatch(name) and is_one_value(text) else ""


def is_one_value(text: str) -> bool:
    """Whether ``text`` is the value of one declaration, or a part of it that stands by itself."""
    if _PLAIN_VALUE.fullmatch(text) and "/*" not in text:
        return True
    open_brackets: list[str] = []
    for token in _VALUE_TOKEN.finditer(text):
        kind, found = token.lastgroup, token[0]
        if kind == "string":
            if token["function"]:
                open_brackets.append("(")
                if _runs_code(token["string"][1:-1]):
                    return False
        elif kind == "address":
            if _runs_code(token["address"]):
                return False
        elif kind == "open":
            open_brackets.append(found)
        elif kind == "close":
            if not open_brackets or open_brackets.pop() != _PAIRS[found]:
                return False
        elif not (found == ";" and open_brackets):
            # Inside brackets, as in if(media(print): black; else: red), nothing ends but the brackets.
            return False
    return not open_brackets


def _runs_code(address: str) -> bool:
    return runs_code(_ESCAPE.sub(_unescaped, address))


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[2]
    code = int(escape[1], 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


# Text with holes

_HOLE = "\0"  # which CSS reads as U+FFFD, so that no text needs it
_PART = re.compile(
    rf"""(?P<comment>/\*[\s\S]*?(?:\*/|\Z))|(?P<string>{_STRING})"""
    rf"""|(?P<url>url\((?!{_SPACE}["'])(?:[^)\\]|\\[\s\S])*\)?)"""
    r"""|(?P<escape>\\[\s\S])|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<colon>:)|(?P<end>;)""",
    re.IGNORECASE,
)
_SPECIAL_IN_STRING = re.compile(r"""["'\\\x00-\x1f\x7f]""")
_SPECIAL_IN_URL = re.compile(r"""["'()\[\]{}\\*\x00-\x20\x7f]""")


class _Hole(NamedTuple):
    """The place of the value number ``position``, and the characters that would mean something there."""

    position: int
    special: re.Pattern[str] | None = None


class _Written(NamedTuple):
    """A declaration as the author wrote it; ``value`` is what stands behind the first colon."""

    name: list[str | _Hole]
    value: list[str | _Hole]


def join(texts: Sequence[str], values: Sequence[str]) -> str:
    """A ``style`` that is text with holes: each of ``values`` stands between two of ``texts``.

    What a value may be depends on where it stands. In a string or in ``url()`` it is text: what means
    something there is escaped. Behind the colon of a declaration it is a value or a part of one; when it is
    not, the declaration is left out. Elsewhere it is the author's word, for whole declarations. In a comment
    it is nothing. Example::

        join(["color: ", "; width: ", "px"], ["red; top: 0", "3"])  # " width: 3px"
    """
    kept: list[str] = []
    for written in _read(tuple(texts)):
        value = _filled(written.value, values)
        if _stays_inside(written.value, value, values):
            kept.append(_filled(written.name, values) + value)
    return ";".join(kept)


def _stays_inside(pieces: list[str | _Hole], value: str, values: Sequence[str]) -> bool:
    """Whether ``value`` is one, and each value in it: they may not be in order by luck."""
    holes = [piece for piece in pieces if isinstance(piece, _Hole)]
    parts = (values[hole.position] for hole in holes if hole.special is None)
    return not holes or (is_one_value(value) and all(map(is_one_value, parts)))


def _filled(pieces: list[str | _Hole], values: Sequence[str]) -> str:
    return "".join([piece if isinstance(piece, str) else _in_place(piece, values) for piece in pieces])


def _in_place(hole: _Hole, values: Sequence[str]) -> str:
    text = values[hole.position]
    return text if hole.special is None else hole.special.sub(lambda found: f"\\{ord(found[0]):x} ", text)


@lru_cache(maxsize=1024)
def _read(texts: tuple[str, ...]) -> list[_Written]:
    """Cut a style at its declarations, without its comments."""
    source = _HOLE.join(text.replace(_HOLE, "\ufffd") for text in texts)
    holes = iter(range(len(texts)))
    pieces: list[str | _Hole] = []
    current = _Written(pieces, [])
    declarations = [current]

    def add(text: str, special: re.Pattern[str] | None = None) -> None:
        for number, part in enumerate(text.split(_HOLE)):
            if number:
                pieces.append(_Hole(next(holes), special))
            if part:
                pieces.append(part)

    done = depth = 0
    for token in _PART.finditer(source):
        kind, found = token.lastgroup, token[0]
        add(source[done : token.start()])
        done = token.end()
        if kind == "comment":
            for _ in range(found.count(_HOLE)):
                next(holes)
            add(" ")
        elif kind == "end" and not depth:
            pieces = []
            current = _Written(pieces, [])
            declarations.append(current)
        elif kind == "colon" and not depth and pieces is current.name:
            add(found)
            pieces = current.value
        else:
            depth += (kind == "open") - (kind == "close" and depth > 0)
            add(found, {"string": _SPECIAL_IN_STRING, "url": _SPECIAL_IN_URL}.get(str(kind)))
    add(source[done:])
    return declarations
