"""The whole way: text to parsed tree to analysed tree to module, or to a list of mistakes."""

from __future__ import annotations

import ast
import gc
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from metafor.compiler.analyze.names import analyze_names
from metafor.compiler.diagnostics import Diagnostic, Reporter, TemplateError
from metafor.compiler.emit.distinct import distinct_code
from metafor.compiler.emit.module import emit_module
from metafor.compiler.parse.advice import advise
from metafor.compiler.parse.template import parse_template
from metafor.compiler.source import Source

__all__ = ["Compiled", "check_file", "check_source", "compile_bytes", "compile_file", "compile_source"]


@dataclass(frozen=True, slots=True)
class Compiled:
    r"""A compiled template.

    ``module`` is the Python module with the template's own positions and ``code`` its code object,
    ready for ``exec``. ``components`` names the components in the order of the file. ``diagnostics``
    holds what is doubtful without being wrong. ``source`` is the text with ``\n`` for every newline.
    """

    module: ast.Module
    code: CodeType
    filename: str
    source: str
    components: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def compile_source(source: str, filename: str) -> Compiled:
    r"""Compile the text of a ``.ptml`` file. ``filename`` goes into tracebacks and diagnostics as given.

    Raises :class:`TemplateError` with every mistake in the file. Runs none of the template's code.

    Example::

        compiled = compile_source('@component("Hi")\n@ptml { <p>Hi</p> }', "hi.ptml")
        namespace = {"__name__": "hi"}
        exec(compiled.code, namespace)
    """
    with _undisturbed():
        reporter = Reporter(Source(source, filename))
        compiled = _run(reporter, warn=False)
    if compiled is None:
        raise TemplateError(reporter.sorted())
    return compiled


def check_source(source: str, filename: str) -> list[Diagnostic]:
    """Everything that is wrong or doubtful in a template's text, in the order of the file.

    Finds what :func:`compile_source` does, and warns of unknown names, unused props, accessibility slips
    and duplicate keys. Never raises for a template, and runs none of its code.
    """
    with _undisturbed():
        reporter = Reporter(Source(source, filename))
        _run(reporter, warn=True)
    return reporter.sorted()


def check_file(path: str | os.PathLike[str]) -> list[Diagnostic]:
    """:func:`check_source` for a file. Raises ``OSError`` when it cannot be read."""
    try:
        return check_source(_decode(Path(path).read_bytes(), os.fspath(path)), os.fspath(path))
    except TemplateError as error:
        return error.diagnostics


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No garbage collection meanwhile: trees hold no garbage, but are looked through again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _run(reporter: Reporter, *, warn: bool) -> Compiled | None:
    """All phases; None when there are mistakes. With ``warn`` also what is merely doubtful is reported."""
    text = reporter.source
    if not _readable(text, reporter):
        return None
    template = parse_template(text, reporter)
    _check_components([(c.name, c.start) for c in template.components], reporter)
    analysis = analyze_names(template, reporter)
    if warn:
        from metafor.compiler.analyze.lint import lint

        lint(template, analysis, reporter)
    if reporter.failed:
        return None
    module = emit_module(template, analysis, text)
    code = _compile(module, text, reporter)
    if code is None:
        return None
    return Compiled(
        module=module,
        code=code,
        filename=text.filename,
        source=text.text,
        components=tuple(component.name for component in template.components),
        diagnostics=tuple(reporter.sorted()),
    )


def compile_file(path: str | os.PathLike[str]) -> Compiled:
    """Compile a ``.ptml`` file, which is UTF-8 text. The path as given is the name in tracebacks.

    Raises :class:`TemplateError`, and ``OSError`` when the file cannot be read.
    """
    return compile_bytes(Path(path).read_bytes(), os.fspath(path))


def compile_bytes(data: bytes, name: str) -> Compiled:
    """Compile the content of a ``.ptml`` file, as :func:`compile_file` does."""
    return compile_source(_decode(data, name), name)


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        readable = Source(data.decode("utf-8", errors="replace"), name)
        reporter = Reporter(readable)
        start = len(data[: error.start].decode("utf-8-sig").replace("\r\n", "\n"))
        reporter.report(
            "unreadable-source",
            start,
            start + 1,
            f"this is not UTF-8 text: {error.reason}",
            "save the file as UTF-8",
        )
        raise TemplateError(reporter.sorted()) from None


def _readable(source: Source, reporter: Reporter) -> bool:
    """Python takes neither NUL characters nor halves of surrogate pairs."""
    at = source.text.find("\0")
    if at < 0:
        try:
            source.text.encode("utf-8")
            return True
        except UnicodeEncodeError as error:
            at = error.start
    reporter.report(
        "unreadable-source",
        at,
        at + 1,
        f"the character U+{ord(source.text[at]):04X} cannot stand in a template",
        "remove it",
    )
    return False


def _check_components(components: list[tuple[str, int]], reporter: Reporter) -> None:
    seen: dict[str, int] = {}
    for name, start in components:
        if name and name in seen:
            reporter.report(
                "duplicate-component",
                start,
                reporter.source.line_end(reporter.source.line_of(start)),
                f"the component `{name}` is defined twice, first at {reporter.where(seen[name])}",
                "give one of them another name",
            )
        seen.setdefault(name, start)


def _compile(module: ast.Module, source: Source, reporter: Reporter) -> CodeType | None:
    """Python's own compiler over the module: the last mistakes (a `return` at the top of the file, an
    `await` outside of an async function) are its to find, at positions that are the template's.
    """
    code: CodeType | None = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with distinct_code(module):
                code = compile(module, source.filename, "exec", dont_inherit=True)
        except SyntaxError as error:
            start = source.offset(error.lineno or 1, (error.offset or 1) - 1)
            end = start + 1
            if error.end_lineno and error.end_offset:
                end = max(source.offset(error.end_lineno, error.end_offset - 1), end)
            hint = advise(source.text, 0, len(source), start, str(error.msg), hole=False)
            reporter.report("python-syntax", start, end, f"this is not valid Python: {error.msg}", hint)
        except (RecursionError, MemoryError):
            reporter.report("expression-depth", 0, 1, "the Python of this file is nested too deeply")
        except ValueError as error:
            reporter.report("python-syntax", 0, 1, f"Python refuses this file: {error}")
    for warning in caught:
        start = source.offset(warning.lineno, 0)
        end = source.line_end(source.line_of(start))
        reporter.report("python-warning", start, end, f"Python warns: {warning.message}", "", "warning")
    return code
