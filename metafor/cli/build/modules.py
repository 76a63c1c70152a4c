"""Which files of an app ship: the modules that ``main.py`` reaches, and what the settings include."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from metafor.cli.app import ENTRY, App
from metafor.cli.build.imports import Import, imports_of

__all__ = ["Collection", "collect", "is_private"]

#: Parts of metafor that have no business in a page (ruling 34).
SERVER_ONLY = ("metafor.server", "metafor.cli")
NOT_IN_A_PAGE = ("metafor.compiler", "metafor.testing")
#: What a page has beside the standard library of the Python that builds it: Pyodide's own modules,
#: what later versions of Python brought, and what metafor brings along.
IN_A_PAGE = frozenset(
    {
        "js",
        "pyodide",
        "pyodide_js",
        "annotationlib",
        "compression",
        "metafor",
        "reactivex",
        "typing_extensions",
    }
)


@dataclass(slots=True)
class Collection:
    """What an app consists of. ``files`` maps paths in the app to content; ``sources`` are those that
    the author wrote, in the order in which they were reached; ``problems`` is empty if all is well.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    external: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def reaches(self, *packages: str) -> bool:
        """Whether a module imports one of ``packages`` or something in them."""
        return any(_is_in(name, package) for name in self.external for package in packages)


def collect(app: App, provided: frozenset[str] = frozenset()) -> Collection:
    """Follow the imports from ``main.py``. ``provided`` are the top-level modules of bundled wheels.

    All mistakes are found in one run: in Python, in templates, and in imports that lead nowhere.
    """
    return _Collector(app, provided).run()


def is_private(path: PurePosixPath) -> bool:
    """Whether a file of this name never ships: dot-files, caches and tests (ruling 34)."""
    if any(part.startswith(".") or part in ("__pycache__", "node_modules") for part in path.parts):
        return True
    if any(part in ("tests", "test") for part in path.parts[:-1]):
        return True
    name = path.name
    return name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py")


@dataclass(frozen=True, slots=True)
class _Module:
    name: str
    path: Path
    shown: str

    @property
    def package(self) -> str:
        """What relative imports in this module are relative to."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


class _Collector:
    def __init__(self, app: App, provided: frozenset[str]) -> None:
        self._root = app.root
        self._include = app.settings.include
        self._provided = provided
        self._found = Collection()
        self._seen: set[str] = set()
        self._waiting: list[_Module] = []

    def run(self) -> Collection:
        self._reach(_Module("__main__", self._root / ENTRY, ENTRY))
        for pattern in self._include:
            self._take_included(pattern)
        while self._waiting:
            self._read(self._waiting.pop(0))
        return self._found

    # -- One module ------------------------------------------------------------------------------

    def _reach(self, module: _Module) -> None:
        if module.shown in self._seen:
            return
        self._seen.add(module.shown)
        if is_private(PurePosixPath(module.shown)):
            self._problem(module.shown, None, "is imported, but tests and hidden files are never shipped",
                          "move what the app needs out of it")  # fmt: skip
        elif not module.path.resolve().is_relative_to(self._root):
            self._problem(module.shown, None, "is a link that leaves the app", "copy the file into the app")
        else:
            self._waiting.append(module)

    def _read(self, module: _Module) -> None:
        tree = self._template(module) if module.path.suffix == ".ptml" else self._python(module)
        if tree is None:
            return
        self._found.sources.append(module.shown)
        for statement in imports_of(tree):
            self._follow(module, statement)

    def _python(self, module: _Module) -> ast.Module | None:
        content = module.path.read_bytes()
        self._found.files[module.shown] = content
        try:
            return ast.parse(content, module.shown)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            text = (getattr(error, "text", None) or "").strip()
            message = getattr(error, "msg", None) or str(error)
            self._problem(module.shown, line, message + (f"\n    {text}" if text else ""))
            return None

    def _template(self, module: _Module) -> ast.Module | None:
        from metafor.compiler import PortableError, TemplateError, compile_source, to_portable

        content = module.path.read_bytes()
        try:
            compiled = compile_source(content.decode("utf-8-sig"), module.shown)
            portable = to_portable(compiled)
        except TemplateError as error:
            self._found.problems.extend(diagnostic.format() for diagnostic in error.diagnostics)
            return None
        except PortableError as error:
            self._problem(module.shown, None, error.message, error.next_step)
            return None
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self._problem(module.shown, line, "is not UTF-8 text", "save it as UTF-8")
            return None
        self._found.files[module.shown] = content
        self._found.files[f"{module.shown}.py"] = portable.source.encode()
        self._found.files[f"{module.shown}.pos"] = portable.positions.encode()
        return compiled.module

    # -- Imports ---------------------------------------------------------------------------------

    def _follow(self, module: _Module, statement: Import) -> None:
        base = statement.module or ""
        if statement.level:
            package = module.package.split(".") if module.package else []
            kept = package[: max(0, len(package) - statement.level + 1)]
            if not kept:
                self._problem(
                    module.shown, statement.line, "a relative import leads out of the app's packages",
                    f"import by the full name{f': from {base} import …' if base else ''}",
                )  # fmt: skip
                return
            base = ".".join([*kept, base] if base else kept)
        found = self._reach_name(base) if base else True
        if found:
            for name in statement.names:
                self._reach_name(f"{base}.{name}")
        elif not self._is_known(base, statement.names, module, statement) and statement.certain:
            top = base.partition(".")[0]
            self._problem(
                module.shown, statement.line,
                f"imports {base}, which is neither in the app nor in Python nor among its wheels",
                f'correct the name, or add a wheel that has it: requires = ["{top}"] under [tool.metafor]',
            )  # fmt: skip

    def _reach_name(self, name: str) -> bool:
        """Ship the module ``name`` and the packages that it is in; False if the app has no such module."""
        parts = name.split(".")
        found = False
        for count in range(1, len(parts) + 1):
            modules = list(self._locate(parts[:count]))
            if len(modules) == 2:
                first, second = (module.shown for module in modules)
                self._problem(first, None, f"and {second} are both the module {'.'.join(parts[:count])}",
                              "rename one of them")  # fmt: skip
            for module in modules[:1]:
                self._reach(module)
            found = bool(modules) or self._is_namespace(parts[:count])
            if not found:
                break
        return found

    def _is_namespace(self, parts: list[str]) -> bool:
        """Whether a directory without ``__init__.py`` is this package; an installed one comes first."""
        return not self._is_installed(parts[0]) and self._root.joinpath(*parts).is_dir()

    def _locate(self, parts: list[str]) -> Iterator[_Module]:
        """The files that are this module: one, unless a ``.py`` and a ``.ptml`` share a name."""
        if parts[0] == "metafor" or not all(part.isidentifier() for part in parts):
            return
        folder = self._root.joinpath(*parts)
        candidates = [folder / "__init__.py", folder.with_suffix(".py"), folder.with_suffix(".ptml")]
        for path in candidates:
            if path.is_file():
                yield _Module(".".join(parts), path, path.relative_to(self._root).as_posix())

    def _is_known(self, base: str, names: tuple[str, ...], module: _Module, statement: Import) -> bool:
        reached = {base, *(f"{base}.{name}" for name in names)} if names else {base}
        self._found.external |= reached
        for package in SERVER_ONLY:
            if any(_is_in(name, package) for name in reached):
                self._problem(
                    module.shown, statement.line, f"imports {package}, which runs on a server, not in a page",
                    "keep it in a module that main.py does not reach",
                )  # fmt: skip
                return True
        for package in NOT_IN_A_PAGE:
            if any(_is_in(name, package) for name in reached):
                self._problem(
                    module.shown, statement.line, f"imports {package}, which a page does not have",
                    "keep it in a module that main.py does not reach",
                )  # fmt: skip
                return True
        return self._is_installed(base.partition(".")[0])

    def _is_installed(self, top: str) -> bool:
        return top in sys.stdlib_module_names or top in IN_A_PAGE or top in self._provided

    # -- Included files --------------------------------------------------------------------------

    def _take_included(self, pattern: str) -> None:
        if PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts or not pattern:
            self._problem("pyproject.toml", None, f"include {pattern!r} leads out of the app",
                          "name files by their path inside the app")  # fmt: skip
            return
        matches = sorted(self._root.glob(pattern))
        files = [
            path
            for match in matches
            for path in (sorted(match.rglob("*")) if match.is_dir() else [match])
            if path.is_file() and not is_private(PurePosixPath(path.relative_to(self._root).as_posix()))
        ]
        if not files:
            self._problem("pyproject.toml", None, f"include {pattern!r} matches no file that may be shipped",
                          "correct the pattern, or take it out")  # fmt: skip
        for path in files:
            self._include_file(path)

    def _include_file(self, path: Path) -> None:
        shown = path.relative_to(self._root).as_posix()
        if path.suffix in (".py", ".ptml"):
            parts = list(PurePosixPath(shown).with_suffix("").parts)
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            self._reach(_Module(name, path, shown))
        elif shown not in self._seen:
            self._seen.add(shown)
            if not path.resolve().is_relative_to(self._root):
                self._problem(shown, None, "is a link that leaves the app", "copy the file into the app")
                return
            self._found.files[shown] = path.read_bytes()
            self._found.sources.append(shown)

    def _problem(self, shown: str, line: int | None, message: str, next_step: str = "") -> None:
        place = shown if line is None else f"{shown}:{line}"
        self._found.problems.append(f"{place}: {message}" + (f"\n  -> {next_step}" if next_step else ""))


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")
