"""``import chat`` finds ``chat.ptml``, wherever Python would look for ``chat.py``."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from functools import lru_cache
from importlib.abc import ExecutionLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import ClassVar

from metafor.compiler import cache
from metafor.errors import MetaforError

__all__ = ["TemplateClashError", "TemplateLoader", "TemplateWarning", "install", "uninstall"]

_SUFFIX = ".ptml"


class TemplateClashError(MetaforError, ImportError):
    """A folder holds a template and a Python module of the same name: ``import`` could mean either."""

    code: ClassVar[str] = "compiler/template-clash"

    def __init__(self, template: Path, module: Path) -> None:
        folder = template.parent
        super().__init__(
            f"{template.name} and {module.relative_to(folder)} in {folder} both are `{template.stem}`",
            next_step="rename one of them",
        )


class TemplateWarning(UserWarning):
    """What a compiled template has that is doubtful without being wrong."""


class TemplateLoader(ExecutionLoader):
    """Loads one template. ``get_source`` gives the template's text, so that tools show its lines."""

    def __init__(self, fullname: str, path: str) -> None:
        self.name = fullname
        self.path = path

    def get_filename(self, fullname: str) -> str:
        """The path of the ``.ptml`` file."""
        return self.path

    def get_source(self, fullname: str) -> str:
        """The template's own text."""
        return Path(self.path).read_text(encoding="utf-8-sig")

    def get_code(self, fullname: str) -> CodeType:
        """The template's code: from the cache, or compiled. Raises ``TemplateError`` with all mistakes."""
        with open(self.path, "rb") as file:
            source = file.read()
        entry = cache.load(self.path, source)
        if entry is None:
            entry = self._compile(source)
            cache.save(self.path, source, entry)
        for line, message in entry.warnings:
            warnings.warn_explicit(message, TemplateWarning, self.path, line)
        return entry.code

    def _compile(self, source: bytes) -> cache.Entry:
        # Only here: a page of unchanged templates never loads the compiler.
        from metafor.compiler.compile import compile_bytes

        compiled = compile_bytes(source, self.path)
        found = tuple((one.line, f"{one.message} [{one.code}]") for one in compiled.diagnostics)
        return cache.Entry(compiled.code, found)

    def exec_module(self, module: ModuleType) -> None:
        """Compile the template and run its module."""
        exec(self.get_code(module.__name__), module.__dict__)


@lru_cache(maxsize=256)
def _real(folder: str) -> str:
    return os.path.realpath(folder)


class _TemplateFinder(MetaPathFinder):
    """Stands before Python's own finders, because only there a clash of names can be seen."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        tail = fullname.rpartition(".")[2]
        if path is None and tail in sys.builtin_module_names:
            return None
        entries = sys.path if path is None else path
        for index, entry in enumerate(entries):
            # Strings, not `Path`: this runs for every import of anything.
            name = os.path.join(entry or ".", tail + _SUFFIX)
            if not os.path.isfile(name):
                continue
            earlier = PathFinder.find_spec(fullname, list(entries)[:index]) if index else None
            if earlier is not None and earlier.loader is not None:
                return None
            stem = name.removesuffix(_SUFFIX)
            for module in (stem + ".py", os.path.join(stem, "__init__.py")):
                if os.path.isfile(module):
                    raise TemplateClashError(Path(name), Path(module))
            location = os.path.join(_real(entry or os.getcwd()), tail + _SUFFIX)
            return spec_from_file_location(fullname, location, loader=TemplateLoader(fullname, location))
        return None


def install() -> None:
    """Make ``import`` find templates in every folder of ``sys.path`` and of packages.

    A template earlier on the path than a module of its name wins, as with modules; beside a module of its
    name in one folder it is a :class:`TemplateClashError`. A template with mistakes makes the import
    raise :class:`TemplateError`. Calling it again changes nothing.

    Example::

        import metafor.compiler
        metafor.compiler.install()
        from chat import ChatComponent          # chat.ptml
    """
    if not any(isinstance(finder, _TemplateFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _TemplateFinder())


def uninstall() -> None:
    """Undo :func:`install`. Modules that were imported stay."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _TemplateFinder)]
