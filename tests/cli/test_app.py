"""What is an app, and what its settings may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from metafor.cli.app import load_app
from metafor.cli.errors import AppError
from tests.cli.conftest import MakeApp


def test_an_app_without_settings(make_app: MakeApp) -> None:
    app = load_app(make_app({}))
    assert app.title == "My app"
    assert app.settings.lang == "en"
    assert app.settings.include == app.settings.requires == ()


def test_settings(make_app: MakeApp) -> None:
    settings = '[tool.metafor]\ninclude = ["data"]\nrequires = ["x>=1"]\ntitle = "T"\nlang = "de"\n'
    app = load_app(make_app({"pyproject.toml": "[project]\nname = 'x'\n" + settings}))
    assert app.settings.include == ("data",)
    assert app.settings.requires == ("x>=1",)
    assert (app.title, app.settings.lang) == ("T", "de")


def test_a_link_to_an_app_is_an_app(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(make_app({}))
    assert load_app(tmp_path / "link").root == tmp_path.resolve() / "my-app"


@pytest.mark.parametrize(
    ("name", "message"),
    [("nowhere", "no directory"), ("my-app/main.py", "no directory"), (".", "has no main.py")],
)
def test_what_is_no_app(make_app: MakeApp, tmp_path: Path, name: str, message: str) -> None:
    make_app({})
    with pytest.raises(AppError, match=message) as raised:
        load_app(tmp_path / name)
    assert raised.value.next_step


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[tool.metafor", "cannot be read"),
        ("[tool]\nmetafor = 3", "has to be a table"),
        ("[tool.metafor]\nrequire = []", "did you mean 'requires'"),
        ("[tool.metafor]\nzzz = []", "there are include, requires, title, lang"),
        ("[tool.metafor]\ninclude = 'x'", "include under .* a list of strings, not 'x'"),
        ("[tool.metafor]\nrequires = [1]", "requires under .* a list of strings"),
        ("[tool.metafor]\ntitle = 1", "title under .* a string, not 1"),
    ],
)
def test_settings_that_make_no_sense(make_app: MakeApp, settings: str, message: str) -> None:
    with pytest.raises(AppError, match=message):
        load_app(make_app({"pyproject.toml": settings}))
