"""Takes the snippets and the sentences out of the specification, so that tests run its own text."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["DOCUMENT", "Snippet", "sentences", "snippet", "snippets"]

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


@cache
def snippets() -> dict[tuple[str, int], Snippet]:
    """All blocks of code, by section ("A/B") and number."""
    found: dict[tuple[str, int], Snippet] = {}
    path: list[str] = []
    for match in _HEADING_OR_CODE.finditer(DOCUMENT.read_text(encoding="utf-8")):
        hashes, title, indent, language, code = match.groups()
        if hashes:
            path = [*path[: len(hashes) - 1], title]
            continue
        lines = [line.removeprefix(indent) for line in code.splitlines()]
        section = "/".join(path[1:])
        number = sum(key[0] == section for key in found)
        found[section, number] = Snippet(section, number, language, "\n".join(lines) + "\n")
    return found


def snippet(section: str, number: int = 0) -> Snippet:
    """The snippet number ``number`` under the headings ``section`` ("A/B")."""
    return snippets()[section, number]


def sentences() -> list[str]:
    """Every line of the document that is neither code nor a heading nor its table of contents."""
    text = re.sub(
        r"^ *```\w+\n.*?^ *```$", "", DOCUMENT.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(("#", "- ["))]
