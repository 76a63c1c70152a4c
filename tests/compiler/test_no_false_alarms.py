"""What is right raises no alarm: `metafor check` over the apps, the README, the specification."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metafor.compiler import check_file, check_source

ROOT = Path(__file__).parents[2]
APPS = ("examples", "benchmarks")
TEMPLATES = sorted(path for app in APPS for path in ROOT.glob(f"{app}/**/*.ptml"))
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("tests/spec/**/channels.md"), *ROOT.glob("docs/*.md")])
BLOCK = re.compile(r"^ *```\w+\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)

#: The templates in the documents: those that have a component, since mere parts use names of others.
SNIPPETS = [
    pytest.param(match[1], id=f"{document.name}-{number}")
    for document in DOCUMENTS
    for number, match in enumerate(BLOCK.finditer(document.read_text(encoding="utf-8")))
    if "\n@ptml {" in match[1]
]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_of_an_app(path: Path) -> None:
    assert [one.format() for one in check_file(path)] == []


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_of_a_document(snippet: str) -> None:
    assert [one.format() for one in check_source(snippet, "snippet.ptml")] == []


def test_the_snippets_are_found() -> None:
    names = [str(snippet.id).rpartition("-")[0] for snippet in SNIPPETS]
    assert (names.count("channels.md"), names.count("README.md") >= 2, len(TEMPLATES) > 10) == (2, True, True)
