"""Takes the snippets out of the specification, so that tests run its own text and not a copy of it."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).with_name("channels.md")

_HEADING_OR_CODE = re.compile(r"^(#{1,6}) ([^\n]*)$|^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Snippet:
    """One block of code: under which headings it stands, which one there (from 0), and its text."""

    section: str
    number: int
    language: str
    code: str

    async def run(self, namespace: dict[str, Any]) -> None:
        """Execute it, with ``await`` allowed at the top as in the document."""
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        result = eval(compile(self.code, f"<{self.section}>", "exec", flags=flags), namespace)
        if inspect.iscoroutine(result):
            await result

    def run_sync(self, namespace: dict[str, Any]) -> None:
        """Execute it as a script."""
        exec(compile(self.code, f"<{self.section}>", "exec"), namespace)


def _read() -> dict[tuple[str, int], Snippet]:
    snippets: dict[tuple[str, int], Snippet] = {}
    path: list[str] = []
    for match in _HEADING_OR_CODE.finditer(DOCUMENT.read_text(encoding="utf-8")):
        hashes, title, indent, language, code = match.groups()
        if hashes:
            path = [*path[: len(hashes) - 1], title]
            continue
        lines = [line.removeprefix(indent) for line in code.splitlines()]
        section = "/".join(path[1:])
        number = sum(key[0] == section for key in snippets)
        snippets[section, number] = Snippet(section, number, language, "\n".join(lines) + "\n")
    return snippets


SNIPPETS = _read()


def snippet(section: str, number: int = 0) -> Snippet:
    """The snippet number ``number`` under the headings ``section`` ("A/B")."""
    return SNIPPETS[section, number]
