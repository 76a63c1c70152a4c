"""Imports read from syntax."""

from __future__ import annotations

import ast

import pytest

from metafor.cli.build.imports import imports_of


def found(source: str) -> list[tuple[str | None, tuple[str, ...], int, bool]]:
    return [(i.module, i.names, i.level, i.certain) for i in imports_of(ast.parse(source))]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b as c, d", [("a.b", (), 0, True), ("d", (), 0, True)]),
        ("from a import b as c, d", [("a", ("b", "d"), 0, True)]),
        ("from . import x", [(None, ("x",), 1, True)]),
        ("from ..y import *", [("y", ("*",), 2, True)]),
        ("def f():\n    import a", [("a", (), 0, False)]),
        ("class C:\n    import a", [("a", (), 0, True)]),
        ("with x():\n    import a", [("a", (), 0, True)]),
        ("if x:\n    import a\nelse:\n    import b", [("a", (), 0, False), ("b", (), 0, False)]),
        ("try:\n    import a\nexcept ImportError:\n    import b", [("a", (), 0, False), ("b", (), 0, False)]),
        ("try:\n    import a\nexcept (OSError, Exception):\n    pass", [("a", (), 0, False)]),
        ("try:\n    import a\nexcept ValueError:\n    pass", [("a", (), 0, True)]),
        ("try:\n    pass\nfinally:\n    import a", [("a", (), 0, True)]),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nelse:\n    import b",
         [("typing", ("TYPE_CHECKING",), 0, True), ("b", (), 0, True)]),
        ("if typing.TYPE_CHECKING:\n    import a", []),
        ("match x:\n    case 1:\n        import a", [("a", (), 0, False)]),
        ("async def f():\n    async with x:\n        from a import b", [("a", ("b",), 0, False)]),
        ("f = lambda: __import__('a')", []),
    ],
)  # fmt: skip
def test_imports(source: str, expected: list[object]) -> None:
    assert found(source) == expected
