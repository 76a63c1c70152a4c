"""Small apps, and a runtime that is small too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from metafor.cli.runtime.find import Runtime
from metafor.cli.runtime.release import SHA256, VERSION

MakeApp = Callable[[dict[str, str]], Path]


def write_tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def fake_runtime(folder: Path, version: str = VERSION) -> Path:
    """A directory with all the files of a Pyodide, and next to nothing in them."""
    files = dict.fromkeys(SHA256, "")
    files["package.json"] = json.dumps({"version": version})
    files["pyodide-lock.json"] = json.dumps({"info": {"python": "3.14.2"}, "packages": {"numpy": {}}})
    files["pyodide.mjs"] = 'load("pyodide.asm.mjs");\n//# sourceMappingURL=pyodide.mjs.map\n'
    files["pyodide.asm.mjs"] = 'here("pyodide.asm.mjs");\n'
    return write_tree(folder, files)


@pytest.fixture
def make_app(tmp_path: Path) -> MakeApp:
    """Writes an app (``main.py`` is there unless given) and gives its directory."""

    def make(files: dict[str, str]) -> Path:
        return write_tree(tmp_path / "my-app", {"main.py": "", **files}).resolve()

    return make


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    return Runtime(fake_runtime(tmp_path / "runtime"))
