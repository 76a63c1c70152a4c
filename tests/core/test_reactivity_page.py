"""Every snippet of docs/reactivity.md, executed as it stands there; its table of errors is complete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from metafor.core import CoreError
from metafor.testing import in_virtual_time

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reactivity.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def run(mark: str) -> dict[str, Any]:
    (snippet,) = [one for one in SNIPPETS if mark in one]
    scope: dict[str, Any] = {"__name__": "snippet"}
    exec(compile(snippet, "docs/reactivity.md", "exec"), scope)
    return scope


def test_no_snippet_is_left_out() -> None:
    assert len(SNIPPETS) == 3


def test_stores() -> None:
    run("create_store")


def test_tests() -> None:
    run("assert_no_leaks")["test_the_list_follows_the_query_a_second_later"]()


def test_streams() -> None:
    in_virtual_time(run("from_signal")["search_as_you_type"])()


ERRORS = [kind for kind in CoreError.__subclasses__() if kind.__module__ == CoreError.__module__]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_each_named_error_stands_in_the_table_with_its_code(kind: type[CoreError]) -> None:
    assert f"| `{kind.__name__}` | `{kind.code}` |" in PAGE
