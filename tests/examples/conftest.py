"""Makes the modules of an example importable, one example at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from metafor.compiler import install, uninstall

EXAMPLES = Path(__file__).parents[2] / "examples"

#: Gives a module of the example.
Load = Callable[[str], ModuleType]


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """The modules of ``examples/chat``."""
    with _importable("chat", monkeypatch) as load:
        yield load


@pytest.fixture
def todomvc(monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """The modules of ``examples/todomvc``."""
    with _importable("todomvc", monkeypatch) as load:
        yield load


@contextmanager
def _importable(example: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(EXAMPLES / example)
    install()
    yield import_module
    uninstall()
    # Examples have modules of the same names.
    for name in set(sys.modules) - before:
        if str(EXAMPLES) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]
