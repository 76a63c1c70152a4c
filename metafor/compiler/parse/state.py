"""What the parsers of one file share."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from metafor.compiler.diagnostics import Reporter
from metafor.compiler.parse.nodes import MarkupExpr
from metafor.compiler.source import Source

__all__ = ["BLOCK_LINE", "MAX_HOLES", "Abandoned", "Literal", "State"]

#: Holes and components inside each other (ruling 38).
MAX_HOLES: Final = 50

#: A block that begins in the first column: nothing inside another block looks so, which makes it the
#: place where reading goes on after a block that never ended.
BLOCK_LINE: Final = re.compile(
    r"^@(?:component(?=[ \t]*\()|(?:props|ptml)(?=\s*\{)|style(?=[ \t\w]*\{))", re.MULTILINE
)


class Abandoned(Exception):
    """The rest of the current block cannot be read; the cause has been reported."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Markup found in Python. ``closed`` is False when its end had to be guessed."""

    node: MarkupExpr
    end: int
    closed: bool


@dataclass(slots=True)
class State:
    """One file being parsed. ``markup(state, offset)`` parses the markup that begins at an offset."""

    source: Source
    reporter: Reporter
    markup: Callable[[State, int], Literal]
    #: Holes and components around the current place.
    depth: int = 0
    #: The tags that are open in the markup being read, by name, and in the markup around it.
    tags: dict[str, int] = field(default_factory=dict)
    enclosing: list[dict[str, int]] = field(default_factory=list)
    #: What Python warned about since this was last emptied.
    warnings: list[warnings.WarningMessage] = field(default_factory=list)
    #: The quote around the attribute value that the next hole stands in.
    quote: str = ""
    #: Whether the block that is being read has no end for a reason that was reported.
    explained: bool = False
    #: The last brace in the first column that closed something inside of a block: where that began, and
    #: the code to report when the brace turns out to be missed by the block.
    borrowed: tuple[int, str] | None = None
    #: Things of which no more follow in the file, so that looking for them again costs nothing.
    exhausted: set[str] = field(default_factory=set)

    @property
    def text(self) -> str:
        """The whole file."""
        return self.source.text

    def descend(self, start: int, end: int) -> None:
        """Enter a hole or a component; the caller restores ``depth`` when it leaves."""
        self.depth += 1
        if self.depth > MAX_HOLES:
            self.reporter.report(
                "hole-depth",
                start,
                end,
                f"holes and components are nested more than {MAX_HOLES} deep",
                "move the inner part into a component of its own",
            )
            raise Abandoned

    def pair(self, start: int, brace: int, code: str) -> None:
        """Something that began at ``start`` was closed by the ``}`` at ``brace``."""
        if self.text[brace - 1 : brace] == "\n" and self.text.find("\n", start, brace) >= 0:
            self.borrowed = start, code

    def next_block(self, offset: int) -> int:
        """Where reading goes on after a block that never ended: the next block line, or the end."""
        found = BLOCK_LINE.search(self.text, offset)
        return found.start() if found else len(self.text)

    def find(self, what: str, offset: int) -> int:
        """``text.find``, remembering what is not there: a file of unclosed comments stays linear."""
        if what in self.exhausted:
            return -1
        at = self.text.find(what, offset)
        if at < 0:
            self.exhausted.add(what)
        return at
