"""What is measured: the operations of the public keyed rows benchmark.

Each is the first of its kind on a fresh page, as a visitor meets it. The public benchmark
(https://github.com/krausest/js-framework-benchmark) lets an operation run a few times before it measures, so
that JavaScript and WebAssembly are compiled for speed: five times, an update of every tenth row three times.
These warm-ups are here, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.rows.table import Table

__all__ = ["APPENDING", "OPERATIONS", "Operation"]


def _label(row: int) -> str:
    return f"tr:nth-child({row}) a.lbl"


def _remove(row: int) -> str:
    return f"tr:nth-child({row}) a.remove span"


@dataclass(frozen=True)
class Operation:
    """Clicks that come before, those that warm up, those between, and the click that is measured."""

    name: str
    click: str
    before: tuple[str, ...] = ()
    warming: tuple[str, ...] = ()
    after_warming: tuple[str, ...] = ()

    def clicks_before(self, *, warm: bool) -> tuple[str, ...]:
        """All that is clicked before, with the warm-ups or without."""
        return (*self.before, *(self.warming if warm else ()), *self.after_warming)

    def check(self, shown: dict[str, Any], *, warm: bool) -> str:
        """What is wrong with the table that a page shows; nothing when it is as it must be."""
        table = Table()
        for selector in (*self.clicks_before(warm=warm), self.click):
            table.click(selector)
        expected = table.shown()
        wrong = [key for key, value in expected.items() if shown[key] != value]
        return f"after {self.name}: {wrong[0]} of the table are {_short(shown[wrong[0]])}" if wrong else ""


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) < 200 else f"{text[:100]} … {text[-80:]}"


_CYCLES = 5 * ("#run", "#clear")

OPERATIONS = (
    Operation("create 1,000", "#run", warming=_CYCLES),
    Operation("replace 1,000", "#run", warming=5 * ("#run",), after_warming=("#run",)),
    Operation("update every 10th", "#update", ("#run",), 3 * ("#update",)),
    Operation("select", _label(2), ("#run",), tuple(map(_label, range(5, 10)))),
    Operation("swap", "#swaprows", ("#run",), 5 * ("#swaprows",)),
    Operation("remove", _remove(4), ("#run",), tuple(map(_remove, range(9, 4, -1)))),
    Operation("append 1,000", "#add", warming=_CYCLES, after_warming=("#run",)),
    Operation("clear 1,000", "#clear", warming=_CYCLES, after_warming=("#run",)),
    Operation("create 10,000", "#runlots", warming=_CYCLES),
)
#: Appending one row must not cost more the more there are.
APPENDING = (
    Operation("append 1 to 1,000", "#addone", ("#run",), 5 * ("#addone",)),
    Operation("append 1 to 10,000", "#addone", ("#runlots",), 5 * ("#addone",)),
)
