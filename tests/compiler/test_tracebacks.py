"""A traceback names the template's file, line and text: the whole text is asserted."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from metafor.compiler import compile_file, to_portable
from metafor.page.loader import load_code
from tests.compiler import stub

Load = Callable[[str], dict[str, Any]]


@pytest.fixture(params=["compiled", "portable"])
def load(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Runs a template's text: as the compiler gives it, and as a page loads it."""
    stub.install(monkeypatch)

    def load(source: str) -> dict[str, Any]:
        path = tmp_path / "chat.ptml"
        path.write_text(dedent(source), encoding="utf-8")
        compiled = compile_file(path)
        if request.param == "compiled":
            return stub.run(compiled.code)
        portable = to_portable(compiled)
        return stub.run(load_code(portable.source, portable.positions, str(path)))

    return load


def text_of(error: BaseException, folder: Path) -> str:
    """The traceback without the frames of the test itself."""
    frames = error.__traceback__
    while frames is not None and not frames.tb_frame.f_code.co_filename.endswith(".ptml"):
        frames = frames.tb_next
    lines = traceback.format_exception(type(error), error, frames)
    # Newer versions of Python mark the parts of a call with `~` and `^`, older ones the call.
    return "".join(lines).replace(str(folder) + "/", "").replace("~", "^")


def failing(call: Callable[[], Any], folder: Path) -> str:
    with pytest.raises(ZeroDivisionError) as caught:
        call()
    return text_of(caught.value, folder)


CHAT = """\
    import asyncio

    def divide(n):
        return 1 / n

    @component("Chat") @props {
        @prop size: int = 0

        def total():
            return [divide(size)]

        async def send():
            await asyncio.sleep(0)
            return [divide(size)]
    }

    @ptml {
        <section>
            <p title="é @{divide(size)}">ñçü @{size and 1} @{1 / size} ü</p>
            <button onclick=@{send}>Send</button>
            @{[<li>@{[<b>@{total()
                + [1]}</b> for _ in "a"]}</li> for _ in "b"]}
        </section>
    }
    """


def values(namespace: dict[str, Any]) -> list[Any]:
    return list(namespace["Chat"](size=0).values)


def test_from_a_hole(load: Load, tmp_path: Path) -> None:
    hole = values(load(CHAT))[2]
    assert failing(hole, tmp_path) == dedent(
        """\
        Traceback (most recent call last):
          File "chat.ptml", line 19, in <lambda>
            <p title="é @{divide(size)}">ñçü @{size and 1} @{1 / size} ü</p>
                                                             ^^^^^^^^
        ZeroDivisionError: division by zero
        """
    )


def test_from_an_attribute(load: Load, tmp_path: Path) -> None:
    hole = values(load(CHAT))[0]
    assert failing(hole, tmp_path) == dedent(
        """\
        Traceback (most recent call last):
          File "chat.ptml", line 19, in <lambda>
            <p title="é @{divide(size)}">ñçü @{size and 1} @{1 / size} ü</p>
                          ^^^^^^^^^^^^
          File "chat.ptml", line 4, in divide
            return 1 / n
                   ^^^^^
        ZeroDivisionError: division by zero
        """
    )


def test_from_an_async_handler(load: Load, tmp_path: Path) -> None:
    handler = values(load(CHAT))[3]
    assert failing(lambda: asyncio.run(handler()), tmp_path) == dedent(
        """\
        Traceback (most recent call last):
          File "chat.ptml", line 14, in send
            return [divide(size)]
                    ^^^^^^^^^^^^
          File "chat.ptml", line 4, in divide
            return 1 / n
                   ^^^^^
        ZeroDivisionError: division by zero
        """
    )


def test_from_a_nested_lambda(load: Load, tmp_path: Path) -> None:
    namespace = load(
        """\
        @component("Chat") @ptml {
            <button onclick=@{lambda: [(lambda n: 1 / n)(m) for m in (1, 0)]}>ñ</button>
        }
        """
    )
    (handler,) = namespace["Chat"]().values
    lines = failing(handler, tmp_path).splitlines()
    # Before 3.12 a comprehension has a frame of its own, at the same line.
    text = "\n".join(line for line in lines if not line.endswith("in <listcomp>"))
    assert text.startswith(
        """\
Traceback (most recent call last):
  File "chat.ptml", line 2, in <lambda>
    <button onclick=@{lambda: [(lambda n: 1 / n)(m) for m in (1, 0)]}>ñ</button>
"""
    )
    assert text.endswith(
        """\
  File "chat.ptml", line 2, in <lambda>
    <button onclick=@{lambda: [(lambda n: 1 / n)(m) for m in (1, 0)]}>ñ</button>
                                          ^^^^^
ZeroDivisionError: division by zero"""
    )


def test_from_markup_in_python_in_markup(load: Load, tmp_path: Path) -> None:
    items = values(load(CHAT))[4]()
    bold = items[0].values[0]()[0]
    assert failing(bold.values[0], tmp_path) == dedent(
        """\
        Traceback (most recent call last):
          File "chat.ptml", line 21, in <lambda>
            @{[<li>@{[<b>@{total()
                           ^^^^^^^
          File "chat.ptml", line 10, in total
            return [divide(size)]
                    ^^^^^^^^^^^^
          File "chat.ptml", line 4, in divide
            return 1 / n
                   ^^^^^
        ZeroDivisionError: division by zero
        """
    )


def test_from_props(load: Load, tmp_path: Path) -> None:
    namespace = load(
        """\
        @component("Chat") @props {

            class Size:
                def half(self):
                    return f'''
                        {1 / 0}
                    '''
            x = [Size().half()]
        } @ptml {}
        """
    )
    assert failing(namespace["Chat"], tmp_path) == dedent(
        """\
        Traceback (most recent call last):
          File "chat.ptml", line 8, in Chat
            x = [Size().half()]
                 ^^^^^^^^^^^^^
          File "chat.ptml", line 6, in half
            {1 / 0}
             ^^^^^
        ZeroDivisionError: division by zero
        """
    )


def test_from_the_file_and_from_what_a_component_reads_at_once(load: Load, tmp_path: Path) -> None:
    with pytest.raises(NameError) as caught:
        load("\n\nHEAD = <h1>é @{missing}</h1>\n")
    assert text_of(caught.value, tmp_path) == dedent(
        """\
        Traceback (most recent call last):
          File "chat.ptml", line 3, in <module>
            HEAD = <h1>é @{missing}</h1>
                           ^^^^^^^
        NameError: name 'missing' is not defined
        """
    )


async def test_from_a_task(load: Load, tmp_path: Path) -> None:
    namespace = load(
        """\
        async def work():
            return [await step(<p>@{n}</p>), 1]

        n = 1

        async def step(view):
            1 / 0
        """
    )
    task = asyncio.ensure_future(namespace["work"]())
    await asyncio.wait([task])
    error = task.exception()
    assert isinstance(error, ZeroDivisionError)
    assert text_of(error, tmp_path) == dedent(
        """\
        Traceback (most recent call last):
          File "chat.ptml", line 2, in work
            return [await step(<p>@{n}</p>), 1]
                    ^^^^^^^^^^^^^^^^^^^^^^^
          File "chat.ptml", line 7, in step
            1 / 0
            ^^^^^
        ZeroDivisionError: division by zero
        """
    )
