"""The pages about templates: one per diagnostic, and what they show is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metafor.compiler import check_source
from metafor.compiler.codes import CODES

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {path.stem: path for path in (DOCS / "diagnostics").glob("*.md") if path.stem != "README"}
#: Their examples would be too long, or no text at all.
WITHOUT_EXAMPLE = {"unreadable-source", "markup-depth", "hole-depth", "expression-depth"}


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(PAGES) == set(CODES)
    index = (DOCS / "diagnostics" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((.*)\.md\)", index) == list(CODES)
    for code, meaning in CODES.items():
        text = PAGES[code].read_text(encoding="utf-8")
        assert text.startswith(f"# `{code}`\n\n{meaning}\n")
        assert f"| [`{code}`]({code}.md) | {meaning} |" in index


@pytest.mark.parametrize("code", CODES)
def test_the_example_of_a_page(code: str) -> None:
    text = PAGES[code].read_text(encoding="utf-8")
    if code in WITHOUT_EXAMPLE:
        assert "```" not in text
        return
    (wrong,), (shown,), (right,) = (
        blocks(text, "ptml wrong"),
        blocks(text, "text"),
        blocks(text, "ptml right"),
    )
    found = [one.format() for one in check_source(wrong, "example.ptml") if one.code == code]
    if code in ("python-syntax", "python-warning"):
        # Versions of Python word this differently.
        assert shown.splitlines()[1:] == found[0].splitlines()[1:]
    else:
        assert shown == found[0] + "\n"
    assert check_source(right, "example.ptml") == []


@pytest.mark.parametrize("page", sorted(DOCS.glob("templates*.md")), ids=lambda page: page.stem)
def test_the_examples_of_the_reference(page: Path) -> None:
    examples = blocks(page.read_text(encoding="utf-8"), "ptml")
    assert len(examples) >= 10
    for example in examples:
        assert check_source(example, page.name) == [], example
