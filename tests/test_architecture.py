"""The parts of ARCHITECTURE.md: who may import whom, what stays unloaded, what never touches ``js``."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "metafor"

#: The parts of the house and what each may import of the others (beside itself and ``errors``).
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "core": set(),
    "compiler": set(),
    "dom": {"core"},
    "rx": {"core"},
    "channels": {"core"},
    "server": {"channels.protocol", "channels.errors", "channels.reliable.wire"},
    "cli": {"compiler", "server", "page"},
    "page": {"dom"},
}
#: `channels.stream -> rx` is the one edge between them (ruling 39).
EXTRA = {("channels/stream.py", "rx")}
#: The two files that may import `js` and `pyodide`, inside functions.
BROWSER_FILES = {"dom/hosts/browser.py", "channels/transports/browser.py"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[str, ast.stmt, bool]]:
    """Each imported module of a file, with its statement and whether only type checkers import it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    checking = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        for_types = id(node) in checking
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node, for_types
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            if module == "metafor":
                for alias in node.names:
                    yield f"metafor.{alias.name}", node, for_types
            else:
                yield module, node, for_types


def outside_functions(tree: ast.AST) -> Iterator[ast.stmt]:
    """The import statements that run when the module is imported."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from outside_functions(node)


def test_every_part_of_the_package_has_a_rule() -> None:
    parts = {part_of(path) for path in modules()} - {"__init__"}
    assert parts == {*MAY_IMPORT, "testing"}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_part_imports_only_what_it_may(path: Path) -> None:
    part = part_of(path)
    if part == "testing":
        return
    name = str(path.relative_to(PACKAGE))
    for module, node, _ in imports_of(path):
        if not module.startswith("metafor.") or module == "metafor.__version__" or part == "__init__":
            continue
        target = module.removeprefix("metafor.")
        first = target.split(".")[0]
        if first in (part, "errors") or (name, first) in EXTRA:
            continue
        allowed = MAY_IMPORT[part]
        assert first in allowed or target in allowed, f"{name}:{node.lineno} imports {module}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_browser_files_import_js_and_only_inside_functions(path: Path) -> None:
    name = str(path.relative_to(PACKAGE))
    at_import = {node.lineno for node in outside_functions(ast.parse(path.read_text(encoding="utf-8")))}
    for module, node, for_types in imports_of(path):
        if module.split(".")[0] in ("js", "pyodide", "pyodide_js") and not for_types:
            assert name in BROWSER_FILES, f"{name}:{node.lineno} imports {module}"
            assert node.lineno not in at_import, f"{name}:{node.lineno} imports {module} at import"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_reactivex_is_imported_in_two_files_only(path: Path) -> None:
    """Ruling 39; both files are themselves loaded on first use. Type checking imports do not count."""
    name = str(path.relative_to(PACKAGE))
    for module, node, for_types in imports_of(path):
        if module.split(".")[0] == "reactivex" and not for_types:
            assert name in {"rx.py", "channels/stream.py"}, f"{name}:{node.lineno} imports {module}"


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("__init__.py")), ids=lambda path: str(path.parent.relative_to(ROOT))
)
def test_a_package_loads_its_modules_when_they_are_asked_for(path: Path) -> None:
    """PEP 562."""
    package = ".".join(path.parent.relative_to(ROOT).parts)
    at_import = {node.lineno for node in outside_functions(ast.parse(path.read_text(encoding="utf-8")))}
    for module, node, for_types in imports_of(path):
        if module.startswith(f"{package}.") and not for_types:
            assert node.lineno not in at_import, f"{path}:{node.lineno} imports {module}"


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


def test_every_module_imports_on_cpython_without_js() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in modules()
    ]
    names = [name for name in names if not name.endswith("__main__")]
    loaded = loaded_after(f"import importlib; [importlib.import_module(name) for name in {names!r}]")
    assert not {"js", "pyodide", "pyodide_js"} & loaded
    assert set(names) <= loaded


@pytest.mark.parametrize("statement", ["import metafor.server", "from metafor.server import RoomServer"])
def test_the_server_loads_neither_reactivex_nor_core_nor_dom(statement: str) -> None:
    loaded = loaded_after(statement)
    assert "metafor.server" in loaded
    for unwanted in ("reactivex", "metafor.core", "metafor.dom"):
        assert unwanted not in loaded


def test_the_protocol_loads_nothing_of_the_runtime() -> None:
    loaded = loaded_after("import metafor.channels.protocol")
    for unwanted in ("reactivex", "metafor.core", "metafor.dom", "websockets"):
        assert unwanted not in loaded


def test_a_channel_does_not_load_reactivex_before_its_stream_is_used() -> None:
    loaded = loaded_after("from metafor.channels import Channel; Channel('ws://localhost:1/ws')")
    assert "reactivex" not in loaded


def test_the_package_itself_loads_nothing() -> None:
    loaded = loaded_after("import metafor")
    assert {name for name in loaded if name.startswith("metafor")} == {"metafor"}
