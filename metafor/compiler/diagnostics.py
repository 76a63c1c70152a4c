"""What the compiler says about a template: diagnostics, the reporter that collects them, the error."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import ClassVar, Final, Literal

from metafor.compiler.codes import CODES
from metafor.compiler.source import Source
from metafor.errors import MetaforError

__all__ = ["Diagnostic", "Reporter", "TemplateError", "guess"]

Severity = Literal["error", "warning"]

#: Characters of a line that a frame shows around the mistake: lines of a minified file have no end.
_FRAME_WIDTH: Final = 100

#: Nobody mistypes a name longer than this, and comparing long ones takes long.
_LONGEST_GUESS: Final = 40

#: What a terminal must not be sent.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake, or one doubtful place, in a template.

    ``code`` is stable and kebab-case (see :data:`metafor.compiler.codes.CODES`). ``line`` and ``column``
    are 1-based and count characters, ``end_line`` and ``end_column`` point behind the last character.
    ``message`` says what is wrong, ``hint`` what to do (it may be empty). ``str(diagnostic)`` is
    :meth:`format`.
    """

    code: str
    severity: Severity
    filename: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    hint: str = ""
    #: The part of the source line that a frame shows, and the column where that part begins.
    excerpt: str = field(default="", repr=False)
    excerpt_column: int = field(default=1, repr=False)

    def format(self) -> str:
        """The diagnostic for a terminal: place and message, the source line with a caret, the next step.

        Example::

            chat.ptml:12:5: error: <div> is never closed [unclosed-element]
              12 |     <div>
                 |     ^^^^^
              hint: close it with </div>
        """
        head = f"{self.filename}:{self.line}:{self.column}: {self.severity}: {self.message} [{self.code}]"
        number = f"{self.line:>4}"
        before = self.excerpt[: self.column - self.excerpt_column]
        marked = self.excerpt[len(before) :]
        if self.end_line == self.line:
            marked = marked[: self.end_column - self.column]
        pad = "".join("\t" if c == "\t" else " " * _width(c) for c in before)
        carets = "^" * max(sum(_width(c) for c in marked.rstrip()), 1)
        lines = [head, f"{number} | {self.excerpt}".rstrip(), f"{' ' * len(number)} | {pad}{carets}"]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.format()


def _width(character: str) -> int:
    """Columns that a terminal gives to a character."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class TemplateError(MetaforError):
    """A template cannot be compiled. ``diagnostics`` holds all its mistakes, in the order of the file.

    ``str(error)`` shows every one with its frame. Raised by ``compile_source``, ``compile_file`` and, for
    a template that is imported, by the ``import`` statement.
    """

    code: ClassVar[str] = "compiler/template"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics: list[Diagnostic] = list(diagnostics)
        errors = sum(d.severity == "error" for d in self.diagnostics)
        names = sorted({d.filename for d in self.diagnostics})
        noun = "mistake" if errors == 1 else "mistakes"
        super().__init__(f"{errors} {noun} in {', '.join(names)}")

    def __str__(self) -> str:
        return "\n\n".join([self.message, *(d.format() for d in self.diagnostics)])


class Reporter:
    """Collects the diagnostics of one file while the phases run over it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._found: dict[tuple[str, int], Diagnostic] = {}

    @property
    def failed(self) -> bool:
        """Whether an error (not merely a warning) was reported."""
        return any(d.severity == "error" for d in self._found.values())

    def sorted(self) -> list[Diagnostic]:
        """All diagnostics in the order of the file."""
        return sorted(self._found.values(), key=lambda d: (d.line, d.column, d.code))

    def report(
        self,
        code: str,
        start: int,
        end: int,
        message: str,
        hint: str = "",
        severity: Severity = "error",
    ) -> None:
        """Record a mistake at the offsets ``start`` to ``end``; the same code at one place is kept once."""
        if code not in CODES:
            raise ValueError(f"unlisted diagnostic code {code!r}")
        source = self.source
        start = min(max(start, 0), len(source))
        end = min(max(end, start), len(source))
        if (code, start) in self._found:
            return
        line, column = source.position(start)
        end_line, end_column = source.position(end)
        first, last = source.line_start(line), source.line_end(line)
        if last - first > _FRAME_WIDTH:
            first = max(first, start - _FRAME_WIDTH // 2)
            last = min(last, first + _FRAME_WIDTH)
        self._found[code, start] = Diagnostic(
            code=code,
            severity=severity,
            filename=source.filename,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            message=message,
            hint=hint,
            excerpt=_CONTROL.sub("\N{REPLACEMENT CHARACTER}", source.text[first:last]),
            excerpt_column=first - source.line_start(line) + 1,
        )

    def where(self, offset: int) -> str:
        """``line:column`` of an offset, for a message that points to a second place."""
        line, column = self.source.position(offset)
        return f"{line}:{column}"


def guess(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, or None."""
    return _guess(word, frozenset(known)) if len(word) <= _LONGEST_GUESS else None


@lru_cache(maxsize=256)
def _guess(word: str, known: frozenset[str]) -> str | None:
    # Sorted, because among equally good words the first is taken.
    folded = {name.lower(): name for name in sorted(known, reverse=True)}
    lowered = word.lower()
    if lowered in folded:
        return folded[lowered]
    close = get_close_matches(lowered, sorted(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None
