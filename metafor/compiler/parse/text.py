"""What text in markup means: character references and white space (ruling 25)."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from metafor.compiler.parse.nodes import Child, Element, Hole, Text

__all__ = ["RawText", "decode_attribute", "settle"]

_SPACE = " \t\n\r\f"
_RUN = re.compile(r"[ \t\n\r\f]+")
_REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*)(;?)(?=([=A-Za-z0-9]?))")


@dataclass(slots=True, eq=False)
class RawText:
    """Text between two tags or holes as written, before it is settled. Comments have left no trace."""

    raw: str
    start: int
    end: int


def decode_attribute(raw: str) -> str:
    """Decode character references as HTML does in attributes: ``?a=1&copy=2`` keeps its ``&copy``."""
    if "&" not in raw:
        return raw

    def replace(match: re.Match[str]) -> str:
        if not match[1] and match[2] and not match[0].startswith("&#"):
            return match[0]
        return html.unescape(match[0])

    return _REFERENCE.sub(replace, raw)


def settle(
    children: list[RawText | Hole | Element], *, keep: bool = False, trim: bool = False, raw: bool = False
) -> list[Child]:
    """Give every text its final value and drop the white space that is only layout.

    White space with a newline vanishes between two tags, and between the edge of an element and a hole;
    any other run is one space. ``keep`` leaves white space alone (``pre``, ``textarea``), ``raw`` also
    character references (``style``). ``trim`` drops white space at both edges whether it has a newline or
    not (the edges of ``@ptml`` and of a component's children).
    """
    settled: list[Child] = []
    last = len(children) - 1
    for index, child in enumerate(children):
        if not isinstance(child, RawText):
            settled.append(child)
            continue
        value = child.raw
        if not keep:
            left = children[index - 1] if index else None
            right = children[index + 1] if index < last else None
            if not value.strip(_SPACE):
                if _vanishes(value, left, right, trim):
                    continue
                value = " "
            else:
                if trim and left is None:
                    value = value.lstrip(_SPACE)
                if trim and right is None:
                    value = value.rstrip(_SPACE)
                value = _RUN.sub(" ", value)
        if not raw and "&" in value:
            value = html.unescape(value)
        if value:
            settled.append(Text(value, child.start, child.end))
    return settled


def _vanishes(
    space: str,
    left: RawText | Hole | Element | None,
    right: RawText | Hole | Element | None,
    trim: bool,
) -> bool:
    """Whether a run of white space between two neighbours (None is the edge) is only layout."""
    edge = left is None or right is None
    if trim and edge:
        return True
    if "\n" not in space:
        return False
    # Two holes, or a tag and a hole, side by side are words of a sentence: their space is content.
    return edge or (isinstance(left, Element) and isinstance(right, Element))
