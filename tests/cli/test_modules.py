"""Which modules ship (ruling 34)."""

from __future__ import annotations

from pathlib import Path

import pytest

from metafor.cli.app import load_app
from metafor.cli.build.modules import Collection, collect
from tests.cli.conftest import MakeApp, write_tree


def collected(directory: Path, *provided: str) -> Collection:
    return collect(load_app(directory), frozenset(provided))


def sources(directory: Path) -> list[str]:
    found = collected(directory)
    assert found.problems == []
    return found.sources


def test_what_main_reaches_ships_and_nothing_else(make_app: MakeApp) -> None:
    app = make_app(
        {
            "main.py": "import json, a\nfrom pkg.sub import deep\ndef later():\n    import late",
            "a.py": "import pkg",
            "pkg/__init__.py": "from . import sibling",
            "pkg/sibling.py": "from .sub import *",
            "pkg/sub/__init__.py": "from ..other import thing",
            "pkg/sub/deep.py": "",
            "pkg/other.py": "",
            "late.py": "",
            "unused.py": "import broken syntax",
            "tests/test_a.py": "",
            ".secret.py": "",
        }
    )
    assert sorted(sources(app)) == [
        "a.py", "late.py", "main.py", "pkg/__init__.py", "pkg/other.py", "pkg/sibling.py",
        "pkg/sub/__init__.py", "pkg/sub/deep.py",
    ]  # fmt: skip
    assert set(collected(app).files) == set(sources(app))


def test_a_folder_without_init_is_a_package(make_app: MakeApp) -> None:
    app = make_app({"main.py": "from plugins import a\nimport plugins.b", "plugins/a.py": "",
                    "plugins/b.py": "", "email/x.py": "", "json.py": ""})  # fmt: skip
    assert sources(app) == ["main.py", "plugins/a.py", "plugins/b.py"]
    write_tree(app, {"main.py": "import json, email"})
    assert sources(app) == ["main.py", "json.py"]  # the app's own module comes before Python's


def test_an_import_cycle_ends(make_app: MakeApp) -> None:
    assert sources(make_app({"main.py": "import a", "a.py": "import b", "b.py": "import a, main"})) == [
        "main.py", "a.py", "b.py",
    ]  # fmt: skip


def test_include_takes_modules_folders_and_data(make_app: MakeApp) -> None:
    app = make_app(
        {
            "pyproject.toml": '[tool.metafor]\ninclude = ["plugins/*.py", "data"]',
            "plugins/a.py": "import helper",
            "plugins/test_a.py": "",
            "helper.py": "",
            "data/words.txt": "x",
            "data/.hidden": "x",
            "data/tests/x.txt": "x",
        }
    )
    assert sources(app) == ["data/words.txt", "main.py", "plugins/a.py", "helper.py"]
    assert collected(app).files["data/words.txt"] == b"x"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("nothing/*", "matches no file"), ("../x", "leads out"), ("/etc/hosts", "leads out"),
     ("", "leads out"), ("tests", "matches no file")],
)  # fmt: skip
def test_an_include_that_makes_no_sense(make_app: MakeApp, pattern: str, message: str) -> None:
    app = make_app({"pyproject.toml": f'[tool.metafor]\ninclude = ["{pattern}"]', "tests/x.txt": ""})
    (problem,) = collected(app).problems
    assert message in problem


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import metafor.server", "main.py:1: imports metafor.server, which runs on a server"),
        ("from metafor.server import RoomServer", "imports metafor.server"),
        ("from metafor import cli", "imports metafor.cli"),
        ("def f():\n    import metafor.cli.main", "main.py:2: imports metafor.cli"),
        ("import metafor.compiler", "imports metafor.compiler, which a page does not have"),
        ("from metafor import testing", "imports metafor.testing"),
        ("import numpy.linalg", 'requires = ["numpy"]'),
        ("from .x import y", "a relative import leads out"),
        ("from .. import y", "a relative import leads out"),
        ("import conftest", "tests and hidden files are never shipped"),
        ("def f(:\n    pass", "main.py:1: invalid syntax\n    def f(:"),
        ("x = '\0'", "null bytes"),
    ],
)
def test_problems(make_app: MakeApp, source: str, message: str) -> None:
    app = make_app({"main.py": source, "conftest.py": ""})
    (problem,) = collected(app).problems
    assert message in problem


def test_all_problems_come_in_one_run(make_app: MakeApp) -> None:
    app = make_app({"main.py": "import a, nowhere\nimport metafor.cli", "a.py": "x ="})
    assert [problem.split(":")[0] for problem in collected(app).problems] == ["main.py", "main.py", "a.py"]


@pytest.mark.parametrize(
    "source",
    ["try:\n    import numpy\nexcept ImportError:\n    numpy = None", "def f():\n    import numpy",
     "import numpy_wheel", "import js, pyodide.ffi, asyncio, reactivex, compression.zstd",
     "from __future__ import annotations\nfrom typing import TYPE_CHECKING\n"
     "if TYPE_CHECKING:\n    from metafor.server import Broker"],
)  # fmt: skip
def test_imports_that_may_lead_elsewhere(make_app: MakeApp, source: str) -> None:
    assert collected(make_app({"main.py": source}), "numpy_wheel").problems == []


def test_links_that_leave_the_app_never_go(make_app: MakeApp, tmp_path: Path) -> None:
    write_tree(tmp_path / "outside", {"secret.py": "", "data.txt": ""})
    app = make_app({"main.py": "import secret, inner", "real.py": "",
                    "pyproject.toml": '[tool.metafor]\ninclude = ["*.txt"]'})  # fmt: skip
    (app / "secret.py").symlink_to(tmp_path / "outside" / "secret.py")
    (app / "data.txt").symlink_to(tmp_path / "outside" / "data.txt")
    (app / "inner.py").symlink_to(app / "real.py")  # stays inside: as good as a file
    found = collected(app)
    assert sorted(problem.split(":")[0] for problem in found.problems) == ["data.txt", "secret.py"]
    assert "inner.py" in found.files


def test_what_is_reached_of_metafor(make_app: MakeApp) -> None:
    found = collected(make_app({"main.py": "import a", "a.py": "from metafor import channels"}))
    assert found.reaches("metafor.channels")
    assert not found.reaches("metafor.rx")
    assert not collected(make_app({"main.py": "from metafor import core"})).reaches("metafor.channels")
