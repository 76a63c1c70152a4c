"""The examples in the docstrings of the public names: each runs, and those of errors give theirs."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

import metafor.core as core
from metafor.core import create_root, create_signal, create_store
from metafor.testing import collect_errors, in_virtual_time

NAMES = [name for name in core.__all__ if inspect.getdoc(getattr(core, name))]
ERRORS = [
    name
    for name in NAMES
    if inspect.isclass(getattr(core, name)) and issubclass(getattr(core, name), core.CoreError)
]
#: What is handled in its example, and what needs a fetch that somebody cancels.
NOT_RAISED = ("CoreError", "FetchCancelledError")


def example(name: str) -> str:
    """The code after the last ``Example::`` of a docstring."""
    text = inspect.getdoc(getattr(core, name)) or ""
    before, colons, code = text.rpartition("::\n")
    assert colons, f"{name} has no example"
    assert "xample" in before.splitlines()[-1], f"{name}: {before.splitlines()[-1]}"
    return textwrap.dedent(code)


async def in_a_thread(fn: Callable[..., Any], *arguments: Any) -> Any:
    """``asyncio.to_thread``, without the executor, which virtual time cannot wait for."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(fn, *arguments).result()


def surroundings() -> dict[str, Any]:
    """What the examples take for granted."""

    async def coroutine(*_: object) -> Any:
        await asyncio.sleep(0.1)
        return {"todos": []}

    count, set_count = create_signal(0)
    query, set_query = create_signal("")
    items, _ = create_signal([SimpleNamespace(price=2)])
    selected, _ = create_signal(1)
    names = {name: getattr(core, name) for name in core.__all__}
    return names | {
        "asyncio": SimpleNamespace(create_task=asyncio.create_task, to_thread=in_a_thread),
        "json": json,
        "log": logging.getLogger("example"),
        "loop": asyncio.get_running_loop(),
        "count": count,
        "set_count": set_count,
        "total": count,
        "title": count,
        "query": query,
        "set_query": set_query,
        "set_first": set_query,
        "set_last": set_query,
        "set_message": set_query,
        "cart": items,
        "draft": query,
        "search": list,
        "selected_id": selected,
        "user_id": selected,
        "row": SimpleNamespace(id=1),
        "state": create_store({"todos": [1]}),
        "theme": core.create_context("light"),
        "owner": core.get_owner(),
        "start": lambda dispose: dispose,
        "show": count,
        "show_hint": count,
        "render_chart": count,
        "user": core.create_resource(coroutine),
        "channel": SimpleNamespace(connect=coroutine, close=coroutine, state_signal=count),
        "save": coroutine,
        "fetch_state": coroutine,
        "fetch_user": coroutine,
        "fetch_name": coroutine,
        "poll_prices": coroutine,
        "path": SimpleNamespace(write_text=len),
        "print": lambda *_: None,
    }


@in_virtual_time
async def run(code: str) -> list[str]:
    """Run ``code`` under a root; give the names of the errors that it raised or that were reported."""
    found: list[str] = []
    previous = core.set_error_handler(None)

    async def body() -> None:
        names = surroundings()
        exec("async def example():\n" + textwrap.indent(code, "    "), names)
        try:
            await names["example"]()
        except core.CoreError as error:
            found.append(type(error).__name__)
        await asyncio.sleep(2)

    def begin(dispose: Any) -> Any:
        return core.spawn(body()), dispose

    with collect_errors() as reported:
        task, dispose = create_root(begin)
        await task
        dispose()
        await asyncio.sleep(1)
    core.set_error_handler(previous)
    return found + [type(error).__name__ for error in reported]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ERRORS or name in NOT_RAISED])
def test_the_example_runs(name: str) -> None:
    assert run(example(name)) == []


@pytest.mark.parametrize("name", [name for name in ERRORS if name not in NOT_RAISED])
def test_the_example_of_an_error_raises_it(name: str) -> None:
    assert run(example(name)) == [name]
