"""The text of one template file, and the ways to name a place in it.

Three kinds of position meet in the compiler: offsets into the text (what the parser counts), line and
column in characters (what a person reads) and line and column in UTF-8 bytes (what Python's ``ast``
wants). This file is the only one that converts between them, in constant time on ASCII lines.
"""

from __future__ import annotations

from bisect import bisect_right

__all__ = ["Source"]


class Source:
    r"""A template's text with its line index.

    ``text`` may have any newline convention and a byte order mark; ``Source.text`` has ``\n`` alone and
    no mark, so that lines are counted as Python's own tokenizer counts them. Offsets are indexes into
    ``Source.text``. ``filename`` is used as given, in diagnostics and in code objects.
    """

    __slots__ = ("_ascii", "_starts", "_tables", "filename", "text")

    def __init__(self, text: str, filename: str) -> None:
        text = text.removeprefix("\ufeff")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.text = text
        self.filename = filename
        self._ascii = text.isascii()
        starts = [0]
        find = text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        self._starts = starts
        self._tables: dict[int, list[int] | None] = {}

    def __len__(self) -> int:
        return len(self.text)

    @property
    def lines(self) -> int:
        """How many lines there are; an empty file has one."""
        return len(self._starts)

    def line_of(self, offset: int) -> int:
        """The 1-based line that holds ``offset``."""
        return bisect_right(self._starts, offset)

    def line_start(self, line: int) -> int:
        """The offset where the 1-based ``line`` begins."""
        return self._starts[line - 1]

    def line_end(self, line: int) -> int:
        """The offset of the newline that ends ``line``, or of the end of the file."""
        return self._starts[line] - 1 if line < len(self._starts) else len(self.text)

    def position(self, offset: int) -> tuple[int, int]:
        """``offset`` for a person: 1-based line, 1-based column in characters."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def location(self, offset: int) -> tuple[int, int]:
        """``offset`` as ``ast`` counts: 1-based line, 0-based column in UTF-8 bytes."""
        line = bisect_right(self._starts, offset)
        column = offset - self._starts[line - 1]
        if not self._ascii:
            table = self._table(line)
            if table is not None:
                column = table[column]
        return line, column

    def offset(self, line: int, column: int) -> int:
        """The offset of an ``ast`` position, moved into the file where it lies outside of it."""
        line = min(max(line, 1), len(self._starts))
        start = self._starts[line - 1]
        if not self._ascii:
            table = self._table(line)
            if table is not None:
                column = max(bisect_right(table, column) - 1, 0)
        return min(start + max(column, 0), self.line_end(line))

    def _table(self, line: int) -> list[int] | None:
        """Byte column of every character of a line; None for an ASCII line. Built once per line."""
        if line in self._tables:
            return self._tables[line]
        text = self.text[self.line_start(line) : self.line_end(line)]
        table: list[int] | None = None
        if not text.isascii():
            table = [0]
            total = 0
            for character in text:
                code = ord(character)
                total += 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
                table.append(total)
        self._tables[line] = table
        return table
