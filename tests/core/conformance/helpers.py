"""What the conformance cases share: no pytest, so that the same files run inside Pyodide."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from metafor.core import create_root, set_error_handler


class Raised:
    """What :func:`raises` caught."""

    error: BaseException


@contextmanager
def raises(kind: type[BaseException], containing: str = "") -> Iterator[Raised]:
    """The block must raise ``kind`` with ``containing`` in its text."""
    caught = Raised()
    try:
        yield caught
    except kind as error:
        if containing not in str(error):
            raise AssertionError(f"{containing!r} is not in {error}") from error
        caught.error = error
    else:
        raise AssertionError(f"{kind.__name__} was not raised")


@contextmanager
def reported() -> Iterator[list[BaseException]]:
    """The errors that reach the global handler inside the block."""
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    try:
        yield errors
    finally:
        set_error_handler(previous)


def in_root(fn: Callable[[], Any]) -> Callable[[], None]:
    """Run ``fn`` under a root of its own and give what disposes it."""

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        fn()
        return dispose

    return create_root(start)


async def turns(count: int = 3) -> None:
    """Let the loop go round."""
    for _ in range(count):
        await asyncio.sleep(0)
