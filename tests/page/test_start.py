"""The Python end of the page's start, on plain CPython."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from metafor.compiler import compile_source, to_portable
from metafor.page.start import run


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty app, and an interpreter that forgets it afterwards."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(app: Path, **files: str) -> None:
    for name, text in files.items():
        (app / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")


def main_globals() -> dict[str, object]:
    return sys.modules["__main__"].__dict__


async def test_main_runs_as_main_and_finds_what_is_beside_it(app: Path) -> None:
    write(
        app,
        main="import app_helper\nname, place, found = __name__, __file__, app_helper.X",
        app_helper="X = 3",
    )
    assert await run(str(app)) is None
    assert main_globals()["name"] == "__main__"
    assert main_globals()["place"] == str(app / "main.py")
    assert main_globals()["found"] == 3


async def test_await_is_allowed_at_the_top(app: Path) -> None:
    write(app, main="import asyncio\nawait asyncio.sleep(0)\ndone = True")
    assert await run(str(app)) is None
    assert main_globals()["done"] is True


async def test_templates_are_importable(app: Path) -> None:
    source = '@component("Hello") @props {\n    x = 1 / 0\n}\n\n@ptml { <p>@{x}</p> }\n'
    portable = to_portable(compile_source(source, "hello_page.ptml"))
    (app / "hello_page.ptml").write_text(source)
    (app / "hello_page.ptml.py").write_text(portable.source)
    (app / "hello_page.ptml.pos").write_text(portable.positions)
    write(app, main="import hello_page\nplace = hello_page.__file__")
    assert await run(str(app)) is None
    assert main_globals()["place"] == str(app / "hello_page.ptml")


async def test_a_traceback_begins_at_the_apps_own_code(app: Path) -> None:
    write(app, main="import app_helper\n\napp_helper.fail()",
          app_helper="def fail():\n    raise ValueError('no <b>luck</b>')")  # fmt: skip
    failure = await run(str(app))
    assert failure is not None
    text = failure.shown
    lines = [line for line in text.splitlines() if set(line.strip()) - set("~^")]
    assert lines == [
        "Traceback (most recent call last):",
        f'  File "{app}/main.py", line 3, in <module>',
        "    app_helper.fail()",
        f'  File "{app}/app_helper.py", line 2, in fail',
        "    raise ValueError('no <b>luck</b>')",
        "ValueError: no <b>luck</b>",
    ]


async def test_after_an_await_too(app: Path) -> None:
    write(app, main="import asyncio\nawait asyncio.sleep(0)\n1 / 0")
    failure = await run(str(app))
    assert failure is not None
    text = failure.shown
    assert text.splitlines()[1] == f'  File "{app}/main.py", line 3, in <module>'


async def test_a_syntax_error_shows_its_place_and_nothing_of_ours(app: Path) -> None:
    write(app, main="x = 1\ny = = 2\n")
    failure = await run(str(app))
    assert failure is not None
    text = failure.shown
    assert text.splitlines()[0] == f'  File "{app}/main.py", line 2'
    assert "SyntaxError" in text


async def test_a_syntax_error_of_a_module_shows_who_imported_it(app: Path) -> None:
    write(app, main="import app_helper", app_helper="def f(:\n")
    failure = await run(str(app))
    assert failure is not None
    text = failure.shown
    assert f'File "{app}/main.py", line 1, in <module>' in text
    assert f'File "{app}/app_helper.py", line 1' in text


async def test_frames_of_the_framework_are_left_to_the_console(app: Path) -> None:
    write(
        app,
        main="""\
        from metafor.core import create_root

        def setup(dispose):
            raise ValueError("no")

        try:
            create_root(setup)
        except ValueError as error:
            raise RuntimeError("wrapped") from error
    """,
    )
    failure = await run(str(app))
    assert failure is not None
    assert "metafor/core" in failure.whole
    assert "metafor/core" not in failure.shown
    assert f'File "{app}/main.py", line 4, in setup' in failure.shown
    assert f'File "{app}/main.py", line 7, in <module>' in failure.shown


async def test_an_error_of_the_framework_alone_keeps_its_last_frame(app: Path) -> None:
    write(app, main="")
    (app / "main.py").unlink()
    failure = await run(str(app))
    assert failure is not None
    assert "start.py" in failure.shown
    assert failure.shown.count("  File ") == 1


async def test_causes_are_shown(app: Path) -> None:
    write(
        app,
        main="""\
        try:
            {}["x"]
        except KeyError as error:
            raise RuntimeError("wrapped") from error
    """,
    )
    failure = await run(str(app))
    assert failure is not None
    text = failure.shown
    assert text.index("KeyError: 'x'") < text.index("direct cause") < text.index("RuntimeError: wrapped")


@pytest.mark.parametrize(
    ("argument", "expected"),
    [("", None), ("0", None), ("None", None), ("3", "The app called sys.exit(3)"),
     ("'why'", "The app called sys.exit('why')")],
)  # fmt: skip
async def test_sys_exit(app: Path, argument: str, expected: str | None) -> None:
    write(app, main=f"import sys\nsys.exit({argument})")
    assert await run(str(app)) == (expected and (expected, expected))


async def test_asyncio_run_where_it_cannot_block(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "run", asyncio.run)
    write(
        app,
        main="""\
        import asyncio
        seen = []

        async def first():
            seen.append("first")
            await asyncio.sleep(0)
            seen.append("first again")

        async def second():
            await asyncio.sleep(0)
            1 / 0

        asyncio.run(first(), debug=None)
        seen.append("main")
        asyncio.run(second())
    """,
    )
    failure = await run(str(app), blocking=False)
    assert main_globals()["seen"] == ["main", "first", "first again"]
    assert failure is not None
    text = failure.shown
    assert f'File "{app}/main.py", line 11, in second' in text


async def test_no_main(app: Path) -> None:
    failure = await run(str(app))
    assert failure is not None
    text = failure.shown
    assert "FileNotFoundError" in text


async def test_another_encoding(app: Path) -> None:
    (app / "main.py").write_bytes("# coding: latin-1\nx = 'é'\n".encode("latin-1"))
    assert await run(str(app)) is None
    assert main_globals()["x"] == "é"
