"""The Python end of the page's start: make the app importable and run its ``main.py``.

It needs nothing of the browser, so that it is tested on plain CPython; `start.js` calls `run`.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import sys
import traceback
from collections.abc import Coroutine
from types import CodeType, TracebackType
from typing import Any, NamedTuple

__all__ = ["Failure", "describe", "run"]


_FRAMEWORK = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


class Failure(NamedTuple):
    """What an app died of: ``shown`` without the frames that are metafor's own, and the ``whole``."""

    shown: str
    whole: str


async def run(root: str, entry: str = "main.py", *, blocking: bool = True) -> Failure | None:
    """Run the app in the folder ``root`` and say what it died of.

    ``root`` goes first in ``sys.path``, its templates become importable, and ``entry`` runs as
    ``__main__`` with ``await`` allowed at its top level. Returns None when it ended, also by
    ``sys.exit(0)``; otherwise the traceback, beginning at the app's own code.

    ``blocking`` says whether ``asyncio.run`` can wait inside the page's loop. Where it cannot (a
    browser without WebAssembly stack switching), it starts its coroutine, gives the task, and the
    rest of the module runs on at once; the app has ended when those tasks have.
    """
    started: list[asyncio.Task[Any]] = []
    if not blocking:
        _let_run_only_start(started)
    path = os.path.join(root, entry)
    sys.path.insert(0, root)
    try:
        from metafor.page import loader

        loader.install(root)
        code = _compile(path)
        main = sys.modules["__main__"].__dict__
        main.update(__file__=path, __builtins__=__builtins__)
        value = eval(code, main)
        if inspect.iscoroutine(value):
            await value
        while started:
            await started.pop(0)
    except SystemExit as exit:
        return None if exit.code in (None, 0) else Failure(*[f"The app called sys.exit({exit.code!r})"] * 2)
    except BaseException as error:
        return describe(error, root)
    return None


def _let_run_only_start(started: list[asyncio.Task[Any]]) -> None:
    def start(main: Coroutine[Any, Any, Any], **_: object) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(main)
        started.append(task)
        return task

    asyncio.run = start  # type: ignore[assignment]  # a task instead of a result: all that can be had


def describe(error: BaseException, root: str) -> Failure:
    """What to say about ``error``, from the first frame of the app in the folder ``root`` on."""
    report = traceback.TracebackException(type(error), error, _from_app(error, root))
    whole = "".join(report.format()).rstrip()
    _leave_out_framework(report)
    return Failure("".join(report.format()).rstrip(), whole)


def _leave_out_framework(report: traceback.TracebackException) -> None:
    """Keep the frames of the app and its libraries; the innermost one stays whosever it is."""
    ours = [frame for frame in report.stack if not frame.filename.startswith(_FRAMEWORK)]
    report.stack[:] = ours or report.stack[-1:]
    for other in (report.__cause__, report.__context__, *(report.exceptions or ())):
        if other is not None:
            _leave_out_framework(other)


def _compile(path: str) -> CodeType:
    with open(path, "rb") as file:
        source = file.read()
    code: CodeType = compile(source, path, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return code


def _from_app(error: BaseException, root: str) -> TracebackType | None:
    """Where the app's frames begin. A syntax error carries its place itself and needs no frame of ours."""
    inside = os.path.join(root, "")
    frame = error.__traceback__
    while frame is not None and not frame.tb_frame.f_code.co_filename.startswith(inside):
        frame = frame.tb_next
    return frame if frame is not None or isinstance(error, SyntaxError) else error.__traceback__
