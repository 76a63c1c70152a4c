"""Built templates: three files to a module that stands at the template's own lines."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from metafor.compiler import compile_file, to_portable
from metafor.page import loader
from tests.compiler import stub

TEMPLATE = """\
@component("Counter") @props {
    @prop start: int = 1
}
@ptml {
    <p title="é">
        @{1 / start}
    </p>
}
"""


def build(folder: Path, name: str, source: str) -> Path:
    """The three files of a built template."""
    path = folder / f"{name}.ptml"
    path.write_text(source, encoding="utf-8")
    portable = to_portable(compile_file(path))
    Path(f"{path}.py").write_text(portable.source, encoding="utf-8")
    Path(f"{path}.pos").write_text(portable.positions, encoding="utf-8")
    return path


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    stub.install(monkeypatch)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    before = set(sys.modules)
    loader.install(str(tmp_path))
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_built_template_is_a_module(root: Path) -> None:
    path = build(root, "built_counter", TEMPLATE)
    module = importlib.import_module("built_counter")
    assert module.__file__ == str(path)
    assert inspect.getsource(module) == TEMPLATE
    assert module.Counter(start=2).values[0]() == 0.5


def test_its_tracebacks_show_the_template(root: Path) -> None:
    path = build(root, "built_counter", TEMPLATE)
    hole = importlib.import_module("built_counter").Counter(start=0).values[0]
    with pytest.raises(ZeroDivisionError) as caught:
        hole()
    assert "".join(traceback.format_tb(caught.tb)[1:]) == (
        f'  File "{path}", line 6, in <lambda>\n    @{{1 / start}}\n      ~~^~~~~~~\n'
    )


def test_in_a_package(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(root)
    (root / "built_shop").mkdir()
    (root / "built_shop" / "__init__.py").write_text("")
    build(root / "built_shop", "counter", TEMPLATE)
    build(root / "built_shop", "page", 'from .counter import Counter\nX = <Counter start="1"/>\n')
    module = importlib.import_module("built_shop.page")
    assert module.X.attributes == {"start": "1"}


def test_what_was_not_built_is_not_found(root: Path) -> None:
    (root / "plain_counter.ptml").write_text(TEMPLATE)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("plain_counter")


def test_install_twice_is_install_once(root: Path) -> None:
    count = len(sys.meta_path)
    loader.install(str(root))
    assert len(sys.meta_path) == count
    loader.install(str(root / "other"))
    assert len(sys.meta_path) == count + 1


def test_positions_that_belong_to_other_code_are_refused() -> None:
    with pytest.raises(ImportError, match=r"a\.ptml: the built files do not belong together"):
        loader.load_code("x = 1\n", "[1,0,0,1]", "a.ptml")


def test_needs_the_standard_library_alone() -> None:
    tree = ast.parse(Path(loader.__file__).read_text(encoding="utf-8"))
    names = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    } | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
