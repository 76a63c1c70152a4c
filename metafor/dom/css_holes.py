"""A ``style`` of text with holes, whose values stay inside their declarations (ruling 31)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from metafor.dom.css import SPACE, STRING, is_one_value

__all__ = ["join"]

_HOLE = "\0"  # which CSS reads as U+FFFD, so that no text needs it
_PART = re.compile(
    rf"""(?P<comment>/\*[\s\S]*?(?:\*/|\Z))|(?P<string>{STRING})"""
    rf"""|(?P<url>url\((?!{SPACE}["'])(?:[^)\\]|\\[\s\S])*\)?)"""
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
