"""The open brackets of a stretch of Python, and those that were lost."""

from __future__ import annotations

from typing import Final

from metafor.compiler.diagnostics import Reporter

__all__ = ["CLOSERS", "OPENERS", "Brackets"]

OPENERS: Final = {")": "(", "]": "[", "}": "{"}
CLOSERS: Final = {"(": ")", "[": "]", "{": "}"}


class Brackets:
    """The open brackets; true while there is one. One that never closes is reported by what follows it."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        #: The open ones with their offsets, and how many there are of each kind.
        self._stack: list[tuple[str, int]] = []
        self._open = dict.fromkeys(CLOSERS, 0)
        #: Those that were reported, by kind: what closes them is no mistake of its own.
        self.lost = dict.fromkeys(CLOSERS, 0)

    def __bool__(self) -> bool:
        return bool(self._stack)

    def __contains__(self, opener: str) -> bool:
        return self._open[opener] > 0

    def open(self, opener: str, at: int) -> None:
        """One opens at an offset."""
        self._stack.append((opener, at))
        self._open[opener] += 1

    def close(self, opener: str) -> tuple[int, bool]:
        """Close the innermost of a kind, which is open, and report those inside it.

        Gives where it was opened, and whether none was inside.
        """
        index = len(self._stack) - 1
        while self._stack[index][0] != opener:
            index -= 1
        sound = self._report(index + 1)
        self._open[opener] -= 1
        return self._stack.pop()[1], sound

    def report_all(self) -> bool:
        """Report all: what follows shows that they never close. Gives whether there was none."""
        return self._report(0)

    def forget_from(self, offset: int) -> None:
        """Drop those opened since ``offset``: what was to close them cannot be read."""
        while self._stack and self._stack[-1][1] >= offset:
            self._open[self._stack.pop()[0]] -= 1

    def _report(self, index: int) -> bool:
        lost = self._stack[index:]
        for opener, at in lost:
            self._open[opener] -= 1
            self.lost[opener] += 1
            self._reporter.report(
                "unclosed-bracket",
                at,
                at + 1,
                f"`{opener}` is never closed",
                f"close it with `{CLOSERS[opener]}`",
            )
        del self._stack[index:]
        return not lost
