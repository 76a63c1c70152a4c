"""What the page must show after some clicks: the same table, kept in plain Python."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["Table"]

_IN_ROW = re.compile(r"tr:nth-child\((\d+)\) a\.(lbl|remove)")
_COUNTS = {"#run": 1_000, "#runlots": 10_000, "#add": 1_000, "#addone": 1}


class Table:
    """The ids of the rows in order, those with marks behind their labels, and the selected one."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._marked: set[int] = set()
        self._selected: int | None = None
        self._made = 0

    def click(self, selector: str) -> None:
        """Do what a click on this element does."""
        ids = self._ids
        if selector in ("#run", "#runlots", "#clear"):
            ids.clear()
            self._selected = None
        if selector in _COUNTS:
            first = self._made + 1
            self._made += _COUNTS[selector]
            ids.extend(range(first, self._made + 1))
        elif selector == "#update":
            self._marked.update(ids[::10])
        elif selector == "#swaprows":
            ids[1], ids[998] = ids[998], ids[1]
        elif found := _IN_ROW.match(selector):
            position = int(found[1]) - 1
            if found[2] == "remove":
                del ids[position]
            else:
                self._selected = ids[position]

    def shown(self) -> dict[str, Any]:
        """As ``probe.table()`` reads it from a page: ids; positions of what is marked and selected."""
        return {
            "ids": self._ids,
            "marked": [at for at, id in enumerate(self._ids) if id in self._marked],
            "selected": [at for at, id in enumerate(self._ids) if id == self._selected],
            "bad": -1,
        }
