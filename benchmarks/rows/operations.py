"""What is measured: the operations of the keyed rows benchmark, and what the table must show after each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["APPENDING", "OPERATIONS", "Operation"]


@dataclass(frozen=True)
class Operation:
    """Clicks that come before, the click that is measured, and the table that it must leave."""

    name: str
    click: str
    ids: Callable[[], list[int]]
    before: tuple[str, ...] = ()
    marked: range = field(default=range(0))
    selected: tuple[int, ...] = ()

    def check(self, table: dict[str, Any]) -> str:
        """What is wrong with the table; nothing when it is as it must be."""
        expected = {"ids": self.ids(), "marked": [*self.marked], "selected": [*self.selected], "bad": -1}
        wrong = [key for key, value in expected.items() if table[key] != value]
        return f"after {self.name}: {wrong[0]} of the table are {_short(table[wrong[0]])}" if wrong else ""


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) < 200 else f"{text[:100]} … {text[-80:]}"


def _ids(first: int, last: int) -> Callable[[], list[int]]:
    return lambda: list(range(first, last + 1))


def _swapped() -> list[int]:
    ids = list(range(1, 1001))
    ids[1], ids[998] = ids[998], ids[1]
    return ids


def _removed() -> list[int]:
    return [1, 2, 3, *range(5, 1001)]


OPERATIONS = (
    Operation("create 1,000", "#run", _ids(1, 1_000)),
    Operation("replace 1,000", "#run", _ids(1_001, 2_000), ("#run",)),
    Operation("update every 10th", "#update", _ids(1, 1_000), ("#run",), marked=range(0, 1_000, 10)),
    Operation("select", "tr:nth-child(2) a.lbl", _ids(1, 1_000), ("#run",), selected=(1,)),
    Operation("swap", "#swaprows", _swapped, ("#run",)),
    Operation("remove", "tr:nth-child(4) a.remove span", _removed, ("#run",)),
    Operation("append 1,000", "#add", _ids(1, 2_000), ("#run",)),
    Operation("clear 1,000", "#clear", list, ("#run",)),
    Operation("create 10,000", "#runlots", _ids(1, 10_000)),
)
#: Appending one row must not cost more the more there are.
APPENDING = (
    Operation("append 1 to 1,000", "#addone", _ids(1, 1_001), ("#run",)),
    Operation("append 1 to 10,000", "#addone", _ids(1, 10_001), ("#runlots",)),
)
