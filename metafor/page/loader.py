"""Built templates in the page: portable Python back to code that stands at the template's own lines.

The build ships three files for a template ``chat.ptml``: its text (so that tracebacks can show it),
``chat.ptml.py`` with plain Python and ``chat.ptml.pos`` with the places of its nodes. Standard library
only, and no parser of templates: Python's own reads the source (ruling 36).
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import ExecutionLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

__all__ = ["BuiltTemplateFinder", "BuiltTemplateLoader", "install", "load_code"]


def load_code(source: str, positions: str, filename: str) -> CodeType:
    """The code of a built template.

    Takes the ``source`` and ``positions`` that ``metafor.compiler.to_portable`` made and the ``filename``
    that tracebacks shall name. Raises ImportError when the two do not belong together.
    """
    tree = ast.parse(source, filename)
    numbers: list[int] = json.loads(positions)
    nodes = list(_placed(tree))
    if len(numbers) != 4 * len(nodes):
        raise ImportError(
            f"{filename}: the built files do not belong together "
            f"({len(numbers) // 4} positions for {len(nodes)} nodes); build the app again"
        )
    line = at = 0
    for node in nodes:
        line += numbers[at]
        node.lineno = line
        node.col_offset = numbers[at + 1]
        node.end_lineno = line + numbers[at + 2]
        node.end_col_offset = numbers[at + 3]
        at += 4
        if isinstance(node, ast.JoinedStr):
            _place_parts(node, node)
    return compile(tree, filename, "exec", dont_inherit=True)


def _placed(tree: ast.AST) -> Iterator[ast.expr]:
    """Every node with a place, in the order of ``positions``: parents first, and of an f-string only the
    expressions in it, because versions of Python differ in what else they make of one.
    """
    stack = [tree]
    while stack:
        node = stack.pop()
        if node._attributes:
            # Whatever has a place has the four fields that expressions have.
            yield node  # type: ignore[misc]
        if isinstance(node, ast.JoinedStr):
            stack.extend(reversed(list(_interpolated(node))))
        else:
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def _interpolated(joined: ast.JoinedStr) -> Iterator[ast.expr]:
    for part in joined.values:
        if isinstance(part, ast.FormattedValue):
            yield part.value
            if isinstance(part.format_spec, ast.JoinedStr):
                yield from _interpolated(part.format_spec)


def _place_parts(joined: ast.JoinedStr, whole: ast.JoinedStr) -> None:
    """What has no entry of its own in an f-string stands where the f-string does."""
    for part in joined.values:
        ast.copy_location(part, whole)
        if isinstance(part, ast.FormattedValue) and isinstance(part.format_spec, ast.JoinedStr):
            ast.copy_location(part.format_spec, whole)
            _place_parts(part.format_spec, whole)


class BuiltTemplateLoader(ExecutionLoader):
    """Loads one built template; ``path`` is that of its ``.ptml``."""

    def __init__(self, fullname: str, path: str) -> None:
        self.name = fullname
        self.path = path

    def get_filename(self, fullname: str) -> str:
        """The path of the template."""
        return self.path

    def get_source(self, fullname: str) -> str:
        """The template's own text."""
        return Path(self.path).read_text(encoding="utf-8-sig")

    def get_code(self, fullname: str) -> CodeType:
        """The template's code, from the two files beside it."""
        source = Path(self.path + ".py").read_text(encoding="utf-8")
        positions = Path(self.path + ".pos").read_text(encoding="utf-8")
        return load_code(source, positions, self.path)

    def exec_module(self, module: ModuleType) -> None:
        """Run the template's module."""
        exec(self.get_code(module.__name__), module.__dict__)


class BuiltTemplateFinder(MetaPathFinder):
    """Finds the built templates under ``root`` and in the packages there."""

    def __init__(self, root: str) -> None:
        self.root = root

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of ``fullname`` where a built template of its name is found, else None."""
        tail = fullname.rpartition(".")[2]
        for folder in (self.root,) if path is None else path:
            template = f"{folder}/{tail}.ptml"
            if Path(template + ".py").is_file():
                loader = BuiltTemplateLoader(fullname, template)
                return spec_from_file_location(fullname, template, loader=loader)
        return None


def install(root: str) -> None:
    """Make ``import chat`` find the built template ``chat.ptml`` in the folder ``root``.

    Modules in packages are found in their packages. Calling it again with the same root changes nothing.
    """
    for finder in sys.meta_path:
        if isinstance(finder, BuiltTemplateFinder) and finder.root == root:
            return
    sys.meta_path.insert(0, BuiltTemplateFinder(root))
