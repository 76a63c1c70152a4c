"""The compiler of ``.ptml`` templates: text to Python that stands at the template's own lines.

Phases are folders: :mod:`~metafor.compiler.parse` (text to tree), :mod:`~metafor.compiler.analyze` (what
names and tags mean), :mod:`~metafor.compiler.emit` (tree to module). Standard library only; the runtime
is never imported, the generated code names it.

- :func:`compile_source`, :func:`compile_file`: to a module and its code, or :class:`TemplateError`.
- :func:`check_source`, :func:`check_file`: all mistakes and doubts, as a list.
- :func:`install`, :func:`uninstall`: ``import chat`` finds ``chat.ptml``.
- :func:`to_portable`: for another Python, which has no compiler (the page's).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafor.compiler.compile import (
        Compiled,
        check_file,
        check_source,
        compile_file,
        compile_source,
    )
    from metafor.compiler.diagnostics import Diagnostic, TemplateError
    from metafor.compiler.hook import TemplateClashError, install, uninstall
    from metafor.compiler.portable import Portable, PortableError, to_portable

__all__ = [
    "Compiled",
    "Diagnostic",
    "Portable",
    "PortableError",
    "TemplateClashError",
    "TemplateError",
    "check_file",
    "check_source",
    "compile_file",
    "compile_source",
    "install",
    "to_portable",
    "uninstall",
]

_HOMES = {
    "Compiled": "compile",
    "check_file": "compile",
    "check_source": "compile",
    "compile_file": "compile",
    "compile_source": "compile",
    "Diagnostic": "diagnostics",
    "TemplateError": "diagnostics",
    "TemplateClashError": "hook",
    "install": "hook",
    "uninstall": "hook",
    "Portable": "portable",
    "PortableError": "portable",
    "to_portable": "portable",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
