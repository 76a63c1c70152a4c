"""``import chat`` finds ``chat.ptml``."""

from __future__ import annotations

import importlib
import inspect
import linecache
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import metafor.compiler
from metafor.compiler import TemplateClashError, TemplateError
from metafor.compiler.hook import TemplateWarning
from metafor.errors import MetaforError
from tests.compiler import stub

CARD = '@component("Card") @props {\n    @prop title\n}\n@ptml { <h1>@{title}</h1> }\n'


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on ``sys.path``, with the hook installed; both are gone after the test."""
    stub.install(monkeypatch)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    before = set(sys.modules)
    metafor.compiler.install()
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_import_from(app: Path) -> None:
    (app / "card_template.ptml").write_text(CARD)
    from card_template import Card  # type: ignore[import-not-found]

    assert Card(title="x").values[0]() == "x"


def test_what_the_module_says_of_itself(app: Path) -> None:
    path = app / "card_template.ptml"
    path.write_text(CARD)
    module = importlib.import_module("card_template")
    assert module.__name__ == "card_template"
    assert module.__file__ == str(path)
    assert module.__spec__ is not None
    assert module.__spec__.origin == str(path)
    assert inspect.getsource(module) == CARD
    assert linecache.getline(str(path), 4, module.__dict__) == "@ptml { <h1>@{title}</h1> }\n"


def test_in_a_package_and_from_another_template(app: Path) -> None:
    package = app / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "card.ptml").write_text(CARD)
    (package / "page.ptml").write_text(
        'from .card import Card\n@component("Page") @ptml { <Card title="y"/> }\n'
    )
    module = importlib.import_module("shop.page")
    assert module.Page().values[0].attributes == {"title": "y"}
    assert module.__package__ == "shop"


def test_in_a_namespace_package(app: Path) -> None:
    (app / "widgets").mkdir()
    (app / "widgets" / "card.ptml").write_text(CARD)
    assert importlib.import_module("widgets.card").Card(title=1).values[0]() == 1


def test_mistakes_make_the_import_fail_with_all_of_them(app: Path) -> None:
    (app / "broken_template.ptml").write_text('@component("A") @ptml { <p onClick=@{x}><b></p> @{1 +} }\n')
    with pytest.raises(TemplateError) as caught:
        importlib.import_module("broken_template")
    assert [d.code for d in caught.value.diagnostics] == [
        "unknown-event",
        "unclosed-element",
        "python-syntax",
    ]
    assert "broken_template" not in sys.modules


def test_warnings_name_the_template(app: Path) -> None:
    path = app / "doubtful_template.ptml"
    path.write_text('\nX = "\\d"\n')
    with pytest.warns(TemplateWarning, match="invalid escape sequence") as caught:
        importlib.import_module("doubtful_template")
    assert (caught[0].filename, caught[0].lineno) == (str(path), 2)


@pytest.mark.parametrize("module", ["both.py", "both/__init__.py"])
def test_a_module_of_the_same_name_beside_it_is_a_clash(app: Path, module: str) -> None:
    (app / "both.ptml").write_text(CARD)
    (app / module).parent.mkdir(exist_ok=True)
    (app / module).write_text("")
    with pytest.raises(
        TemplateClashError, match=r"both\.ptml and both.* both are `both`.*rename one"
    ) as caught:
        importlib.import_module("both")
    assert isinstance(caught.value, MetaforError)
    assert isinstance(caught.value, ImportError)


def test_the_folder_that_comes_first_on_the_path_wins(
    app: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path_factory.mktemp("first")
    monkeypatch.syspath_prepend(first)
    (app / "twice.ptml").write_text(CARD)
    (first / "twice.py").write_text("WHERE = 'first'\n")
    assert importlib.import_module("twice").WHERE == "first"
    (first / "other.ptml").write_text("WHERE = 'first'\n")
    (app / "other.py").write_text("WHERE = 'app'\n")
    assert importlib.import_module("other").WHERE == "first"


def test_what_is_neither_stays_not_found(app: Path) -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_template")
    (app / "sys.ptml").write_text(CARD)
    assert importlib.import_module("sys") is sys


def test_install_twice_and_uninstall(app: Path) -> None:
    count = len(sys.meta_path)
    metafor.compiler.install()
    assert len(sys.meta_path) == count
    metafor.compiler.uninstall()
    assert len(sys.meta_path) == count - 1
    (app / "late_template.ptml").write_text(CARD)
    importlib.invalidate_caches()
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("late_template")
